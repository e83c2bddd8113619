"""Ids, offsets and surfaces of BERT's subwords, held against the `tokenizers` library.

Each code point stands alone, inside a word and beside marks.
"""

import itertools
import random
import unicodedata
import zlib

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

import charbert_tf
from charbert_tf.attacks import get_attack
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SURROGATES = range(0xD800, 0xE000)
CODE_POINTS = [c for c in range(0x110000) if c not in SURROGATES]
MARKS = [c for c in CODE_POINTS if unicodedata.category(chr(c)).startswith("M")]
# Marks that the library takes for letters, and characters that become several.
MARKS += [*range(0x1AB0, 0x1ACF), *range(0x8CA, 0x8E2)] * 3
ODD = "\u00ad\u200b\u0130\u03a3\u1e9e\uac01\U0001d15e\ufb01½ \u3000\ufffd\0\x7f…"
SETTINGS = list(itertools.product([True, False], repeat=4))
CHUNK = 50_000


def hash_chosen(code_points, share):
    return [c for c in code_points if zlib.crc32(b"%x" % c) % 1000 < 1000 * share]


def texts_of(code_point):
    c = chr(code_point)
    return f"{c} a{c}b e\u0323{c}\u0301 Ü{c}\u0345\u0334 {c}"


def random_texts(count):
    rng = random.Random(0)
    assigned = [c for c in CODE_POINTS if unicodedata.category(chr(c)) != "Cn"]

    def character():
        kind = rng.random()
        if kind < 0.25:
            return chr(rng.choice(MARKS))
        if kind < 0.5:
            return chr(rng.choice(assigned))
        return rng.choice(ODD) if kind < 0.6 else chr(rng.randrange(32, 127))

    return [
        "".join(character() for _ in range(rng.randrange(40))) for _ in range(count)
    ]


def vocabulary(code_points):
    """Most of what the characters become, first in a word and inside it."""
    characters = {chr(c) for c in range(33, 127)}
    for code_point in code_points:
        category = unicodedata.category(chr(code_point))
        if category in ("Cn", "Co") or 0x3400 <= code_point < 0xA000:
            continue
        for form in ("NFC", "NFD"):
            characters.update(unicodedata.normalize(form, chr(code_point)))
    characters |= {lower for c in characters for lower in c.lower()}
    pieces = sorted(c for c in characters if c.strip() and c not in "\0\x11")
    return [*SPECIAL, *pieces, *(f"##{piece}" for piece in pieces)]


class Both:
    """Our tokenizer and the library's, with the same vocabulary and settings."""

    def __init__(self, pieces, lowercase, strip_accents, clean_text, chinese):
        self.ours = make_subword_tokenizer(
            charbert_tf.BertTokenizer(
                pieces,
                lowercase=lowercase,
                strip_accents=strip_accents,
                clean_text=clean_text,
                tokenize_chinese_chars=chinese,
            )
        )
        ids = {piece: id for id, piece in enumerate(pieces)}
        self.theirs = tokenizers.Tokenizer(WordPiece(ids, unk_token="[UNK]"))
        self.theirs.normalizer = BertNormalizer(
            clean_text=clean_text,
            handle_chinese_chars=chinese,
            strip_accents=strip_accents,
            lowercase=lowercase,
        )
        self.theirs.pre_tokenizer = BertPreTokenizer()
        self.tokenize = tf.function(
            self.ours, input_signature=[tf.TensorSpec([None], tf.string)]
        )

    def check(self, texts):
        expected = self.theirs.encode_batch(texts)
        actual = self.tokenize(tf.constant(texts))
        counts = np.array([len(encoding.ids) for encoding in expected])
        np.testing.assert_array_equal(actual.token_ids.row_lengths(), counts)
        ids = np.concatenate([encoding.ids for encoding in expected])
        assert_same(texts, counts, actual.token_ids, ids)
        offsets = np.array([pair for e in expected for pair in e.offsets], int)
        # In characters; ours are in bytes.
        code_points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        lengths = 1 + sum((code_points >= low).astype(int) for low in (1 << 7, 1 << 11))
        lengths += code_points >= 1 << 16
        byte_of = np.concatenate([[0], np.cumsum(lengths)])
        text_start = np.cumsum([0, *map(len, texts[:-1])])
        first = np.repeat(text_start, counts)
        for side, values in enumerate((actual.starts, actual.ends)):
            in_bytes = byte_of[first + offsets[:, side]] - byte_of[first]
            assert_same(texts, counts, values, in_bytes)
        return int(counts.sum())


def assert_same(texts, counts, actual, expected):
    wrong = np.flatnonzero(actual.values.numpy() != expected)
    if len(wrong):
        text = texts[int(np.searchsorted(np.cumsum(counts), wrong[0], "right"))]
        pytest.fail(f"{len(wrong)} differ, the first in {text!r}")


