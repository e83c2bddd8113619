"""Tokenizers of folders, as Hugging Face and the authors keep them."""

import json

import keras_nlp
import pytest
import tensorflow as tf
import transformers

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary

TEXTS = ["The fine film's in Rome.", " a\n\nfine, fine film", "naïve 語"]


def write_byte_pairs(folder, tokenizer):
    vocabulary = dict(tokenizer.vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    write_vocabulary(folder / "merges.txt", ["#version: 0.2", *tokenizer.merges])


def token_ids(tokenizer):
    return make_subword_tokenizer(tokenizer)(tf.constant(TEXTS)).token_ids.to_list()


@pytest.fixture
def byte_pairs(tmp_path, byte_pair_tokenizer):
    write_byte_pairs(tmp_path, byte_pair_tokenizer)
    return tmp_path


def test_byte_pairs(byte_pairs, byte_pair_tokenizer):
    loaded = load_tokenizer(byte_pairs)
    assert type(loaded) is keras_nlp.models.RobertaTokenizer
    assert not loaded.add_prefix_space
    assert token_ids(loaded) == token_ids(byte_pair_tokenizer)
    (byte_pairs / "tokenizer_config.json").write_text('{"add_prefix_space": true}')
    assert load_tokenizer(byte_pairs).add_prefix_space


def test_sentence_pieces(tmp_path, sentence_piece_tokenizer):
    path = tmp_path / "sentencepiece.bpe.model"
    path.write_bytes(sentence_piece_tokenizer.proto)
    loaded = load_tokenizer(tmp_path)
    assert type(loaded) is keras_nlp.models.XLMRobertaTokenizer
    assert token_ids(loaded) == token_ids(sentence_piece_tokenizer)
    path.write_bytes(b"no model")
    with pytest.raises(UserError, match=f"^{path}: is no SentencePiece model: "):
        load_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("pieces", "config", "lowercase"),
    [
        (["film"], '{"do_lower_case": false}', False),
        (["Film"], '{"do_lower_case": true}', True),
        (["Film"], None, False),
        (["film", "[unused1]", "語"], None, True),
        (["film", "##É"], "{}", False),
        (["film", "<S>", "##{T}", "[E1]"], None, True),
    ],
)
def test_whether_word_pieces_are_lower_cased(tmp_path, pieces, config, lowercase):
    special_tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    write_vocabulary(tmp_path / "vocab.txt", [*special_tokens, *pieces])
    if config is not None:
        (tmp_path / "tokenizer_config.json").write_text(config)
    loaded = load_tokenizer(tmp_path)
    assert type(loaded) is charbert_tf.BertTokenizer
    assert loaded.lowercase is lowercase
    assert loaded.get_vocabulary() == [*special_tokens, *pieces]


def test_the_file_that_transformers_writes(tmp_path, byte_pairs, word_pieces):
    theirs = transformers.RobertaTokenizer(
        vocab=str(byte_pairs / "vocab.json"), merges=str(byte_pairs / "merges.txt")
    )
    folder = tmp_path / "roberta"
    theirs.save_pretrained(folder)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink(missing_ok=True)
    assert token_ids(load_tokenizer(folder)) == token_ids(load_tokenizer(byte_pairs))

    write_vocabulary(tmp_path / "vocab.txt", word_pieces)
    folder = tmp_path / "bert"
    transformers.BertTokenizer(
        vocab=str(tmp_path / "vocab.txt"), do_lower_case=False
    ).save_pretrained(folder)
    (folder / "vocab.txt").unlink(missing_ok=True)
    loaded = load_tokenizer(folder)
    assert loaded.get_vocabulary() == word_pieces
    assert loaded.lowercase is False


def test_ids_are_those_of_transformers(byte_pairs):
    theirs = transformers.RobertaTokenizer(
        vocab=str(byte_pairs / "vocab.json"), merges=str(byte_pairs / "merges.txt")
    )
    expected = theirs(TEXTS, add_special_tokens=False)["input_ids"]
    assert token_ids(load_tokenizer(byte_pairs)) == expected


def test_the_authors_folders(shared):
    bert = load_tokenizer(shared / "parity" / "bert")
    assert (bert.vocabulary_size(), bert.lowercase) == (900, False)
    roberta = load_tokenizer(shared / "parity" / "roberta")
    assert (roberta.vocabulary_size(), len(roberta.merges)) == (900, 639)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("vocab.json", "{", "[", "vocab.json: cannot be read as JSON ("),
        (
            "vocab.json",
            '"<mask>": 4',
            '"<mask>": 1',
            "vocab.json: must map subwords to",
        ),
        (
            "vocab.json",
            '"<mask>"',
            '"mask"',
            "vocab.json: the vocabulary lacks <mask>: ",
        ),
        ("merges.txt", "Ġ t\n", "Ġ t\nĠ \n", "merges.txt:3: 'Ġ ' is no merge, two"),
        (
            "merges.txt",
            "Ġ t\n",
            "q z\n",
            "merges.txt:2: 'qz' is not in the vocabulary: ",
        ),
    ],
)
def test_damaged_byte_pairs(byte_pairs, name, old, new, message):
    text = (byte_pairs / name).read_text("utf-8")
    text = json.dumps(json.loads(text), ensure_ascii=False) if "json" in name else text
    assert old in text
    (byte_pairs / name).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(UserError) as raised:
        load_tokenizer(byte_pairs)
    assert str(raised.value).startswith(f"{byte_pairs}/{message}")


def test_files_that_are_missing(byte_pairs, tmp_path):
    (byte_pairs / "merges.txt").unlink()
    with pytest.raises(UserError, match=r"vocab\.json needs merges\.txt beside it: "):
        load_tokenizer(byte_pairs)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=f"^{empty}: holds no tokenizer, that is "):
        load_tokenizer(empty)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        ('{"model": {}}', "is no tokenizer's file"),
        ('{"model": {"type": "Unigram", "vocab": []}}', "holds neither BERT's"),
    ],
)
def test_a_tokenizers_file_of_no_use(tmp_path, content, message):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(UserError, match=f"^{path}: {message}"):
        load_tokenizer(tmp_path)
