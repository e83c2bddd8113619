"""The interaction of the two channels against its formulas in NumPy."""

import math

import numpy as np
import pytest

import charbert_tf

HIDDEN_DIM, EPSILON = 12, 1e-12
LENGTHS = [6, 3, 1]
FORMS = ["paper", "released"]


def gelu(x):
    """The exact form."""
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def layer_norm(x, gain, shift):
    centered = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((centered**2).mean(-1, keepdims=True) + EPSILON)
    return centered / deviation * gain + shift


def convolution(x, kernel, bias):
    """Kernel size 3, zeros beyond both ends."""
    padded = np.pad(x, [(1, 1), (0, 0)])
    return sum(padded[i : i + len(x)] @ kernel[i] for i in range(3)) + bias


def weights_of(layer):
    """By layer and name: `weights["token_dense/kernel"]`."""
    return {
        "/".join(weight.path.split("/")[-2:]): weight.numpy().astype("float64")
        for weight in layer.weights
    }


def paper(weights, tokens, characters):
    def dense(name, x):
        return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    w = np.concatenate(
        [dense("token_dense", tokens), dense("char_dense", characters)], axis=1
    )
    m = np.tanh(
        convolution(w, weights["convolution/kernel"], weights["convolution/bias"])
    )
    return (
        tokens + gelu(dense("token_output_dense", m)),
        characters + gelu(dense("char_output_dense", m)),
    )


def released(weights, tokens, characters):
    w = np.concatenate(
        [
            tokens @ weights["token_dense/kernel"],
            characters @ weights["char_dense/kernel"],
        ],
        axis=1,
    )
    m = convolution(w, weights["convolution/kernel"], weights["convolution/bias"])
    return tokens + m, characters + m


def expected(layer, tokens, characters):
    weights = weights_of(layer)
    form = {"paper": paper, "released": released}[layer.interaction]
    tokens, characters = form(weights, tokens, characters)

    def norm(name, x):
        return layer_norm(x, weights[f"{name}/gamma"], weights[f"{name}/beta"])

    return norm("token_layer_norm", tokens), norm("char_layer_norm", characters)


def make_layer(interaction, **arguments):
    layer = charbert_tf.HeterogeneousInteraction(HIDDEN_DIM, interaction, **arguments)
    layer.build((None, None, HIDDEN_DIM))
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(0, 0.4, w.shape) for w in layer.get_weights()])
    return layer


def random_channels(seed=1):
    """Both channels, also at padded positions, and the mask."""
    shape = (len(LENGTHS), max(LENGTHS), HIDDEN_DIM)
    rng = np.random.default_rng(seed)
    mask = np.arange(shape[1]) < np.array(LENGTHS)[:, None]
    return *rng.normal(size=(2, *shape)).astype("float32"), mask.astype("int32")


@pytest.mark.parametrize("mask_padding", [True, False])
@pytest.mark.parametrize("interaction", FORMS)
def test_the_formulas(interaction, mask_padding):
    layer = make_layer(interaction, mask_padding=mask_padding)
    tokens, characters, mask = random_channels()
    result = layer(tokens, characters, padding_mask=mask)
    for row, length in enumerate(LENGTHS):
        # Without a mask the convolution sees what stands at padded positions.
        seen = length if mask_padding else max(LENGTHS)
        channels = expected(layer, tokens[row, :seen], characters[row, :seen])
        for actual, channel in zip(result, channels, strict=True):
            np.testing.assert_allclose(
                actual[row, :length], channel[:length], atol=1e-5
            )


@pytest.mark.parametrize("interaction", FORMS)
def test_padding_does_not_count(interaction):
    layer = make_layer(interaction)
    tokens, characters, mask = random_channels()
    together = layer(tokens, characters, padding_mask=mask)
    for row, length in enumerate(LENGTHS):
        place = (slice(row, row + 1), slice(length))
        alone = layer(tokens[place], characters[place], padding_mask=mask[place])
        for channel, alone_channel in zip(together, alone, strict=True):
            np.testing.assert_allclose(channel[place], alone_channel, atol=1e-6)


@pytest.mark.parametrize("interaction", FORMS)
def test_a_configuration_gives_the_same_layer(interaction):
    layer = make_layer(interaction, mask_padding=False, layer_norm_epsilon=0.5)
    again = charbert_tf.HeterogeneousInteraction.from_config(layer.get_config())
    again.build((None, None, HIDDEN_DIM))
    again.set_weights(layer.get_weights())
    tokens, characters, mask = random_channels()
    for a, b in zip(
        layer(tokens, characters, padding_mask=mask),
        again(tokens, characters, padding_mask=mask),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_the_released_form_has_fewer_weights():
    def names(interaction):
        return set(weights_of(make_layer(interaction)))

    assert names("paper") - names("released") == {
        "token_dense/bias",
        "char_dense/bias",
        "token_output_dense/kernel",
        "token_output_dense/bias",
        "char_output_dense/kernel",
        "char_output_dense/bias",
    }
    assert names("released") < names("paper")


def test_an_unknown_form():
    with pytest.raises(ValueError, match=r"one of \('paper', 'released'\), got 'new'"):
        charbert_tf.HeterogeneousInteraction(HIDDEN_DIM, "new")
