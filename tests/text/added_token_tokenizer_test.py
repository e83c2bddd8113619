"""Added tokens, held against the `tokenizers` library."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

import charbert_tf
from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cov", "##id", "##1", "a", "b"),
    *(
        "##b",
        "<",
        ">",
        "e",
        "##e",
        "z",
        "##ip",
        "##s",
        "x",
        "##x",
        "n",
        "##n",
        "[",
        "]",
    ),
    *(",", "é", "ö", "o", "##o"),
]
# In the text itself or normalised, inside words or alone, one the beginning of another.
ADDED = [
    ("<e1>", False, False),
    ("<E1>x", True, False),
    ("Covid1", True, False),
    ("covid", True, False),
    ("zip", True, True),
    ("né", True, False),
    ("new ab", False, False),
    ("語b", True, False),
    ("ZZ", False, True),
]
TOKENS = [
    AddedToken(content, len(PIECES) + index, normalized, single_word)
    for index, (content, normalized, single_word) in enumerate(ADDED)
]
TEXTS = [
    "a covid1 xcovidx COVID1b <e1> <E1>x <e1><e1>x",
    "zip zips azip zip, 語zip é語b ZZ aZZ ZZé ZZ",
    "né NÉ n\u00e9 ne\u0301 N\u00adE b",
    "new ab new  ab anew abb new\tab",
    "",
    "<e1>",
    "x\u0301co\u00advid\u03011 \0zip\0",
    "ÖcovidÖ<e1>Ö zip_ zip\u0301 _zip",
]


@pytest.mark.parametrize(
    ("lowercase", "strip_accents"), list(itertools.product([False, True], repeat=2))
)
@pytest.mark.sampled(4)
def test_ids_and_offsets(lowercase, strip_accents):
    tokenizer = charbert_tf.BertTokenizer(
        PIECES, lowercase, strip_accents, added_tokens=TOKENS
    )
    assert tokenizer.vocabulary_size() == len(PIECES) + len(TOKENS)
    ids = {piece: id for id, piece in enumerate(PIECES)}
    theirs = tokenizers.Tokenizer(WordPiece(ids, unk_token="[UNK]"))
    theirs.normalizer = BertNormalizer(True, True, strip_accents, lowercase)
    theirs.pre_tokenizer = BertPreTokenizer()
    theirs.add_tokens(
        [
            tokenizers.AddedToken(
                t.content, single_word=t.single_word, normalized=t.normalized
            )
            for t in TOKENS
        ]
    )
    again = type(tokenizer).from_config(tokenizer.get_config())
    again.set_vocabulary(tokenizer.get_vocabulary())
    for subword_tokenizer in map(make_subword_tokenizer, (tokenizer, again)):
        if lowercase and strip_accents:
            subword_tokenizer = tf.function(subword_tokenizer)
        subwords = subword_tokenizer(tf.constant(TEXTS))
        for row, text in enumerate(TEXTS):
            expected = theirs.encode(text)
            assert subwords.token_ids[row].numpy().tolist() == expected.ids, text
            ends = np.cumsum([0, *(len(c.encode()) for c in text)])
            offsets = [[ends[a], ends[b]] for a, b in expected.offsets]
            actual = np.stack([subwords.starts[row], subwords.ends[row]], axis=1)
            assert actual.tolist() == offsets, text


def test_words_that_are_tokens():
    tokenizer = make_subword_tokenizer(
        charbert_tf.BertTokenizer(PIECES, True, added_tokens=TOKENS)
    )
    texts = tf.constant(["a<e1>b COVID1x", "new ab"])
    words = tokenizer.split(texts)
    assert words.words.to_list() == [
        [b"a", b"<e1>", b"b", b"COVID1", b"x"],
        [b"new ab"],
    ]
    subwords, word_ids = tokenizer.tokenize_split(words)
    assert subwords.token_ids.to_list()[1] == [len(PIECES) + 6]
    assert word_ids.to_list()[1] == [5]
    whole = tokenizer(texts)
    assert subwords.token_ids.to_list() == whole.token_ids.to_list()
    assert whole.surfaces.to_list()[0] == words.words.to_list()[0]
    features = charbert_tf.TokenClassifierPreprocessor(
        charbert_tf.BertTokenizer(PIECES, True, added_tokens=TOKENS)
    )(tf.ragged.constant([["a", "<e1>", "xcovid"]]))
    assert features["token_ids"].numpy().tolist() == [
        [2, 8, len(PIECES), PIECES.index("x"), len(PIECES) + 3, 3]
    ]
