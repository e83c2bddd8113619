"""Byte-level BPE: ids, subwords and offsets are those of Hugging Face's tokenizers."""

import json
import random

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf
import tokenizers

from charbert_tf.text.byte_pair_subword_tokenizer import (
    BytePairMerger,
    BytePairSubwordTokenizer,
    byte_symbols,
)
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer

WHITE_SPACE = " \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2009\u200a\u2028\u2029"
WHITE_SPACE += "\u202f\u205f\u3000"
SCRIPTS = [
    "etaoinshrdlucm",
    "ETAOIN",
    "0123456789",
    "²½Ⅷ١२၃〇𝟘𞥐",
    "éèüñçøåÆßİıŁﬁ",
    "αβγΣςΩή",
    "приветЖЯщёЙ",
    "שלוםمرحبا",
    "กขคำไท",
    "नमसतयी",
    "ひらがなカタカナ語文漢字\uf900𠀀",
    "한국어가각뷁",
    # Letters and numbers of Unicode 15.1 and 16.
    "\u1c89\ua7cb\U0001f1e6\U00010d4a\U00013460\U0002ebf0\U00010d40\U000116d0",
    "😀🎉❤👩\u200d💻🇩\U0001fae9",
    ".,!?'\"-—…«»’()[]#$€+<@_、。",
    "\x00\x01\x1f\x7f\u200b\u200d\u00ad\ufeff\ufffd\u0301\u0308\u094d\ufe0f",
    "\ue000\U000f0000\U0010ffff\u0378",
]
CONTRACTIONS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "''s", " 's", "'"]


def random_text(rng):
    text = ""
    for _ in range(rng.randint(0, 14)):
        kind = rng.random()
        if kind < 0.35:
            text += " "
        elif kind < 0.5:
            text += "".join(rng.choices(WHITE_SPACE, k=rng.randint(1, 3)))
        elif kind < 0.6:
            text += rng.choice(CONTRACTIONS)
        else:
            text += "".join(rng.choices(rng.choice(SCRIPTS), k=rng.randint(1, 7)))
    return text


@pytest.fixture(scope="module")
def random_texts():
    rng = random.Random(11)
    ends = ["", " ", "\n", "a \n", "\n\n\nb", "<s> <mask></s>", "it's  they'll"]
    return [*(random_text(rng) for _ in range(4_000)), *ends]


def learn(texts, size):
    """Vocabulary and merges as Hugging Face learns them, and its own tokenizer."""
    learnt = tokenizers.ByteLevelBPETokenizer()
    special_tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    learnt.train_from_iterator(texts, size, 2, special_tokens=special_tokens)
    model = json.loads(learnt.to_str())["model"]
    return model["vocab"], [" ".join(merge) for merge in model["merges"]]


def theirs_of(vocabulary, merges, adds_space=False):
    pairs = [tuple(merge.split(" ")) for merge in merges]
    model = tokenizers.models.BPE(vocab=vocabulary, merges=pairs, unk_token="<unk>")
    theirs = tokenizers.Tokenizer(model)
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(
        add_prefix_space=adds_space
    )
    return theirs


def ours_of(vocabulary, merges, **arguments):
    tokenizer = keras_nlp.models.RobertaTokenizer(vocabulary, merges, **arguments)
    return BytePairSubwordTokenizer(tokenizer)


def character_offsets(text, starts, ends):
    """Of a subword that has a part of a character Hugging Face gives the whole."""
    character = np.repeat(np.arange(len(text)), [len(c.encode()) for c in text])
    pairs = zip(starts, ends, strict=True)
    return [(character[a], character[b - 1] + 1) for a, b in pairs]


def check(ours, theirs, texts):
    call = tf.function(ours.__call__, [tf.TensorSpec([None], tf.string)])
    rows = zip(*(values.to_list() for values in call(tf.constant(texts))), strict=True)
    count = 0
    for text, (ids, surfaces, starts, ends) in zip(texts, rows, strict=True):
        expected = theirs.encode(text)
        assert ids == expected.ids, ascii(text)
        assert character_offsets(text, starts, ends) == expected.offsets, ascii(text)
        assert [surface.decode() for surface in surfaces] == expected.tokens
        assert (starts[:1], starts[1:]) == ([0] * bool(ids), ends[:-1])
        count += len(ids)
    return count


def test_random_texts_of_all_scripts(random_texts):
    vocabulary, merges = learn(random_texts, 2_000)
    assert len(merges) > 1_500
    ours, theirs = ours_of(vocabulary, merges), theirs_of(vocabulary, merges)
    assert check(ours, theirs, random_texts) > 40_000


