"""SentencePiece: the library's own pieces, with what they stand for in the text."""

import random
import unicodedata
import zlib

import pytest
import sentencepiece
import tensorflow as tf

from charbert_tf.text.sentence_piece_subword_tokenizer import (
    SentencePieceSubwordTokenizer,
)

WORDS = "The fine film schöne ﬁlm 日本語の文章 漢字 Ж é語 １２ ελληνικά 😀x it's U.S. ½"
WORDS += " … ´a"


@pytest.fixture(scope="module")
def texts():
    rng = random.Random(4)
    spaces = [" ", " ", " ", "  ", "\u3000", "\u00a0", "\t"]
    return [
        "".join(
            rng.choice(spaces) + word for word in rng.choices(WORDS.split(), k=length)
        ).strip()
        for length in range(30)
        for _ in range(10)
    ]


def test_ids_are_those_of_sentencepiece(sentence_piece_tokenizer, texts):
    ours = SentencePieceSubwordTokenizer(sentence_piece_tokenizer)
    library = sentencepiece.SentencePieceProcessor(
        model_proto=sentence_piece_tokenizer.proto
    )
    # fairseq's ids: <unk> is 3, all others come one later.
    expected = [
        [3 if id == 0 else id + 1 for id in library.encode(text)] for text in texts
    ]
    assert ours(tf.constant(texts)).token_ids.to_list() == expected
    assert any(3 in row for row in expected)


def test_the_normaliser_over_a_sample_of_unicode(sentence_piece_tokenizer):
    """Of each hundredth character, alone, in a word and before a mark."""
    sample = [
        chr(code_point)
        for code_point in range(1, 0x110000)
        if zlib.crc32(b"%x" % code_point) % 100 == 0
        and unicodedata.category(chr(code_point)) not in ("Cn", "Co", "Cs")
    ]
    assert len(sample) > 1_300
    texts = [f"{c} a{c}b film{c}\u0301 {c}" for c in sample]
    ours = SentencePieceSubwordTokenizer(sentence_piece_tokenizer)
    ids, _, starts, ends = (v.to_list() for v in ours(tf.constant(texts)))
    library = sentencepiece.SentencePieceProcessor(
        model_proto=sentence_piece_tokenizer.proto
    )
    changed = 0
    for text, row, begins, stops in zip(texts, ids, starts, ends, strict=True):
        pieces = library.encode(text, return_type="proto").pieces
        assert row == [3 if p.id == 0 else p.id + 1 for p in pieces], ascii(text)
        cuts = [text.encode()[a:b].decode() for a, b in zip(begins, stops, strict=True)]
        assert cuts == [piece.surface for piece in pieces], ascii(text)
        changed += "".join(p.piece for p in pieces).replace("▁", " ").strip() != text
    # The normaliser is not idle.
    assert changed > 50


def test_surfaces_are_the_text(sentence_piece_tokenizer, texts):
    ours = SentencePieceSubwordTokenizer(sentence_piece_tokenizer)
    texts = [t for t in texts if not set("½…") & set(t)]
    _, surfaces, starts, ends = (v.to_list() for v in ours(tf.constant(texts)))
    for text, row, row_starts, row_ends in zip(
        texts, surfaces, starts, ends, strict=True
    ):
        shown = b"".join(row).decode().replace("▁", " ")
        assert shown.strip() == " ".join(text.split())
        for surface, a, b in zip(row, row_starts, row_ends, strict=True):
            cut = text.encode()[a:b].decode().strip()
            assert surface.decode().removeprefix("▁") == cut
        assert row_starts[1:] == row_ends[:-1]


def test_a_character_of_several_pieces(sentence_piece_tokenizer):
    ours = SentencePieceSubwordTokenizer(sentence_piece_tokenizer)
    subwords = ours(tf.constant(["film…"]))
    surfaces = [surface.decode() for surface in subwords.surfaces.to_list()[0]]
    assert "".join(surfaces[-3:]) == "..…"


def test_words_and_the_subwords_of_each(sentence_piece_tokenizer):
    ours = SentencePieceSubwordTokenizer(sentence_piece_tokenizer)
    words = ours.split(tf.constant(["The film, 漢字.", "", " x"]))
    assert [[word.decode() for word in row] for row in words.words.to_list()] == [
        *[["The", "film", ",", "漢", "字", "."], [], ["x"]]
    ]
    assert words.after_space.to_list() == [
        *[[False, True, False, True, False, False], [], [False]]
    ]
    changed = words._replace(
        words=words.words.with_values(
            tf.constant(["Teh", "flim", ",", "漢", "字", ".", "xx"])
        )
    )
    subwords, word = ours.tokenize_split(changed)
    expected = ours(tf.constant(["Teh flim, 漢字.", "", "xx"]))
    assert subwords.token_ids.to_list() == expected.token_ids.to_list()
    surfaces = {}
    flat = zip(word.values.numpy(), subwords.surfaces.values.numpy(), strict=True)
    for number, surface in flat:
        surfaces[number] = surfaces.get(number, "") + surface.decode()
    assert list(surfaces.values()) == ["▁Teh", "▁flim", ",", "▁漢", "字", ".", "▁xx"]
