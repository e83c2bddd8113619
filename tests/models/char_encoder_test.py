"""The character encoder against its formulas in NumPy."""

import numpy as np
import pytest

import charbert_tf

HIDDEN_DIM, CHAR_EMBEDDING_DIM, NUM_CHARACTERS = 16, 6, 11
# Three sequences of tokens, each a tuple of characters; 0 is a special token's.
SEQUENCES = [
    [(0,), (3, 4, 5), (6,), (0,)],
    [(0,), (7, 8), (0,)],
    [(0,), (9,), (1, 2, 3, 10), (5, 5), (4,), (0,)],
]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(inputs, kernel, recurrent_kernel, bias):
    """Cho et al.'s GRU, its reset gate after the product; gates: update, reset, new."""
    input_bias, recurrent_bias = bias
    state, states = np.zeros(len(recurrent_kernel)), []
    for x in inputs:
        xz, xr, xn = np.split(x @ kernel + input_bias, 3)
        hz, hr, hn = np.split(state @ recurrent_kernel + recurrent_bias, 3)
        update, reset = sigmoid(xz + hz), sigmoid(xr + hr)
        state = update * state + (1 - update) * np.tanh(xn + reset * hn)
        states.append(state)
    return np.array(states)


def characters_of(tokens):
    """Each token's characters and a separator; first and last character's index."""
    char_ids, starts, ends = [], [], []
    for token in tokens:
        starts.append(len(char_ids))
        char_ids += token
        ends.append(len(char_ids) - 1)
        char_ids.append(0)
    return char_ids, starts, ends


def features_of(sequences, tokens, characters):
    """Padded to so many tokens and characters."""
    features = {
        "char_ids": np.zeros((len(sequences), characters), "int32"),
        "char_starts": np.full((len(sequences), tokens), characters - 1, "int32"),
        "char_ends": np.full((len(sequences), tokens), characters - 1, "int32"),
        "padding_mask": np.zeros((len(sequences), tokens), "int32"),
    }
    for row, sequence in enumerate(sequences):
        values = [*characters_of(sequence), [1] * len(sequence)]
        for feature, value in zip(features.values(), values, strict=True):
            feature[row, : len(value)] = value
    return features


def make_layer(**arguments):
    layer = charbert_tf.CharEncoder(
        NUM_CHARACTERS, HIDDEN_DIM, CHAR_EMBEDDING_DIM, **arguments
    )
    layer.build((None, None))
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def expected(layer, sequence, characters):
    """The vectors of a sequence whose characters are padded to so many, (T, H)."""
    char_ids, starts, ends = characters_of(sequence)
    char_ids = (char_ids + [0] * characters)[:characters]
    weights = [weight.astype("float64") for weight in layer.get_weights()]
    embedded = weights[0][char_ids]
    states = np.concatenate(
        [gru(embedded, *weights[1:4]), gru(embedded[::-1], *weights[4:])[::-1]], axis=1
    )
    return np.concatenate([states[starts], states[ends]], axis=1)


@pytest.mark.parametrize("mask_padding", [True, False])
def test_the_formulas(mask_padding):
    layer, width = make_layer(mask_padding=mask_padding), 21
    vectors = np.array(layer(**features_of(SEQUENCES, 8, width)))
    assert vectors.shape == (3, 8, HIDDEN_DIM)
    for sequence, of_sequence in zip(SEQUENCES, vectors, strict=True):
        # Without a mask the backward direction comes through the padding.
        seen = len(characters_of(sequence)[0]) if mask_padding else width
        np.testing.assert_allclose(
            of_sequence[: len(sequence)], expected(layer, sequence, seen), atol=1e-5
        )


def test_padding_does_not_count():
    layer = make_layer()
    together = np.array(layer(**features_of(SEQUENCES, 9, 40)))
    for sequence, of_sequence in zip(SEQUENCES, together, strict=True):
        count = len(sequence)
        width = len(characters_of(sequence)[0])
        alone = layer(**features_of([sequence], count, width))[0]
        np.testing.assert_allclose(of_sequence[:count], alone, atol=1e-6)


def test_one_separator_less_at_the_end():
    """A fixed width may cut the last separator."""
    layer = make_layer()
    sequence = SEQUENCES[1]
    width = len(characters_of(sequence)[0]) - 1
    features = features_of([sequence], 3, width + 1)
    features["char_ids"] = features["char_ids"][:, :width]
    np.testing.assert_allclose(
        layer(**features)[0], expected(layer, sequence, width), atol=1e-5
    )


def test_a_configuration_gives_the_same_layer():
    layer = make_layer(mask_padding=False)
    again = charbert_tf.CharEncoder.from_config(layer.get_config())
    again.build((None, None))
    again.set_weights(layer.get_weights())
    features = features_of(SEQUENCES, 8, 21)
    np.testing.assert_array_equal(layer(**features), again(**features))


def test_a_hidden_size_that_does_not_divide():
    with pytest.raises(ValueError, match=r"a multiple of 4, got 18\.$"):
        charbert_tf.CharEncoder(NUM_CHARACTERS, hidden_dim=18)
