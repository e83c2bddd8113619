"""Pretraining examples: what is noised, what is masked, and which labels tell it.

Texts are of letters and spaces, so that the words, and what became of them, can be
read from the features alone.
"""

import math
import random
import string

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

CHARACTERS = [" ", *string.ascii_letters, *string.digits, *"äöü!?.,:;-–—€$%&", "<unk>"]
SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def make(tokenizer, words):
    def make(noise_rate=0.15, mask_rate=0.1, **arguments):
        arguments = {"noise_characters": string.ascii_lowercase} | arguments
        arguments = {"characters": CHARACTERS, "words": words} | arguments
        return charbert_tf.PretrainerPreprocessor(
            tokenizer,
            noise_rate=noise_rate,
            mask_rate=mask_rate,
            **{"sequence_length": 512, **arguments},
        )

    return make


@pytest.fixture(scope="module")
def texts(words):
    """1,000 texts of 20 to 60 words; some words are in the vocabulary, some are not."""
    rng = random.Random(0)

    def word():
        letters = "".join(rng.choices(string.ascii_letters, k=rng.randint(1, 8)))
        known = rng.choice(words[:-1])
        return rng.choice([letters, known, known.capitalize(), known.upper()])

    return [" ".join(word() for _ in range(rng.randint(20, 60))) for _ in range(1_000)]


def in_graph(preprocess):
    """As in a pipeline: slow to make, then ten times as fast."""
    return tf.function(preprocess, [tf.TensorSpec([None], tf.string)])


class Example:
    """One example, read from the features, labels and weights of a batch."""

    def __init__(self, batch, row):
        features, labels, weights = batch
        length = int(features["padding_mask"][row].sum())
        self.token_ids = features["token_ids"][row, :length].tolist()
        self.starts = features["char_starts"][row, :length].tolist()
        self.ends = features["char_ends"][row, :length].tolist()
        self.char_ids = features["char_ids"][row, : self.ends[-1] + 2].tolist()
        self.surfaces = [
            "".join(CHARACTERS[id] for id in self.char_ids[start : end + 1]).strip()
            for start, end in zip(self.starts, self.ends, strict=True)
        ]
        self.mlm, self.nlm = (
            {
                int(position): int(label)
                for position, label, weight in zip(
                    features[f"{name}_positions"][row],
                    labels[f"{name}_logits"][row],
                    weights[f"{name}_logits"][row],
                    strict=True,
                )
                if weight > 0
            }
            for name in ("mlm", "nlm")
        )

    def words(self, word_pieces):
        """The positions of each word: a piece with "##" goes on with one."""
        words = []
        for position, id in enumerate(self.token_ids[1:-1], start=1):
            if word_pieces[id].startswith("##"):
                words[-1].append(position)
            else:
                words.append([position])
        return words


def examples(preprocess, texts):
    batch = preprocess(tf.constant(texts))
    batch = tf.nest.map_structure(lambda value: value.numpy(), batch)
    return [Example(batch, row) for row in range(len(texts))]


@pytest.fixture(scope="module")
def noised(make, texts):
    return examples(in_graph(make(mask_rate=0.0)), texts)


@pytest.fixture(scope="module")
def masked(make, texts):
    """The same noise: it does not depend on the masks."""
    return examples(in_graph(make()), texts)


def check_share(count, total, share):
    assert abs(count - share * total) < 3 * math.sqrt(total * share * (1 - share))


def test_nlm_labels_tell_the_original_word(noised, texts, words, word_pieces):
    total = labelled = 0
    for example, text in zip(noised, texts, strict=True):
        originals = text.split()
        positions = example.words(word_pieces)
        assert len(positions) == len(originals)
        assert example.nlm.keys() <= {p for of_word in positions for p in of_word}
        for original, of_word in zip(originals, positions, strict=True):
            labels = [example.nlm.get(position) for position in of_word]
            total += 1
            if labels[0] is None:
                assert set(labels) == {None}
                assert "".join(example.surfaces[p] for p in of_word) == original
            else:
                lowered = original.lower()
                id = words.index(lowered) if lowered in words else len(words) - 1
                assert set(labels) == {id}
                labelled += 1
    check_share(labelled, total, 0.15)


def test_the_label_is_lower_cased_whatever_the_alphabet(make):
    preprocess = make(noise_rate=1.0, mask_rate=0.0, words=["été", "жук", "<unk>"])
    of_words = examples(preprocess, ["ÉTÉ", "Жук", "Jukes"])
    assert [set(example.nlm.values()) for example in of_words] == [{0}, {1}, {2}]


