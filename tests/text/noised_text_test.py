"""Words of the Penn Treebank under noise: clean text is tokenized as it always is."""

import pytest
import tensorflow as tf

import charbert_tf

WORDS = ["do", "n't", "``", "''", "long-term", "u.s.", "the", "'s", "<unk>"]
TEXTS = [
    "I don't know the long-term U.S. man's \"view\".",
    "  Don't.  It 's\tnaïve, isn't it?",
    "",
    '"Why?" (she said)',
    "x",
]


@pytest.fixture(scope="module", params=["bert", "roberta", "xlm_roberta"])
def make(request, tokenizers):
    def make(noise_rate=0.0, characters=(" ", *"aeiou", "<unk>"), **arguments):
        arguments = {"words": WORDS} | arguments
        return charbert_tf.PretrainerPreprocessor(
            tokenizers[request.param],
            characters,
            noise_rate=noise_rate,
            mask_rate=0.0,
            **arguments,
        )

    return make


def noise(preprocessor, texts):
    subwords = preprocessor.noise_subwords(
        tf.constant(texts), tf.range(len(texts)), (1, 2)
    )
    return subwords, zip(*(values.to_list() for values in subwords), strict=True)


def test_clean_text_is_split_as_any(make):
    expected = make().subword_tokenizer(tf.constant(TEXTS))
    _, of_tokenizer = noise(make(word_splitting="tokenizer"), TEXTS)
    _, of_treebank = noise(make(), TEXTS)
    of_treebank = list(of_treebank)
    assert of_treebank == list(of_tokenizer)
    assert [row[0] for row in of_treebank] == expected.token_ids.to_list()
    assert [row[1] for row in of_treebank] == expected.surfaces.to_list()


@pytest.mark.parametrize(
    ["text", "labels"],
    [
        ("don't", [0, 1]),
        ("the man's", [6, 8, 7]),
        ('"x"', [2, 8, 3]),
        ("long-term", [4]),
        ("THE U.S. man", [6, 5, 8]),
    ],
)
def test_a_noised_words_label_is_its_entry(make, text, labels):
    """At the full rate all words have one: no two letters in a row are the same."""
    _, rows = noise(make(noise_rate=1.0), [text] * 20)
    for _, _, _, found in rows:
        changes = [
            label for i, label in enumerate(found) if [label] != found[i - 1 : i]
        ]
        assert [label for label in changes if label >= 0] == labels


def test_a_noised_word_stands_where_the_word_stood(make):
    """What is not noised is there, in order, and so are the spaces."""
    clean = b"".join(next(noise(make(), TEXTS[:1])[1])[1]).decode()
    _, rows = noise(make(noise_rate=0.3), TEXTS[:1] * 200)
    seen = set()
    for _, surfaces, _, labels in rows:
        surfaces = [surface.decode() for surface in surfaces]
        seen |= {label for label in labels if label >= 0}
        assert "".join(surfaces).count("Ġ") == clean.count("Ġ")
        assert "".join(surfaces).count("▁") == clean.count("▁")
        # XLM-R's subwords may cross words.
        place = 0
        for surface, label in zip(surfaces, labels, strict=True):
            if label < 0 and "▁" not in clean:
                place = clean.index(surface, place) + len(surface)
    assert seen == set(range(9))


def test_adv_berts_text_is_noised_as_charberts(make):
    char_bert = make(noise_rate=0.5)
    adv_bert = make(
        noise_rate=0.5, characters=None, words=None, **char_bert.noise_options()
    )
    features, _, _ = char_bert(TEXTS)
    plain, _, _ = adv_bert(TEXTS)
    for name, values in plain.items():
        assert tf.reduce_all(values == features[name]), name


def test_how_words_are_split_is_kept(make):
    preprocessor = make(word_splitting="treebank", words=["the", "<unk>"])
    again = type(preprocessor).from_config(
        preprocessor.get_config() | {"tokenizer": preprocessor.tokenizer}
    )
    assert again.word_splitting == "treebank"
    # A preset from before it could be told was made with the tokenizer's words.
    config = make().get_config() | {"tokenizer": preprocessor.tokenizer}
    assert config.pop("word_splitting") == "treebank"
    assert type(preprocessor).from_config(config).word_splitting == "tokenizer"
    with pytest.raises(ValueError, match="word_splitting must be"):
        make(word_splitting="nltk")