@pytest.fixture(scope="module")
def fiftieth():
    """A vocabulary, and texts of chosen code points and at random."""
    chosen = hash_chosen(CODE_POINTS, share=0.02)
    assert 20_000 < len(chosen) < 24_000
    at_random = random_texts(300)
    pieces = vocabulary([*chosen, *map(ord, "".join(at_random))])
    # Of unassigned and private characters, a tenth: they are alike.
    fewer = set(hash_chosen(chosen, share=0.002))
    odd = [c for c in chosen if unicodedata.category(chr(c)) not in ("Cn", "Co", "Lo")]
    return pieces, [texts_of(c) for c in sorted({*odd, *fewer})], at_random


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.sampled(4)
def test_a_fiftieth_of_unicode(settings, fiftieth):
    pieces, texts, at_random = fiftieth
    both = Both(pieces, *settings)
    assert both.check(texts) > 10_000
    assert both.check(at_random) > 2_000


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS)
def test_all_of_unicode(settings):
    texts = random_texts(20_000)
    both = Both(vocabulary(CODE_POINTS), *settings)
    for start in range(0, len(CODE_POINTS), CHUNK):
        chunk = CODE_POINTS[start : start + CHUNK]
        assert both.check([texts_of(c) for c in chunk]) > 3 * len(chunk)
    assert both.check(texts) > 100_000


def test_ids_of_a_real_corpus(shared):
    path = shared / "data" / "corpus" / "english_heldout.txt"
    pieces = (shared / "parity" / "bert" / "vocab.txt").read_text("utf-8").split("\n")
    both = Both(pieces[:-1], True, True, True, True)
    assert both.check(path.read_text("utf-8").splitlines()) > 100_000


def test_a_word_may_have_a_hundred_characters():
    pieces = [*SPECIAL, "ก", "##ก", "б", "##б", "x", "##x", "s", "##s", "ß"]
    texts = ["ก" * 100, "ก" * 101, "б" * 51, "x" * 101, "ß" * 100, "x \u0301 x" * 60]
    for lowercase in (False, True):
        assert Both(pieces, lowercase, lowercase, True, True).check(texts) > 250


@pytest.mark.parametrize("character", ["\0", "\x11"])
def test_words_with_characters_that_tensorflow_text_has_for_itself(character):
    pieces = [*SPECIAL, "a", "##b", "b", "c", "##c", "\0", "a\0b"]
    texts = ["\0", "a\0b", "\0a ab \0 b\0", "a \0\0c", "ab"]
    pieces, texts = (
        [of.replace("\0", character) for of in strings] for strings in (pieces, texts)
    )
    both = Both(pieces[:-2], True, True, clean_text=False, chinese=True)
    assert both.check(texts) == 11
    # An entry of the vocabulary with one only keeps its place.
    ours = charbert_tf.BertTokenizer(pieces, lowercase=True, clean_text=False)
    expected = both.tokenize(tf.constant(texts)).token_ids.to_list()
    assert ours(texts).to_list() == expected


def test_a_cased_bert_drops_characters_without_width():
    """So that the attack which inserts them does it no harm."""
    pieces = [*SPECIAL, "vi", "##agra", "##ag", "##ra", "now", "!"]
    tokenize = make_subword_tokenizer(charbert_tf.BertTokenizer(pieces))
    words = ["viagra", "now", "!"] * 30
    attacked = get_attack("zero_width", minimum_length=3).attack_words(words, 0, 0)
    assert sum(new != old for new, old in zip(attacked, words, strict=True)) == 60
    expected = tokenize(tf.constant([" ".join(words)])).token_ids.to_list()
    actual = tokenize(tf.constant([" ".join(attacked)])).token_ids.to_list()
    assert actual == expected


def test_surfaces_are_what_the_user_wrote():
    pieces = [*SPECIAL, "cafe", "na", "##ive", "ab", ".", "ᄒ", "##ᅡᆫ"]
    tokenizer = charbert_tf.BertTokenizer(pieces, lowercase=True)
    text = "Cafe\u0301 NA\u00ad\u00efve\u200b. A\0B Ünknown\u0301 한 \u0301"
    subwords = make_subword_tokenizer(tokenizer)(tf.constant([text]))
    assert [surface.decode() for surface in subwords.surfaces.to_list()[0]] == [
        *("Cafe\u0301", "NA\u00ad", "\u00efve", ".", "A\0B"),
        *("Ünknown\u0301", "한", "한"),
    ]
    words = make_subword_tokenizer(tokenizer).split(tf.constant([text])).words
    written = text.replace(" ", "").replace("\u200b", "")
    assert b"".join(words.to_list()[0]).decode() == written[:-1]


def test_a_word_that_would_vanish(tokenizer):
    words = ["\u200b", "", "fine", " \n"]
    subwords = make_subword_tokenizer(tokenizer).at_least_one(tf.constant(words))
    unknown, fine = tokenizer.token_to_id("[UNK]"), tokenizer.token_to_id("fine")
    assert subwords.token_ids.to_list() == [[unknown], [unknown], [fine], [unknown]]
    assert subwords.surfaces.to_list() == [[word.encode()] for word in words]


def test_places_without_an_entry_keep_the_ids_behind_them():
    pieces = [*SPECIAL, "a", "", "b", "a", "##b", ""]
    tokenizer = charbert_tf.BertTokenizer(pieces)
    assert tokenizer(["ab b a"]).to_list() == [[8, 9, 7, 8]]
    assert tokenizer("ab").numpy().tolist() == [8, 9]
    assert tokenizer.vocabulary_size() == 11


def test_detokenizing_is_keras_nlps():
    tokenizer = charbert_tf.BertTokenizer([*SPECIAL, "co", "##op", ""])
    assert list(tokenizer.detokenize([[5, 6, 5]])) == ["coop co"]
    rows = tf.data.Dataset.from_tensors([5, 6]).map(tokenizer.detokenize)
    assert [row.numpy() for row in rows] == [b"coop"]
