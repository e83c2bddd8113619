"""Subwords: their ids are those of transformers' own BERT tokenizer."""

import pathlib

import keras_nlp
import pytest
import tensorflow as tf
from transformers import BertTokenizer

from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.word_piece_vocabulary import read_word_piece_vocabulary

SENTENCES = [
    'The fine film\'s ending was 2.5 hours long -- "too long", she said.',
    "O'Neil & Co. (e.g. in Rome) paid $1,000.00 for it!?",
    "  white   space\tof\u00a0all kinds \n",
    "naïve café, Ångström, Zürich; İstanbul and cafe\u0301",
    "日本語 and 漢字mixed with letters",
    "Русский текст, ελληνικά, 한국어, עברית",
    "snake_case https://example.org/a?b=c#d user@example.org",
    "it’s “quoted” – and a — dash",
    "😀 emoji 🎉!",
    "[CLS] [MASK] ##ing in the text",
    "x" * 99 + " " + "y" * 101,
    "",
]
# Lower-casing, tensorflow-text's normaliser also replaces compatibility characters,
# such as this ellipsis by three full stops; transformers keeps them.
CASED_SENTENCES = ["What … a ﬁlm: ½ of ™ and ß!"]


@pytest.fixture(scope="module")
def small_vocabulary(tmp_path_factory, word_pieces):
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    letters = "éåïüñöабвгдекстиройα本語漢ᄒ한국어–“”…ﬁß™"
    pieces = [*word_pieces, *letters, *(f"##{letter}" for letter in letters)]
    path.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return path


def check(path: pathlib.Path, texts: list[str], lowercase: bool):
    theirs = BertTokenizer(vocab=str(path), do_lower_case=lowercase)
    expected = [theirs.tokenize(text, split_special_tokens=True) for text in texts]
    pieces = read_word_piece_vocabulary(path)
    tokenizer = keras_nlp.models.BertTokenizer(pieces, lowercase=lowercase)
    token_ids = make_subword_tokenizer(tokenizer)(tf.constant(texts)).token_ids
    for text, ids, subwords in zip(texts, token_ids.to_list(), expected, strict=True):
        assert [pieces[id] for id in ids] == subwords, text
    return sum(map(len, expected))


@pytest.mark.parametrize("lowercase", [False, True], ids=["cased", "uncased"])
def test_ids_of_sentences(small_vocabulary, lowercase):
    texts = SENTENCES if lowercase else SENTENCES + CASED_SENTENCES
    assert check(small_vocabulary, texts, lowercase) > 300


@pytest.mark.parametrize("lowercase", [False, True], ids=["cased", "uncased"])
def test_ids_of_a_real_corpus(shared, lowercase):
    path = shared / "data" / "corpus" / "english_heldout.txt"
    lines = path.read_text("utf-8").splitlines()
    # U+FFFD, the mark of a lost character, is dropped by transformers; here it stays.
    texts = [line for line in lines if "\ufffd" not in line]
    assert len(texts) >= len(lines) - 1
    assert check(shared / "parity" / "bert" / "vocab.txt", texts, lowercase) > 100_000


def test_a_word_that_would_vanish(tokenizer):
    words = ["\u200b", "", "fine", " \n"]
    subwords = make_subword_tokenizer(tokenizer).at_least_one(tf.constant(words))
    unknown, fine = tokenizer.token_to_id("[UNK]"), tokenizer.token_to_id("fine")
    assert subwords.token_ids.to_list() == [[unknown], [unknown], [fine], [unknown]]
    assert subwords.surfaces.to_list() == [[word.encode()] for word in words]