def test_masks_are_whole_words_that_are_not_noised(masked, noised, word_pieces):
    shares = []
    for example, original in zip(masked, noised, strict=True):
        assert example.nlm == original.nlm
        assert not example.mlm.keys() & example.nlm.keys()
        positions = original.words(word_pieces)
        for of_word in positions:
            assert len({position in example.mlm for position in of_word}) == 1
        count = sum(map(len, positions))
        assert all(0 < position <= count for position in example.mlm)
        shares.append(len(example.mlm) / count)
    standard_error = np.std(shares) / math.sqrt(len(shares))
    assert abs(np.mean(shares) - 0.1) < 3 * standard_error


def test_mlm_labels_tell_the_original_token(masked, noised, word_pieces):
    became = {"mask": 0, "other": 0, "same": 0}
    for example, original in zip(masked, noised, strict=True):
        for position, (new, old) in enumerate(
            zip(example.token_ids, original.token_ids, strict=True)
        ):
            if position not in example.mlm:
                assert new == old
                continue
            assert example.mlm[position] == old
            if word_pieces[new] == "[MASK]":
                became["mask"] += 1
            else:
                assert word_pieces[new] not in SPECIAL_TOKENS
                became["same" if new == old else "other"] += 1
    total = sum(became.values())
    chance = 0.1 / (len(word_pieces) - len(SPECIAL_TOKENS))
    check_share(became["mask"], total, 0.8)
    check_share(became["other"], total, 0.1 - chance)
    check_share(became["same"], total, 0.1 + chance)


def test_a_masked_words_characters_are_gone(masked, noised):
    for example, original in zip(masked, noised, strict=True):
        char_ids, starts, ends = [], [], []
        for position, surface in enumerate(original.surfaces):
            shown = "" if position in example.mlm else surface
            starts.append(len(char_ids))
            char_ids += [CHARACTERS.index(c) for c in shown] or [0]
            ends.append(len(char_ids) - 1)
            char_ids.append(0)
        assert example.char_ids == char_ids
        assert example.starts == starts
        assert example.ends == ends


def test_only_seed_and_text_count(make, texts):
    preprocess = in_graph(make(sequence_length=100))
    # The last ones are so much longer that they are cut.
    texts = ["", "a", *texts[:60], *(" ".join(texts[60 + i : 65 + i]) for i in (0, 5))]
    expected = [vars(example) for example in examples(preprocess, texts)]

    def same(texts):
        return [vars(example) for example in examples(preprocess, texts)]

    assert same(texts[::-1]) == expected[::-1]
    sevens = [same(texts[i : i + 7]) for i in range(0, len(texts), 7)]
    assert [example for batch in sevens for example in batch] == expected
    assert [same([text])[0] for text in texts[:5]] == expected[:5]
    assert same(texts[-1:]) == expected[-1:]
    assert len(expected[-1]["token_ids"]) == 100
    other_seed = make(sequence_length=100, seed=1)
    others = [vars(example) for example in examples(other_seed, texts[2:12])]
    assert not any(example in expected for example in others)


def test_the_80_most_frequent_characters_are_inserted(make):
    characters = [" ", *map(chr, range(0x100, 0x17F)), "<unk>"]
    preprocess = make(
        noise_rate=1.0, mask_rate=0.0, characters=characters, noise_characters=None
    )
    texts = [" ".join([word] * 100) + f" {i}" for word in ("ɐ", "ɐɐ") for i in range(9)]
    features, _, _ = preprocess(texts)
    seen = set(np.unique(features["char_ids"]).tolist())
    assert seen == {0, *range(1, 81), len(characters) - 1}


def test_a_plain_encoder_gets_the_same_noise_and_masks(make, texts):
    features, labels, weights = make()(texts[:20])
    plain = make(characters=None, words=None)(texts[:20])
    names = ["mlm_positions", "padding_mask", "segment_ids", "token_ids"]
    assert sorted(plain[0]) == names
    for name, value in plain[0].items():
        assert tf.reduce_all(value == features[name])
    assert list(plain[1]) == list(plain[2]) == ["mlm_logits"]
    assert tf.reduce_all(plain[1]["mlm_logits"] == labels["mlm_logits"])
    assert tf.reduce_all(plain[2]["mlm_logits"] == weights["mlm_logits"])


def test_fixed_shapes_hold_half_as_many_labels_as_tokens(make, texts):
    preprocess = make(0.9, 0.1, sequence_length=64, static_shapes=True)
    features, labels, weights = preprocess(texts[:20])
    for name in ("mlm", "nlm"):
        tensors = features[f"{name}_positions"], labels[f"{name}_logits"]
        assert {t.shape for t in (*tensors, weights[f"{name}_logits"])} == {(20, 32)}
    assert (weights["nlm_logits"].numpy().sum(1) == 32).any()
