"""The card of a preset that is saved in Python, whichever model it holds."""

import charbert_tf
from tests.families.keras_heads import make_head


def card_of(model, folder):
    model.save_to_preset(str(folder))
    return (folder / "README.md").read_text()


def test_every_preset_has_a_card(tokenizer, characters, words, tmp_path):
    head = make_head("TextClassifier on CharBERT", tokenizer, characters, words)
    card = card_of(head, tmp_path / "head")
    assert card.startswith(
        "# TextClassifier\n\n`charbert_tf.TextClassifier.from_preset(...)` loads this"
    )
    assert "CharBertBackbone: 1 layers, hidden size 8, with the character" in card
    assert "| labels | bad, fine, good |" in card
    assert "Saved in Python" in card and "It sees 16 tokens" in card
    card = card_of(head.backbone, tmp_path / "backbone")
    assert card.startswith("# CharBertBackbone\n")
    card = card_of(head.backbone.encoder, tmp_path / "encoder")
    assert card.startswith("# BertEncoder\n") and "without the character" in card
    recognizer = charbert_tf.WordRecognizer(["film", "<unk>"], ["a", "<unk>"])
    card = card_of(recognizer, tmp_path / "recognizer")
    assert card.startswith("# WordRecognizer\n") and "encoder" not in card


def test_what_a_user_wrote_stays(tokenizer, characters, words, tmp_path):
    head = make_head("TextClassifier on BERT", tokenizer, characters, words)
    before = card_of(head.backbone, tmp_path)
    # Another model in the same folder has another card,
    assert card_of(head, tmp_path) != before
    (tmp_path / "README.md").write_text("Mine.")
    # but none instead of a user's own.
    assert card_of(head, tmp_path) == "Mine."


def test_labels_may_be_many_and_have_bars(tokenizer, characters, words, tmp_path):
    names = [f"{number}|{number}" for number in range(60)]
    head = make_head(
        *("TextClassifier on BERT", tokenizer, characters, words),
        num_classes=60,
        labels=names,
    )
    card = card_of(head, tmp_path)
    assert r"| 0\|0, 1\|1, " in card and r"49\|49 and 10 more |" in card


class OwnClassifier(charbert_tf.TextClassifier):
    """A head of a user's own."""


def test_a_head_from_outside_is_named_by_its_module(
    tokenizer, characters, words, make_encoder, tmp_path
):
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer)
    head = OwnClassifier(make_encoder(), 2, preprocessor=preprocessor)
    card = card_of(head, tmp_path)
    assert f"`{__name__}.OwnClassifier.from_preset(...)` loads" in card
