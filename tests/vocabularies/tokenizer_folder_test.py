"""Tokenizers of folders, as Hugging Face and the authors keep them."""

import json

import keras_nlp
import pytest
import tensorflow as tf
import transformers

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer, write_tokenizer
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
    # As the first versions wrote it, and with the same special tokens said otherwise.
    content = json.loads((folder / "tokenizer.json").read_text())
    del content["model"]["type"]
    of_token = [{"SpecialToken": {"id": t, "type_id": 0}} for t in ("<s>", "</s>")]
    first, second = [{"Sequence": {"id": of, "type_id": 0}} for of in "AB"]
    content["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [of_token[0], first, of_token[1]],
        "pair": [of_token[0], first, of_token[1], of_token[1], second, of_token[1]],
        "special_tokens": {
            token: {"id": token, "ids": [content["model"]["vocab"][token]]}
            for token in ("<s>", "</s>")
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(content))
    assert token_ids(load_tokenizer(folder)) == token_ids(load_tokenizer(byte_pairs))
    del content["post_processor"]["pair"][2]
    (folder / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="'<s> A </s> B </s>' is not supported"):
        load_tokenizer(folder)

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


@pytest.mark.parametrize("adds_space", [False, True])
def test_added_tokens_of_byte_pairs(byte_pairs, tmp_path, adds_space):
    theirs = transformers.RobertaTokenizer(
        vocab=str(byte_pairs / "vocab.json"),
        merges=str(byte_pairs / "merges.txt"),
        add_prefix_space=adds_space,
    )
    theirs.add_tokens(["<e1>", "né", "Ġfine", "fine film"])
    theirs.add_tokens(["<E>"], special_tokens=True)
    texts = [
        *("a<e1>b <e1> fine <e1><e1>né", "<E> a<E>", "né", "In Ġfine fine film.", ""),
        *("fine  film fine film", " <e1>", "<e1> \n x", "<mask> </s>[<e1>]"),
    ]
    theirs.save_pretrained(tmp_path / "json")
    (tmp_path / "json" / "vocab.json").unlink(missing_ok=True)
    for folder in ("json", "written"):
        loaded = load_tokenizer(tmp_path / folder)
        plain = [text for text in texts if "mask" not in text]
        expected = theirs(plain, add_special_tokens=False, return_offsets_mapping=True)
        subwords = make_subword_tokenizer(loaded)(tf.constant(plain))
        assert subwords.token_ids.to_list() == expected["input_ids"]
        whole = [b"".join(pieces) for pieces in subwords.surfaces.to_list()]
        assert whole[1].decode() == "<E>Ġa<E>"
        # The model's own are ordinary text.
        ids = make_subword_tokenizer(loaded)(tf.constant(texts[-1:])).token_ids
        assert not set(ids.values.numpy()) & {0, 1, 2, 4}
        assert theirs.convert_tokens_to_ids("<e1>") in ids.values.numpy()
        again = type(loaded).from_config(loaded.get_config())
        again.set_vocabulary_and_merges(loaded.vocabulary, loaded.merges)
        repeated = make_subword_tokenizer(again)(tf.constant(plain))
        assert repeated.token_ids.to_list() == expected["input_ids"]
        (tmp_path / "written").mkdir(exist_ok=True)
        write_tokenizer(str(tmp_path / "written"), loaded, 512)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ({"lstrip": True}, "'<e1>' has lstrip, which is not supported"),
        ({"single_word": True}, "'<e1>' has single_word, which is not supported"),
        ({"id": 5_000}, "must map subwords to ids from 0 on"),
    ],
)
def test_added_tokens_that_byte_pairs_cannot_have(byte_pairs, token, message):
    id = len(json.loads((byte_pairs / "vocab.json").read_text()))
    token = {"content": "<e1>", **token}
    config = {"added_tokens_decoder": {str(token.pop("id", id)): token}}
    (byte_pairs / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=message):
        load_tokenizer(byte_pairs)


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
            "{",
            r'{"\udc00": 900, ',
            r"vocab.json: cannot be read as JSON (half a character, '\udc00', which",
        ),
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
        ("[" * 100_000, r"cannot be read as JSON \(it is nested too deeply\)"),
        (r'{"model": {"vocab": {"\ud83d": 5}}}', "cannot be read as JSON .half a char"),
        ('{"model": {}}', "is no tokenizer's file"),
        ('{"model": {"type": "Unigram", "vocab": []}}', "holds neither BERT's"),
    ],
)
def test_a_tokenizers_file_of_no_use(tmp_path, content, message):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(UserError, match=f"^{path}: {message}"):
        load_tokenizer(tmp_path)
