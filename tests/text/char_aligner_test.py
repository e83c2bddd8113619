"""Character alignment: the authors' features, and a plain-Python alignment.

The alignment here is written from its definition, character by character: what a
subword stands for in the text, and those characters' ids with a separator after each
subword. It shares no code, and no tokenizer, with the library.
"""

import json
import random
import unicodedata

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SEQUENCE_LENGTH = 64
SCRIPTS = [
    "etaoinshrdlu",
    "ETAOINSHRDLU0123456789",
    "éèüñçøåÆßİıŁﬁﬃĳ",
    "αβγΣσςΩή",
    "приветЖЯщёЙ",
    "שלוםمرحبا",
    "กขคำไท",
    "नमसतयी",
    "ひらがなカタカナﾊ",
    "語文漢字\uf900𠀀",
    "한국어가각뷁",
    "ＡＢｃⅧ①½™",
    "😀🎉❤👩💻🇩",
]
COMBINING = "\u0301\u0308\u0323\u094d\u0e47\uff9f\ufe0f"
PUNCTUATION = ".,!?'\"-—…«»’()[]#$€+<@_、。"
SPACES = "   \t\n\r\u00a0\u3000\u2009\u2028"
CONTROLS = "\x00\x01\x1f\x7f\x85\u200b\u200d\u00ad\ufeff\ufffd"
IDEOGRAPHS = [
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
]


def normal_form(character, lowercase):
    """What one character of the text becomes before it is cut into subwords.

    As in Google's BERT: it cleans, then drops accents and lower-cases letter by letter.
    """
    is_control = unicodedata.category(character) in ("Cc", "Cf", "Co")
    if character == "\ufffd" or (is_control and character not in "\t\n\r"):
        return ""
    if character.isspace():
        return " "
    if not lowercase:
        return character
    decomposed = unicodedata.normalize("NFD", character)
    return "".join(c.lower() for c in decomposed if not is_accent(c))


def is_accent(character):
    return unicodedata.category(character) == "Mn"


def stands_alone(character):
    return (
        unicodedata.category(character).startswith("P")
        or character in "$+<=>^`|~"
        or any(low <= ord(character) <= high for low, high in IDEOGRAPHS)
    )


def split_words(normal_text):
    """Ranges of the words in the normal form of a text."""
    ranges, start = [], None
    for index, character in enumerate([*normal_text, " "]):
        alone = stands_alone(character)
        if start is not None and (alone or character.isspace()):
            ranges.append((start, index))
            start = None
        if alone:
            ranges.append((index, index + 1))
        elif start is None and not character.isspace():
            start = index
    return ranges


def split_subwords(word, vocabulary):
    """The longest subword first, again and again; or one unknown token."""
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else f"##{word[start:end]}"
            if piece in vocabulary:
                pieces.append((piece, start, end))
                start = end
                break
        else:
            return [("[UNK]", 0, len(word))]
    # The longest word that BERT looks at.
    return pieces if len(word) <= 100 else [("[UNK]", 0, len(word))]


def subwords_of(text, vocabulary, lowercase):
    """Subwords and surfaces.

    A surface is the text from the first character to the last, with what is dropped
    behind that; at a word's end only as far as an accent, not a control character. Of
    "한", which becomes three letters, each subword has the whole.
    """
    forms = [normal_form(character, lowercase) for character in text]
    normal = list("".join(forms))
    origin = [index for index, form in enumerate(forms) for _ in form]
    result = []
    for word_start, word_end in split_words(normal):
        word = "".join(normal[word_start:word_end])
        for piece, start, end in split_subwords(word, vocabulary):
            first, last = origin[word_start + start], origin[word_start + end - 1]
            after = last + 1
            while forms[after : after + 1] == [""]:
                after += 1
            if last == origin[word_end - 1]:
                while (
                    after > last + 1 and unicodedata.category(text[after - 1]) != "Mn"
                ):
                    after -= 1
            result.append((piece, text[first:after]))
    return result


def aligned(surfaces, characters):
    """Character ids, and the index of each token's first and last character."""
    unknown = len(characters) - 1
    char_ids, starts, ends = [], [], []
    for surface in surfaces:
        ids = [
            characters.index(c) if c in characters else unknown for c in surface[:100]
        ]
        starts.append(len(char_ids))
        char_ids += ids or [0]
        ends.append(len(char_ids) - 1)
        char_ids.append(0)
    return char_ids, starts, ends


def random_text(rng):
    text = ""
    for _ in range(rng.randint(0, 14)):
        script = rng.choice(SCRIPTS)
        length = rng.randint(1, 6) if rng.random() < 0.97 else rng.randint(30, 130)
        for _ in range(length):
            text += rng.choice(script)
            text += rng.choice(COMBINING) if rng.random() < 0.08 else ""
            text += rng.choice(CONTROLS) if rng.random() < 0.02 else ""
        separator = rng.choice([SPACES, SPACES, PUNCTUATION, CONTROLS, [""]])
        text += "".join(rng.choice(separator) for _ in range(rng.randint(1, 2)))
    return text


