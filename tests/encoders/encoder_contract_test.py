"""What a CharBERT can be put around, and the one line that says why not."""

import keras
import keras_hub
import numpy as np
import pytest

import charbert_tf
from charbert_tf.encoders.encoder_contract import check_encoder
from charbert_tf.encoders.named_encoders import ENCODERS, kind_of
from charbert_tf.files.errors import UserError

SIZES = {
    "vocabulary_size": 9,
    "num_layers": 2,
    "hidden_dim": 4,
    "intermediate_dim": 4,
    "max_sequence_length": 8,
}
HEADS = {**SIZES, "num_heads": 2}
MODELS = keras_hub.models


def stranger(width=4, is_normalized_last=False):
    """An encoder that nobody planned for, whose embeddings end in a dense layer."""
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ("token_ids", "padding_mask")
    }
    embedding = keras_hub.layers.ReversibleEmbedding(9, 2)
    layer_norm = keras.layers.LayerNormalization()
    layer = keras_hub.layers.TransformerEncoder(4, 2)
    vectors = layer_norm(embedding(inputs["token_ids"]))
    vectors = keras.layers.Dense(width, name="widened")(vectors)
    vectors = layer(vectors, padding_mask=inputs["padding_mask"])
    if is_normalized_last:
        vectors = keras.layers.LayerNormalization()(vectors)
    encoder = keras_hub.models.Backbone(inputs, {"sequence_output": vectors})
    encoder.token_embedding, encoder.embeddings_layer_norm = embedding, layer_norm
    encoder.transformer_layers, encoder.num_layers = [layer], 1
    encoder.vocabulary_size, encoder.hidden_dim = 9, 4
    encoder.max_sequence_length = 8
    return encoder


def test_embeddings_end_where_the_layers_begin():
    backbone = charbert_tf.CharBertBackbone(stranger(), num_characters=5)
    features = {
        name: np.ones((2, 3), "int32") for name in backbone.input if name != "char_ids"
    }
    features["char_ids"] = np.ones((2, 6), "int32")
    assert backbone(features)["sequence_output"].shape == (2, 3, 4)
    assert backbone.embeddings.layers[-1].name == "widened"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda: MODELS.AlbertBackbone(embedding_dim=4, **HEADS),
            "AlbertBackbone cannot be the encoder of a CharBERT: it shares its layers",
        ),
        (lambda: MODELS.FNetBackbone(**SIZES), "FNetBackbone .* it has no attention"),
        (
            lambda: MODELS.DebertaV3Backbone(**HEADS),
            "it has relative positions .*: its layers need rel_embeddings too",
        ),
        (
            lambda: MODELS.ElectraBackbone(9, 2, 2, 4, 2, 4),
            "ElectraBackbone .*: it has no vocabulary_size",
        ),
        (
            lambda: MODELS.GPT2Backbone(**HEADS),
            "GPT2Backbone .*: it has no embeddings_layer_norm$",
        ),
        (
            lambda: stranger(width=6),
            "its embeddings give vectors of 6, not of hidden_dim, 4$",
        ),
        (
            lambda: stranger(is_normalized_last=True),
            "its sequence_output is not what its last transformer layer gives$",
        ),
    ],
)
def test_encoders_that_do_not_fit_are_refused_with_the_reason(make, reason):
    with pytest.raises(UserError, match=reason) as raised:
        charbert_tf.CharBertBackbone(make(), num_characters=5)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "make", [MODELS.BertBackbone, MODELS.RobertaBackbone, MODELS.DistilBertBackbone]
)
def test_encoders_of_keras_hub_fit(make):
    check_encoder(make(**HEADS))
    assert kind_of(make(**HEADS)) is None


def test_each_kind_knows_its_own_encoders():
    for model_type, kind in ENCODERS.items():
        encoder = kind.encoder_cls(**HEADS)
        check_encoder(encoder)
        assert kind_of(encoder) is kind
        assert ENCODERS[kind.model_type] is kind
        described = {**kind.config_of(encoder), "model_type": model_type}
        kind.check_config(described, "config.json")
        again = kind.encoder_cls(**kind.encoder_arguments(described, (), ""))
        pooled = {"has_pooler", "name"}
        assert {k: v for k, v in again.get_config().items() if k not in pooled} == {
            k: v for k, v in encoder.get_config().items() if k not in pooled
        }
