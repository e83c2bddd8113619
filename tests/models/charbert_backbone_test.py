"""CharBertBackbone: two channels, one transformer, one interaction."""

import pathlib

import keras
import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

NUM_CHARACTERS, CHAR_EMBEDDING_DIM, HIDDEN_DIM = 50, 8, 16
TEXTS = ["The fine film.", "dull", "It was not a dull film"]


@pytest.fixture(scope="module")
def features(tokenizer, characters):
    preprocess = charbert_tf.TextClassifierPreprocessor(
        tokenizer, [*characters[: NUM_CHARACTERS - 1], "<unk>"]
    )
    return preprocess((TEXTS, TEXTS[::-1]))


def make_backbone(encoder, **arguments):
    backbone = charbert_tf.CharBertBackbone(
        encoder, NUM_CHARACTERS, CHAR_EMBEDDING_DIM, **arguments
    )
    rng = np.random.default_rng(0)
    backbone.set_weights([rng.normal(0, 0.3, w.shape) for w in backbone.get_weights()])
    return backbone


def embeddings(encoder, features):
    """BERT's: token, position and segment, then layer norm."""
    token_ids = features["token_ids"].numpy()
    table = {
        name: np.asarray(encoder.get_layer(name).trainable_variables[0].numpy())
        for name in ("token_embedding", "position_embedding", "segment_embedding")
    }
    total = (
        table["token_embedding"][token_ids]
        + table["position_embedding"][: token_ids.shape[1]]
        + table["segment_embedding"][features["segment_ids"].numpy()]
    )
    return encoder.get_layer("embeddings_layer_norm")(total)


@pytest.mark.parametrize("interaction", ["paper", "released"])
def test_the_formulas(make_encoder, features, interaction):
    """Layer by layer, a channel at a time."""
    encoder = make_encoder(num_layers=2)
    backbone = make_backbone(encoder, interaction=interaction)
    outputs = backbone(features)
    mask = features["padding_mask"]
    tokens = embeddings(encoder, features)
    characters = backbone.char_encoder(
        features["char_ids"], features["char_starts"], features["char_ends"], mask
    )
    for layer in encoder.transformer_layers:
        tokens, characters = backbone.heterogeneous_interaction(
            layer(tokens, padding_mask=mask),
            layer(characters, padding_mask=mask),
            padding_mask=mask,
        )
    expected = {
        "sequence_output": tokens,
        "char_sequence_output": characters,
        "pooled_output": encoder.pooled_dense(tokens[:, 0]),
        "char_pooled_output": encoder.pooled_dense(characters[:, 0]),
    }
    assert outputs.keys() == expected.keys()
    real = mask.numpy().astype(bool)
    for name, value in expected.items():
        is_sequence = value.shape.rank == 3
        assert outputs[name].shape == value.shape
        assert outputs[name].dtype == "float32"
        np.testing.assert_allclose(
            outputs[name].numpy()[real if is_sequence else ...],
            value.numpy()[real if is_sequence else ...],
            atol=1e-5,
            rtol=0,
        )


def test_the_encoder_is_shared_not_copied(make_encoder, features):
    encoder = make_encoder()
    backbone = make_backbone(encoder)
    assert backbone.encoder is encoder
    of_backbone = {id(variable) for variable in backbone.trainable_variables}
    assert {id(variable) for variable in encoder.trainable_variables} < of_backbone
    before = backbone(features)["char_sequence_output"]
    for variable in encoder.transformer_layers[0].trainable_variables:
        variable.assign(2.0 * variable)
    assert np.abs(backbone(features)["char_sequence_output"] - before).max() > 0.01


@pytest.mark.parametrize(
    ("interaction", "count"),
    [
        # Two dense layers, the convolution, two dense layers, two layer norms.
        ("paper", 2 * (16 * 16 + 16) + (3 * 32 * 16 + 16) + 2 * (16 * 16 + 16) + 64),
        ("released", 2 * (16 * 16) + (3 * 32 * 16 + 16) + 64),
    ],
)
@pytest.mark.parametrize("num_layers", [1, 3])
def test_all_layers_share_one_interaction(make_encoder, num_layers, interaction, count):
    encoder = make_encoder(num_layers=num_layers)
    backbone = charbert_tf.CharBertBackbone(
        encoder, NUM_CHARACTERS, CHAR_EMBEDDING_DIM, interaction
    )
    units = HIDDEN_DIM // 4
    one_gru = 3 * units * (CHAR_EMBEDDING_DIM + units + 2)
    char_encoder = NUM_CHARACTERS * CHAR_EMBEDDING_DIM + 2 * one_gru
    assert backbone.count_params() == encoder.count_params() + char_encoder + count


@pytest.mark.parametrize(
    ("interaction", "count"), [("paper", 6_679_808), ("released", 5_497_088)]
)
def test_the_new_weights_at_base_size(interaction, count):
    """The paper has "5M" more; by its equations there are more than it released.

    The docstring and the page tell both.
    """
    encoder = keras_nlp.models.BertBackbone(1000, 1, 12, 768, 3072)
    backbone = charbert_tf.CharBertBackbone(encoder, 1001, interaction=interaction)
    assert backbone.count_params() - encoder.count_params() == count
    page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "checkpoints.md"
    for told in (page.read_text("utf-8"), charbert_tf.CharBertBackbone.__doc__):
        assert f"{count / 1e6:.2f} M" in told


def test_unmasked_padding_counts(make_encoder, features):
    """As in the released models, and unlike the default."""
    backbone = make_backbone(make_encoder(), mask_padding=False)
    row = int(np.argmin(features["padding_mask"].numpy().sum(1)))
    length = int(tf.reduce_sum(features["padding_mask"][row]))
    characters = int(features["char_ends"][row, length - 1]) + 2
    alone = {
        name: value[row : row + 1, : characters if name == "char_ids" else length]
        for name, value in features.items()
    }
    for name, expected in backbone(alone).items():
        if name.endswith("sequence_output"):
            actual = backbone(features)[name][row, :length]
            assert np.abs(actual - expected[0]).max() > 1e-3


def test_a_policy_of_its_own_reaches_the_encoder_of_a_preset(make_encoder, tmp_path):
    make_backbone(make_encoder()).save_to_preset(tmp_path)
    backbone = charbert_tf.CharBertBackbone.from_preset(
        str(tmp_path), dtype="mixed_bfloat16"
    )
    assert backbone.encoder.compute_dtype == backbone.compute_dtype == "bfloat16"
    assert backbone.char_encoder.compute_dtype == "bfloat16"


def test_a_plain_encoder_can_be_taken_out_and_saved(make_encoder, features, tmp_path):
    backbone = make_backbone(make_encoder())
    backbone.encoder.save_to_preset(tmp_path)
    encoder = keras_nlp.models.Backbone.from_preset(str(tmp_path))
    names = ("token_ids", "segment_ids", "padding_mask")
    inputs = {name: features[name] for name in names}
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(encoder(inputs)["sequence_output"]),
        keras.ops.convert_to_numpy(backbone.encoder(inputs)["sequence_output"]),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"interaction": "new"}, "`interaction` must be one of"),
        ({"encoder": {"hidden_dim": 18}}, "`hidden_dim` must be a multiple of 4"),
    ],
)
def test_wrong_arguments(make_encoder, arguments, message):
    encoder = make_encoder(**arguments.pop("encoder", {}))
    with pytest.raises(ValueError, match=message):
        charbert_tf.CharBertBackbone(encoder, NUM_CHARACTERS, **arguments)
