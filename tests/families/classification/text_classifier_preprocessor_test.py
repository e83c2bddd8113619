"""Texts and pairs of texts: packing and truncation against plain Python."""

import json
import random

import pytest
import transformers

import charbert_tf
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary

ROOM = 12


@pytest.fixture(scope="module")
def preprocess(tokenizer, characters):
    return charbert_tf.TextClassifierPreprocessor(
        tokenizer, characters, sequence_length=ROOM
    )


@pytest.fixture(scope="module")
def text_pairs():
    """300 pairs of texts of 0 to 17 one-letter words."""
    rng = random.Random(0)

    def text():
        return [rng.choice("etaoinE") for _ in range(rng.randint(0, 17))]

    return [(text(), text()) for _ in range(300)]


def longest_first(first, second):
    """Drops the last of the longer one, or of the second, until both fit."""
    first, second = list(first), list(second)
    while len(first) + len(second) > ROOM - 3:
        (first if len(first) > len(second) else second).pop()
    return first, second


def as_lists(features):
    return {name: value.numpy().tolist() for name, value in features.items()}


def test_pairs_lose_from_the_longer_one_first(
    preprocess, text_pairs, word_pieces, characters
):
    texts = [(" ".join(first), " ".join(second)) for first, second in text_pairs]
    features = as_lists(preprocess(tuple(zip(*texts, strict=True))))
    for row, pair in enumerate(text_pairs):
        first, second = longest_first(*pair)
        tokens = ["[CLS]", *first, "[SEP]", *second, "[SEP]"]
        padding = [0] * (ROOM - len(tokens))
        segment_ids = [0] * (len(first) + 2) + [1] * (len(second) + 1)
        char_ids = [0 if len(t) > 1 else characters.index(t) for t in tokens]
        char_ids = [id for character in char_ids for id in (character, 0)]
        token_ids = [word_pieces.index(token) for token in tokens]
        assert features["token_ids"][row] == token_ids + padding
        assert features["segment_ids"][row] == segment_ids + padding
        assert features["padding_mask"][row] == [1] * len(tokens) + padding
        assert features["char_ids"][row] == char_ids + 2 * padding
    assert any(len(a) + len(b) > ROOM - 3 for a, b in text_pairs)


def test_a_lone_text_is_cut_before_its_separator(preprocess, text_pairs, word_pieces):
    texts = [first for first, _ in text_pairs]
    features = as_lists(preprocess([" ".join(text) for text in texts]))
    for row, text in enumerate(texts):
        tokens = ["[CLS]", *text[: ROOM - 2], "[SEP]"]
        padding = [0] * (ROOM - len(tokens))
        token_ids = [word_pieces.index(token) for token in tokens]
        assert features["token_ids"][row] == token_ids + padding
        assert features["padding_mask"][row] == [1] * len(tokens) + padding
        assert features["segment_ids"][row] == [0] * ROOM


def test_labels_and_weights_pass(preprocess):
    features, labels, weights = preprocess(["a", "e"], [1, 0], [0.5, 2.0])
    assert as_lists(features) == as_lists(preprocess(["a", "e"]))
    assert labels == [1, 0]
    assert weights == [0.5, 2.0]


def test_without_characters(tokenizer):
    preprocess = charbert_tf.TextClassifierPreprocessor(tokenizer)
    assert sorted(preprocess(["a"])) == ["padding_mask", "segment_ids", "token_ids"]


def test_invalid_bytes_do_not_fail(preprocess):
    damaged = as_lists(preprocess([b"fine \xff\xc3 film"]))
    assert damaged == as_lists(preprocess(["fine \ufffd\ufffd film"]))


def test_roberta_packs_as_transformers_does(tmp_path, byte_pair_tokenizer, text_pairs):
    (tmp_path / "vocab.json").write_text(
        json.dumps(dict(byte_pair_tokenizer.vocabulary))
    )
    write_vocabulary(tmp_path / "merges.txt", byte_pair_tokenizer.merges)
    theirs = transformers.RobertaTokenizer(
        vocab=str(tmp_path / "vocab.json"), merges=str(tmp_path / "merges.txt")
    )
    preprocess = charbert_tf.TextClassifierPreprocessor(
        byte_pair_tokenizer, sequence_length=ROOM
    )
    texts = [(" ".join(first), " ".join(second)) for first, second in text_pairs]
    first, second = zip(*texts, strict=True)
    for arguments, features in (
        ((first,), preprocess(list(first))),
        ((first, second), preprocess((list(first), list(second)))),
    ):
        arguments = [list(texts) for texts in arguments]
        expected = theirs(
            *arguments, truncation="longest_first", max_length=ROOM, padding="longest"
        )
        features = as_lists(features)
        assert sorted(features) == ["padding_mask", "token_ids"]
        # Of two equally long texts transformers shortens the other one.
        for ids, mask, row in zip(
            features["token_ids"], features["padding_mask"], range(300), strict=True
        ):
            a, b = (len(values[row].split()) for values in (first, second))
            if len(arguments) == 1 or abs(a - b) != 0:
                assert ids == expected["input_ids"][row]
            assert mask == expected["attention_mask"][row]
