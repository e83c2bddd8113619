"""What holds for the subword tokenizers of all kinds."""

import keras
import keras_nlp
import pytest
import tensorflow as tf

from charbert_tf.text.subword_tokenizers import make_subword_tokenizer

KINDS = ["bert", "roberta", "xlm_roberta"]
TEXTS = ["The fine film, in Rome.", "", "naïve é 語😀", "It's fine's film's"]


@pytest.fixture(params=KINDS)
def both(request, tokenizers):
    """keras-nlp's tokenizer and the subword tokenizer made from it."""
    tokenizer = tokenizers[request.param]
    return tokenizer, make_subword_tokenizer(tokenizer)


def test_ids_are_those_of_keras_nlp(both):
    theirs, ours = both
    expected = [list(map(int, theirs(text))) for text in TEXTS]
    assert ours(tf.constant(TEXTS)).token_ids.to_list() == expected


def test_special_tokens(both):
    theirs, ours = both
    assert len(set(ours.special_token_ids)) == 5
    tokens = {theirs.id_to_token(id) for id in ours.special_token_ids}
    assert tokens in (
        {"[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"},
        {"<s>", "</s>", "<pad>", "<mask>", "<unk>"},
    )
    assert ours.vocabulary_size == theirs.vocabulary_size()
    # In a text, their names are ordinary text.
    text = " ".join(tokens)
    ids = set(ours(tf.constant([text])).token_ids.values.numpy().tolist())
    assert not ids & {*ours.special_token_ids} - {ours.unknown_token_id}


def test_words_that_would_vanish(both):
    _, ours = both
    words = ["", "fine", " \n", "\u3000"]
    subwords = ours.at_least_one(tf.constant(words))
    token_ids, surfaces, starts, ends = (values.to_list() for values in subwords)
    for row in (0, 2, 3):
        assert token_ids[row] == [ours.unknown_token_id]
        assert surfaces[row] == [words[row].encode()]
        assert (starts[row], ends[row]) == ([0], [len(words[row].encode())])
    assert ours.unknown_token_id not in token_ids[1]


def test_words_put_together_again_are_the_text(both):
    _, ours = both
    texts = tf.constant([*TEXTS, "  The   film\t\n\nfine  ", "a", "Café… (x.y)"])
    subwords, word = ours.tokenize_split(ours.split(texts))
    expected = ours(texts)
    assert subwords.token_ids.to_list() == expected.token_ids.to_list()
    assert subwords.surfaces.to_list() == expected.surfaces.to_list()
    assert tf.reduce_all(word.row_lengths() == expected.token_ids.row_lengths())
    numbers = word.values.numpy()
    assert (numbers[1:] >= numbers[:-1]).all()


def test_a_new_seed_does_no_harm(both):
    _, ours = both
    before = ours(tf.constant(TEXTS)).token_ids.to_list()
    keras.utils.set_random_seed(3)
    assert ours(tf.constant(TEXTS)).token_ids.to_list() == before


def test_long_texts(both):
    """Time and memory grow with the text, and not with its square."""
    _, ours = both
    text = "The fine film. " * 20_000
    subwords = ours(tf.constant([text, "g" * 100_000]))
    short = ours(tf.constant(["The fine film. " * 2]))
    assert subwords.token_ids[0].shape[0] > 5_000 * short.token_ids[0].shape[0]
    assert subwords.ends[1][-1] == 100_000


def test_another_kind_of_tokenizer():
    bytes_tokenizer = keras_nlp.tokenizers.ByteTokenizer()
    with pytest.raises(TypeError, match=r"XLMRobertaTokenizer`, got ByteTokenizer\.$"):
        make_subword_tokenizer(bytes_tokenizer)
