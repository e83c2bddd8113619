"""A head has as many names of classes as classes, each once, whenever they are told."""

import pytest

import charbert_tf
from tests.families.keras_heads import LABELS, TEXTS, make_head

HEADS = ["TextClassifier", "TokenClassifier"]
WRONG = {
    "too few": (LABELS[:2], "There are 3 classes and 2 labels: name each class once"),
    "too many": ([*LABELS, "x"], "There are 3 classes and 4 labels"),
    "twice": (["bad", "good", "bad"], "Several classes are called 'bad': give each"),
}


@pytest.mark.parametrize("name", HEADS)
def test_of_new_and_of_saved_heads(name, tokenizer, characters, words, tmp_path):
    head = make_head(f"{name} on BERT", tokenizer, characters, words)
    head.save_to_preset(tmp_path)
    for labels, message in WRONG.values():
        with pytest.raises(ValueError, match=message):
            type(head)(head.backbone, 3, labels=labels)
        with pytest.raises(ValueError, match=message):
            type(head).from_preset(str(tmp_path), labels=labels)
        with pytest.raises(ValueError, match=message):
            head.labels = labels
    assert head.labels == LABELS
    loaded = type(head).from_preset(str(tmp_path), labels=("x", "y", "z"))
    assert loaded.labels == loaded.get_config()["labels"] == ["x", "y", "z"]
    # A new head on its encoder has names of its own.
    with pytest.raises(ValueError, match="There are 2 classes and 3 labels"):
        type(head).from_preset(str(tmp_path), num_classes=2)
    fresh = type(head).from_preset(str(tmp_path), num_classes=2, labels=["x", "y"])
    assert fresh.labels == ["x", "y"]


def test_they_are_what_is_answered(tokenizer, characters, words):
    tagger = make_head("TokenClassifier on BERT", tokenizer, characters, words)
    before = tagger.tag(TEXTS[0]).tags
    tagger.labels = new = ["B-x", "O", "B-y"]
    after = tagger.tag(TEXTS[0]).tags
    assert after == tuple(new[LABELS.index(tag)] for tag in before)
    score = charbert_tf.TextClassifier(tagger.backbone, 1)
    assert score.labels == []
    with pytest.raises(ValueError, match="no labels, not num_classes=1"):
        score.labels = ["score"]
