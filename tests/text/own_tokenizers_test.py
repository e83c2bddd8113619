"""A preset's text stays what it was when the preset was made."""

import json
import pathlib

import keras
import keras_nlp
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.files.errors import warn_once
from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.own_tokenizers import load_preset_tokenizer

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "…", "½"]
PIECES += ["1", "##⁄", "##2"]
TEXTS = ["…", "½"]
OLD, NEW = [[2, 5, 5, 5, 3], [2, 8, 9, 10, 3]], [[2, 6, 3], [2, 7, 3]]


def rows(preprocessor):
    features = preprocessor(TEXTS)
    ids = tf.RaggedTensor.from_tensor(features["token_ids"], padding=0)
    return ids.to_list()


@pytest.fixture
def preset(tmp_path):
    tokenizer = charbert_tf.BertTokenizer(PIECES, lowercase=True)
    backbone = charbert_tf.BertEncoder(
        vocabulary_size=len(PIECES),
        num_layers=1,
        num_heads=1,
        hidden_dim=4,
        intermediate_dim=4,
    )
    backbone.save_to_preset(tmp_path)
    charbert_tf.TextClassifierPreprocessor(tokenizer).save_to_preset(tmp_path)
    return tmp_path


def make_old(preset):
    """Writes the tokenizer as presets had it before there was a version."""
    old = keras_nlp.models.BertTokenizer(PIECES, lowercase=True)
    saved = json.loads(json.dumps(keras.saving.serialize_keras_object(old)))
    (preset / "tokenizer.json").write_text(json.dumps(saved))
    path = preset / "preprocessor.json"
    preprocessor = json.loads(path.read_text())
    preprocessor["config"]["tokenizer"] = saved
    path.write_text(json.dumps(preprocessor))


def test_a_new_preset_has_berts_text(preset, capsys):
    cls = charbert_tf.TextClassifierPreprocessor
    assert rows(cls.from_preset(str(preset))) == NEW
    assert load_preset_tokenizer(str(preset))(TEXTS).to_list() == [[6], [7]]
    assert "normalizer_version" not in capsys.readouterr().err


def test_an_old_preset_keeps_its_text_and_says_so(preset, tmp_path_factory, capsys):
    make_old(preset)
    cls = charbert_tf.TextClassifierPreprocessor
    warn_once.cache_clear()
    preprocessor = cls.from_preset(str(preset))
    assert capsys.readouterr().err.startswith("warning: a preset names no normalizer_")
    assert rows(preprocessor) == OLD
    tokenizer = load_preset_tokenizer(str(preset))
    assert capsys.readouterr().err == ""
    assert tokenizer(TEXTS).to_list() == [row[1:-1] for row in OLD]
    # Saved again, it still has it.
    again = tmp_path_factory.mktemp("again")
    preprocessor.save_to_preset(again)
    assert (
        json.loads((again / "tokenizer.json").read_text())["config"][
            "normalizer_version"
        ]
        == 1
    )


def test_keras_nlps_tokenizer_gets_berts_text():
    tokenizer = keras_nlp.models.BertTokenizer(PIECES, lowercase=True)
    assert rows(charbert_tf.TextClassifierPreprocessor(tokenizer)) == NEW


def test_a_version_of_the_future_is_refused():
    with pytest.raises(ValueError, match="install a newer one"):
        charbert_tf.BertTokenizer(PIECES, normalizer_version=3)


@pytest.mark.parametrize("of", [str, pathlib.Path])
def test_a_file_of_word_pieces_is_as_a_list_of_them(tmp_path, of):
    path = tmp_path / "vocab.txt"
    # White space that is an entry of its own, which keras-nlp would cut off.
    pieces = [*PIECES, "\u3000", ""]
    path.write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    added = [AddedToken("<e1>", len(pieces) + 1), AddedToken("<e2>", len(pieces))]
    expected = charbert_tf.BertTokenizer(pieces, added_tokens=added)
    tokenizer = charbert_tf.BertTokenizer(of(path), added_tokens=added)
    assert tokenizer.get_vocabulary() == [*pieces, "<e2>", "<e1>"]
    assert tokenizer.get_vocabulary() == expected.get_vocabulary()
    assert tokenizer.vocabulary_size() == len(pieces) + 2
    encoder = charbert_tf.BertEncoder(tokenizer.vocabulary_size(), 1, 1, 4, 4)
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer)
    features = preprocessor(["<e1>1<e2>"])
    assert features["token_ids"].numpy().max() == len(pieces) + 1
    assert encoder(features)["sequence_output"].shape == (1, 5, 4)


def test_no_file_is_read_for_a_model_of_anybodys(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(PIECES), encoding="utf-8")
    tokenizer = charbert_tf.BertTokenizer(PIECES)
    saved = keras.saving.serialize_keras_object(tokenizer)
    saved["config"]["vocabulary"] = str(path)
    # Keras makes one of its own of keras-hub's error.
    with pytest.raises(TypeError, match="disallowed by default"):
        keras.saving.deserialize_keras_object(saved, safe_mode=True)
    keras.saving.deserialize_keras_object(saved, safe_mode=False)
