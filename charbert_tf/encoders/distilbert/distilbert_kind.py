"""DistilBERT's checkpoints: config.json, tensors and the language model's head."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import keras_nlp

from charbert_tf.encoders.distilbert.distilbert_encoder import DistilBertEncoder
from charbert_tf.encoders.encoder_kind import EncoderKind, HeadNames
from charbert_tf.encoders.keras_hub_encoder import copy_layers, sizes_of
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.weight_map import (
    FROM_HEADS_KERNEL,
    HEADS_BIAS,
    HEADS_KERNEL,
    WeightMap,
)
from charbert_tf.third_party_internals import transformer_parts

_SINUSOIDAL = "sinusoidal_pos_embds"


class DistilBertKind(EncoderKind):
    """DistilBERT (Sanh et al., 2019, https://arxiv.org/abs/1910.01108)."""

    encoder_cls = DistilBertEncoder
    model_type = "distilbert"
    architecture = "DistilBert"
    config_keys: ClassVar = {
        "vocabulary_size": "vocab_size",
        "num_layers": "n_layers",
        "num_heads": "n_heads",
        "hidden_dim": "dim",
        "intermediate_dim": "hidden_dim",
        "max_sequence_length": "max_position_embeddings",
    }
    rate_keys: ClassVar = {
        "dropout": "dropout",
        "attention_dropout": "attention_dropout",
    }
    activation_key = "activation"
    config_defaults: ClassVar = {
        "activation": "gelu",
        "dropout": 0.1,
        "attention_dropout": 0.1,
        "max_position_embeddings": 512,
        _SINUSOIDAL: False,
    }
    first_tensor = "embeddings.word_embeddings.weight"
    marks: ClassVar = {
        "distilbert": (architecture, "distilbert.", "vocab_projector.", ".q_lin.")
    }
    mlm_head = HeadNames(
        "vocab_transform",
        "vocab_layer_norm",
        "vocab_projector",
        "vocab_projector.bias",
    )

    head_activation = None
    bert_names: ClassVar = {
        "transformer.layer.": "encoder.layer.",
        "attention.q_lin": "attention.self.query",
        "attention.k_lin": "attention.self.key",
        "attention.v_lin": "attention.self.value",
        "attention.out_lin": "attention.output.dense",
        "sa_layer_norm": "attention.output.LayerNorm",
        "ffn.lin1": "intermediate.dense",
        "ffn.lin2": "output.dense",
        "output_layer_norm": "output.LayerNorm",
    }
    # Without segments, which a BERT's gives the model.
    tokenizer_class = "DistilBertTokenizer"

    def check_config(self, config: Mapping[str, Any], path: str) -> None:
        """Checks also what the positions are; see the base class."""
        super().check_config(config, path)
        if not isinstance(config[_SINUSOIDAL], bool):
            raise UserError(
                f"{_SINUSOIDAL} is {config[_SINUSOIDAL]!r}, and must be true or false",
                path,
            )

    def encoder_arguments(
        self, config: Mapping[str, Any], tensors: Collection[str], prefix: str
    ) -> dict[str, Any]:
        """Tells also what the positions are; see the base class."""
        arguments = super().encoder_arguments(config, tensors, prefix)
        return {**arguments, "sinusoidal_positions": config[_SINUSOIDAL]}

    def config_of(self, encoder: DistilBertEncoder) -> dict[str, Any]:
        """Tells also what the positions are; see the base class."""
        return {**super().config_of(encoder), _SINUSOIDAL: encoder.sinusoidal_positions}

    def map_encoder(
        self,
        weight_map: WeightMap,
        encoder: DistilBertEncoder,
        prefix: str,
        **token_copies,
    ) -> None:
        """Pairs embeddings and layers; see the base class."""
        weight_map.add(
            encoder.token_embedding.embeddings,
            f"{prefix}{self.first_tensor}",
            **token_copies,
        )
        weight_map.add(
            encoder.position_embedding.embeddings,
            f"{prefix}embeddings.position_embeddings.weight",
        )
        weight_map.add_layer_norm(
            encoder.embeddings_layer_norm, f"{prefix}embeddings.LayerNorm"
        )
        for index, layer in enumerate(encoder.transformer_layers):
            _map_layer(weight_map, layer, f"{prefix}transformer.layer.{index}.")

    def of_keras_hub(
        self, encoder: keras_nlp.models.Backbone
    ) -> DistilBertEncoder | None:
        """Returns a copy of a DistilBertBackbone."""
        if not isinstance(encoder, keras_nlp.models.DistilBertBackbone):
            return None
        copy = DistilBertEncoder(**sizes_of(encoder))
        positions = encoder.embeddings.position_embedding
        copy.position_embedding.set_weights(positions.get_weights())
        copy_layers(copy, encoder, "token_embedding", "embeddings_layer_norm")
        return copy


def _map_layer(weight_map: WeightMap, layer, prefix: str) -> None:
    parts = transformer_parts(layer)
    attention = parts.attention
    for dense, name in (
        (attention.query_dense, "q_lin"),
        (attention.key_dense, "k_lin"),
        (attention.value_dense, "v_lin"),
    ):
        name = f"{prefix}attention.{name}"
        weight_map.add_dense(dense, name, HEADS_KERNEL, HEADS_BIAS)
    weight_map.add_dense(
        attention.output_dense, f"{prefix}attention.out_lin", FROM_HEADS_KERNEL
    )
    weight_map.add_layer_norm(parts.attention_layer_norm, f"{prefix}sa_layer_norm")
    weight_map.add_dense(parts.intermediate_dense, f"{prefix}ffn.lin1")
    weight_map.add_dense(parts.output_dense, f"{prefix}ffn.lin2")
    weight_map.add_layer_norm(parts.layer_norm, f"{prefix}output_layer_norm")


DISTILBERT = DistilBertKind()