def test_real_texts(shared):
    folder = shared / "parity" / "roberta"
    tokenizer = load_tokenizer(folder)
    ours = BytePairSubwordTokenizer(tokenizer)
    theirs = theirs_of(dict(tokenizer.vocabulary), list(tokenizer.merges))
    path = shared / "data" / "corpus" / "english_heldout.txt"
    assert check(ours, theirs, path.read_text("utf-8").splitlines()) > 80_000
    path = shared / "data" / "wnut17" / "dev.txt"
    assert check(ours, theirs, path.read_text("utf-8").split("\n\n")) > 40_000


def test_merges_in_an_order_that_nobody_learns(random_texts):
    """What a merge makes may be part of an earlier one, or be made by several."""
    rng = random.Random(5)
    pieces = [a + b for a in "aĠb" for b in "abĠ"]
    pieces += [a + b for a in pieces for b in "ab"] + ["abab", "aaaa", "babaab"]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *byte_symbols(), *pieces]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    splits = [(p[:i], p[i:]) for p in pieces for i in range(1, len(p))]
    merges = [" ".join(pair) for pair in splits if set(pair) <= set(vocabulary)]
    texts = ["".join(rng.choices("aab ", k=rng.randint(1, 40))) for _ in range(200)]
    for _ in range(3):
        rng.shuffle(merges)
        check(ours_of(vocabulary, merges), theirs_of(vocabulary, merges), texts)


def test_a_space_before_the_text(byte_pair_tokenizer, random_texts):
    vocabulary, merges = (
        dict(byte_pair_tokenizer.vocabulary),
        byte_pair_tokenizer.merges,
    )
    ours = ours_of(vocabulary, merges, add_prefix_space=True)
    theirs = theirs_of(vocabulary, merges, adds_space=True)
    texts = ["fine film", " fine film", "\nfine", "'s", "", *random_texts[:300]]
    subwords = ours(tf.constant(texts))
    rows = zip(texts, *(values.to_list() for values in subwords), strict=True)
    for text, ids, _, starts, ends in rows:
        assert ids == theirs.encode(text).ids, ascii(text)
        cuts = [text.encode()[a:b] for a, b in zip(starts, ends, strict=True)]
        assert b"".join(cuts) == text.encode()
    assert subwords.surfaces[0].numpy().tolist() == ["Ġfine".encode(), "Ġfilm".encode()]


def test_words_are_tokenized_as_after_a_space(byte_pair_tokenizer, random_texts):
    ours = BytePairSubwordTokenizer(byte_pair_tokenizer)
    words = [w for text in random_texts[:300] for w in text.split()]
    in_text = ours(tf.constant([f" {word}" for word in words]))
    subwords = ours.tokenize_words(tf.constant(words))
    assert subwords.token_ids.to_list() == in_text.token_ids.to_list()
    rows = zip(words, subwords.starts.to_list(), subwords.ends.to_list(), strict=True)
    for word, starts, ends in rows:
        cuts = [word.encode()[a:b] for a, b in zip(starts, ends, strict=True)]
        assert b"".join(cuts) == word.encode()


def test_words_of_a_text(byte_pair_tokenizer):
    ours = BytePairSubwordTokenizer(byte_pair_tokenizer)
    words = ours.split(tf.constant(["It's  a\nfilm,  ", " x"]))
    assert [[w.decode() for w in row] for row in words.words.to_list()] == [
        *[["It", "'s", " ", "a", "\n", "film", ",", "  "], ["x"]]
    ]
    assert words.after_space.to_list() == [
        *[[False, False, False, True, False, False, False, False], [True]]
    ]


def test_bytes_that_the_vocabulary_lacks():
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "a", "b", "Ġ", "ab", "Ġab"]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    merges = ["a b", "Ġ ab"]
    texts = ["ab é abc", "<unk>", "éa"]
    ours, theirs = ours_of(vocabulary, merges), theirs_of(vocabulary, merges)
    subwords = ours(tf.constant(texts))
    assert subwords.token_ids.to_list() == [theirs.encode(t).ids for t in texts]
    # Their own characters are shown all the same.
    surfaces = [surface.decode() for surface in subwords.surfaces.to_list()[0]]
    assert surfaces == ["ab", "Ġ", "Ã", "©", "Ġab", "c"]


def test_vocabularies_that_cannot_be_used():
    vocabulary = {t: i for i, t in enumerate(["<s>", "<pad>", "</s>", "<mask>", "a"])}
    vocabulary["aa"] = 5
    with pytest.raises(ValueError, match="lacks <unk>"):
        ours_of(vocabulary, ["a a"])
    vocabulary.pop("aa")
    with pytest.raises(ValueError, match="'a a' is not of the vocabulary"):
        BytePairMerger(vocabulary, ["a a"])
