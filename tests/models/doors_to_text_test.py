"""Every door to a folder reads its text as transformers does, whatever is odd in it."""

import json

import pytest
import transformers

import charbert_tf
from charbert_tf.checkpoints import load_huggingface
from charbert_tf.files.errors import UserError
from charbert_tf.models.model_folder import load_model_tokenizer
from tests import transformers_models as hf

PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "sch", "##o", "##ö", "##n", "f"),
    *("##u", "##ü", "##r", "Sch", "ก", "##ก", "б", "##б", "…", "½", "1", "⁄", "2"),
    *("™", "t", "##m", "tm", "ß", "s", "##s", "ﬁ", "fi", "co", "##op", "op", "."),
    *("[", "]", "mask", "MASK", "<", ">", "/", "e", "##1", "語", "##語"),
]
TEXTS = [
    *("Schön für", "ก" * 34, "б" * 51, "… ½ ™ ß ﬁ", "co\u00adop", "co\u200dop 語語"),
    *("co\u200bop", "\ufeffco co\ufeffop", "<e1>Schön<e1>"),
]
OPEN = "do_lower_case"
CASES = {
    "uncased": {OPEN: True},
    "cased": {OPEN: False},
    "accents kept": {OPEN: True, "strip_accents": False},
    "accents stripped": {OPEN: False, "strip_accents": True},
    "no ideographs": {OPEN: True, "tokenize_chinese_chars": False},
}


def rows_of(preprocessor):
    features = preprocessor(TEXTS)
    mask = features["padding_mask"].numpy().astype(bool)
    ids = features["token_ids"].numpy()
    return [row[real].tolist()[1:-1] for row, real in zip(ids, mask, strict=True)]


def through_every_door(folder):
    """The ids of the texts through each door, by its name."""
    head = charbert_tf.TextClassifier.from_preset(folder, num_classes=2)
    tagger = charbert_tf.TokenClassifierPreprocessor.from_preset(folder)
    return {
        "head": rows_of(head.preprocessor),
        "preprocessor": rows_of(
            charbert_tf.TextClassifierPreprocessor.from_preset(folder)
        ),
        "another task's": tagger.tokenizer(TEXTS).to_list(),
        "command": load_model_tokenizer(folder)(TEXTS).to_list(),
        "checkpoint": load_huggingface(folder)
        .pretrainer.preprocessor.tokenizer(TEXTS)
        .to_list(),
    }


@pytest.fixture
def folder(tmp_path):
    size = len(PIECES) + 1
    model = hf.random_model(
        "BertForMaskedLM", vocab_size=size, max_position_embeddings=64
    )
    model.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "only_json", [False, True], ids=["vocab.txt", "tokenizer.json"]
)
@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
@pytest.mark.sampled(3)
def test_one_reader_behind_every_door(folder, settings, only_json):
    theirs = transformers.BertTokenizer(str(folder / "vocab.txt"), **settings)
    theirs.add_tokens(["<e1>"])
    expected = theirs(TEXTS, add_special_tokens=False)["input_ids"]
    assert any(len(PIECES) in row for row in expected)
    if only_json:
        theirs.backend_tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "vocab.txt").unlink()
    else:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        (folder / "added_tokens.json").write_text(json.dumps({"<e1>": len(PIECES)}))
    for door, ids in through_every_door(str(folder)).items():
        assert ids == expected, door


def test_keras_own_door_is_shut(folder):
    """It would read the vocabulary and the lower-casing alone."""
    with pytest.raises(
        UserError, match=r"with charbert_tf\.vocabularies\.load_tokeniz"
    ):
        charbert_tf.BertTokenizer.from_preset(str(folder))
    # The remedy that is named.
    tokenizer = charbert_tf.vocabularies.load_tokenizer(str(folder))
    expected = transformers.BertTokenizer.from_pretrained(folder, do_lower_case=False)
    expected = expected(TEXTS, add_special_tokens=False)["input_ids"]
    assert tokenizer(TEXTS).to_list() == expected


def test_special_tokens_in_text_are_ordinary_text(folder):
    preprocessor = charbert_tf.TextClassifierPreprocessor.from_preset(str(folder))
    ids = preprocessor.tokenizer("[MASK] [SEP] </s>").numpy()
    assert not set(ids) & {2, 3, 4}
    assert PIECES[ids[0]] == "["


def test_rows_without_a_token_are_told(folder, capsys):
    charbert_tf.TextClassifierPreprocessor.from_preset(str(folder))
    assert (
        f"warning: {folder}: the tokenizer has {len(PIECES)} subwords, the model "
        f"{len(PIECES) + 1}: the last 1 are never used; if tokens were added"
    ) in capsys.readouterr().err
    # The advice that it gives.
    (folder / "added_tokens.json").write_text(json.dumps({"<e1>": len(PIECES)}))
    charbert_tf.TextClassifierPreprocessor.from_preset(str(folder))
    assert "never used" not in capsys.readouterr().err
    (folder / "vocab.txt").write_text("\n".join([*PIECES, "a", "b"]), "utf-8")
    with pytest.raises(UserError):
        charbert_tf.TextClassifierPreprocessor.from_preset(str(folder))