def random_vocabulary(rng, lowercase):
    """Most characters of the texts, and pieces of several of one script."""
    pieces = set()
    for script in [*SCRIPTS, PUNCTUATION + COMBINING]:
        letters = "".join(normal_form(character, lowercase) for character in script)
        for letter in letters:
            pieces |= {letter} if rng.random() < 0.95 else set()
            pieces |= {f"##{letter}"} if rng.random() < 0.95 else set()
        for _ in range(60):
            piece = "".join(rng.choices(letters, k=rng.randint(2, 3)))
            pieces.add(rng.choice(["", "##"]) + piece)
    return SPECIAL_TOKENS + sorted(pieces - {""})


@pytest.fixture(scope="module", params=[False, True], ids=["cased", "uncased"])
def random_texts(request):
    """A tokenizer, 2,000 texts, and their subwords as plain Python finds them."""
    rng = random.Random(7)
    vocabulary = random_vocabulary(rng, request.param)
    texts = [random_text(rng) for _ in range(2_000)]
    known = set(vocabulary)
    tokenizer = keras_nlp.models.BertTokenizer(vocabulary, lowercase=request.param)
    return tokenizer, texts, [subwords_of(text, known, request.param) for text in texts]


def test_surfaces_of_random_texts(random_texts):
    tokenizer, texts, expected = random_texts
    subwords = make_subword_tokenizer(tokenizer)(tf.constant(texts))
    token_ids, surfaces, starts, ends = (values.to_list() for values in subwords)
    vocabulary = tokenizer.get_vocabulary()
    for index, text in enumerate(texts):
        pieces = [vocabulary[id] for id in token_ids[index]]
        surface = [value.decode() for value in surfaces[index]]
        assert list(zip(pieces, surface, strict=True)) == expected[index], ascii(text)
        offsets = zip(starts[index], ends[index], surfaces[index], strict=True)
        for start, end, value in offsets:
            assert text.encode()[start : start + len(value)] == value
            behind = text.encode()[end : start + len(value)].decode()
            assert not any(normal_form(c, tokenizer.lowercase) for c in behind)
    # The texts are such that every case occurs.
    flat = [subword for subwords in expected for subword in subwords]
    assert len(flat) > 40_000
    assert sum(piece == "[UNK]" for piece, _ in flat) > 1_000
    assert any(len(surface) > 100 for _, surface in flat)
    assert any(surface[-1] == "\u0301" for _, surface in flat)


def test_characters_of_random_texts(random_texts):
    tokenizer, texts, expected = random_texts
    rng = random.Random(8)
    known = [c for c in "".join(SCRIPTS) + COMBINING if rng.random() < 0.8]
    characters = [" ", *dict.fromkeys(known), *PUNCTUATION, "<unk>"]
    preprocess = charbert_tf.TextClassifierPreprocessor(
        tokenizer, characters, sequence_length=SEQUENCE_LENGTH
    )
    features = preprocess(texts)
    width = features["char_ids"].shape[1]
    features = {name: value.numpy().tolist() for name, value in features.items()}
    longest = 0
    for index, text in enumerate(texts):
        surfaces = [surface for _, surface in expected[index][: SEQUENCE_LENGTH - 2]]
        char_ids, starts, ends = aligned(["", *surfaces, ""], characters)
        padding = [width - 1] * (SEQUENCE_LENGTH - len(starts))
        row = [0] * (width - len(char_ids))
        assert features["char_ids"][index] == char_ids + row, ascii(text)
        assert features["char_starts"][index] == starts + padding, ascii(text)
        assert features["char_ends"][index] == ends + padding, ascii(text)
        longest = max(longest, len(char_ids))
    assert width == longest


@pytest.mark.parametrize("encoder", ["bert", "roberta"])
def test_the_authors_features(shared, encoder):
    folder = VocabularyFolder(shared / "parity" / encoder)
    content = json.loads((folder.path / "features.json").read_text("utf-8"))
    rows = content["rows"]
    preprocess = charbert_tf.TokenClassifierPreprocessor(
        folder.tokenizer(),
        folder.characters(),
        sequence_length=content["max_seq_length"],
        static_shapes=True,
    )
    features = preprocess(tf.ragged.constant([row["words"] for row in rows]))
    names = ("token_ids", "padding_mask", "char_ids", "char_starts", "char_ends")
    assert len(rows) == 40
    for name in names:
        expected = np.array([row[name] for row in rows])
        np.testing.assert_array_equal(features[name], expected, name)
