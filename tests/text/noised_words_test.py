"""Pretraining with RoBERTa's and XLM-R's words: spaces stay, words are noised whole.

Words are those of Hugging Face's own pre-tokenizer, or of plain Python.
"""

import random
import re

import numpy as np
import pytest
import tensorflow as tf
import tokenizers

import charbert_tf
from charbert_tf.text.byte_pair_subword_tokenizer import byte_symbols

WORDS = [
    "The",
    "FILM",
    "was",
    "naïve",
    "film's",
    "(dull)",
    "语",
    "1234",
    "it's...",
    "É",
]


@pytest.fixture(scope="module")
def texts():
    rng = random.Random(3)
    return [
        "".join(
            rng.choice([" ", " ", " ", "  ", "\t"]) + rng.choice(WORDS)
            for _ in range(rng.randint(0, 20))
        )
        for _ in range(200)
    ]


def roberta_words(text):
    """Words with the space before, and their strings as the surfaces have them."""
    pretokenize = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return [word for word, _ in pretokenize.pre_tokenize_str(text)]


def xlm_roberta_words(text):
    found = re.finditer(r"[^\W_]+|[^\w\s]", text)
    return [
        "▁" * (match.start() == 0 or text[match.start() - 1].isspace()) + match[0]
        for match in found
    ]


SPACES = {"roberta": "Ġ", "xlm_roberta": "▁"}
REFERENCES = {"roberta": roberta_words, "xlm_roberta": xlm_roberta_words}


@pytest.fixture(scope="module", params=list(SPACES))
def encoder(request):
    return request.param


@pytest.fixture(scope="module")
def make(encoder, tokenizers, characters, words):
    def make(noise_rate, mask_rate):
        return charbert_tf.PretrainerPreprocessor(
            tokenizers[encoder],
            characters,
            words,
            noise_rate,
            mask_rate,
            noise_characters="xyz",
            sequence_length=512,
        )

    return make


def in_text(surfaces, encoder):
    """What surfaces stand for, the space before them too."""
    if encoder == "xlm_roberta":
        return surfaces.replace("▁", " ")
    byte_of = {symbol: byte for byte, symbol in enumerate(byte_symbols())}
    return bytes(byte_of[symbol] for symbol in surfaces).decode()


def is_one_edit(old, new):
    if len(old) < 4:
        return any(new == old[:i] + c + old[i:] for i in range(len(old)) for c in "xyz")
    dropped = [old[:i] + old[i + 1 :] for i in range(len(old))]
    swapped = [
        old[:i] + old[i + 1] + old[i] + old[i + 2 :] for i in range(1, len(old) - 1)
    ]
    return new in dropped + swapped


def test_noise_leaves_spaces_and_other_words_alone(make, encoder, texts, words):
    space = SPACES[encoder]
    preprocess = make(0.4, 0.0)
    batch = tf.constant(texts)
    subwords = preprocess.noise_subwords(batch, tf.range(len(texts)), (1, 2))
    noised_count, number = 0, 0
    rows = (values.to_list() for values in subwords)
    for text, _, surfaces, word_ids, labels in zip(texts, *rows, strict=True):
        expected = REFERENCES[encoder](text)
        noised, labels_of = [""] * len(expected), [set() for _ in expected]
        for surface, word, label in zip(surfaces, word_ids, labels, strict=True):
            noised[word - number] += surface.decode()
            labels_of[word - number].add(label)
        number += len(expected)
        for old, new, label in zip(expected, noised, labels_of, strict=True):
            if label == {-1}:
                assert new == old
                continue
            noised_count += 1
            assert old.startswith(space) == new.startswith(space)
            old, new = (
                in_text(word.removeprefix(space), encoder) for word in (old, new)
            )
            assert old.strip()
            assert is_one_edit(old, new), (old, new)
            lowered = old.lower()
            id = words.index(lowered) if lowered in words else len(words) - 1
            assert label == {id}
    assert noised_count > 500


def test_noised_words_are_tokenized_as_any_text(make, encoder, texts):
    preprocess = make(0.4, 0.0)
    subwords = preprocess.noise_subwords(
        tf.constant(texts), tf.range(len(texts)), (1, 2)
    )
    # XLM-R's subwords may depend on the whole text, RoBERTa's on the word alone.
    pieces, ids_of = {}, {}
    rows = (values.to_list() for values in subwords[:3])
    for row, values in enumerate(zip(*rows, strict=True)):
        for id, surface, word in zip(*values, strict=True):
            key = word if encoder == "roberta" else row
            pieces[key] = pieces.get(key, "") + surface.decode()
            ids_of.setdefault(key, []).append(id)
    expected = preprocess.subword_tokenizer(
        tf.constant([in_text(piece, encoder) for piece in pieces.values()])
    )
    assert list(ids_of.values()) == expected.token_ids.to_list()


def test_masks_are_whole_words(make, encoder, texts):
    preprocess = make(0.0, 0.3)
    examples = preprocess.subword_tokenizer(tf.constant(texts))
    features, labels, weights = preprocess(texts)
    features = {name: value.numpy() for name, value in features.items()}
    assert "segment_ids" not in features
    masked_words = total = 0
    for row, text in enumerate(texts):
        positions = {
            int(position): int(label)
            for position, label, weight in zip(
                features["mlm_positions"][row],
                labels["mlm_logits"][row].numpy(),
                weights["mlm_logits"][row].numpy(),
                strict=True,
            )
            if weight
        }
        ids = examples.token_ids[row].numpy()
        surfaces = [s.decode() for s in examples.surfaces[row].numpy()]
        assert features["padding_mask"][row].sum() == len(ids) + 2
        shown = features["char_ids"][row]
        for position, label in positions.items():
            assert label == ids[position - 1]
            start, end = (
                features[f"char_{side}"][row, position] for side in ("starts", "ends")
            )
            assert start == end
            assert shown[start] == 0
        position = 1
        for word in REFERENCES[encoder](text):
            of_word, length = [], 0
            while length < len(word):
                of_word.append(position in positions)
                length += len(surfaces[position - 1])
                position += 1
            assert len(set(of_word)) == 1
            masked_words += of_word[0]
            total += 1
        assert position == len(ids) + 1
    assert 0.2 < masked_words / total < 0.4
    assert np.isin(preprocess.subword_tokenizer.mask_token_id, features["token_ids"])
