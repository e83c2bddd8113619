"""BERT's checkpoints: config.json, tensors, heads, the authors' CharBERT."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import keras_nlp

from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.encoder_kind import EncoderKind, HeadNames, ReleasedNames
from charbert_tf.encoders.keras_hub_encoder import copy_weights, sizes_of
from charbert_tf.state_dicts.weight_map import (
    FROM_HEADS_KERNEL,
    HEADS_BIAS,
    HEADS_KERNEL,
    WeightMap,
)
from charbert_tf.third_party_internals import transformer_parts


class BertKind(EncoderKind):
    """BERT and mBERT (Devlin et al., 2019, https://arxiv.org/abs/1810.04805)."""

    encoder_cls = BertEncoder
    model_type = "bert"
    architecture = "Bert"
    config_keys: ClassVar = {
        "vocabulary_size": "vocab_size",
        "num_layers": "num_hidden_layers",
        "num_heads": "num_attention_heads",
        "hidden_dim": "hidden_size",
        "intermediate_dim": "intermediate_size",
        "max_sequence_length": "max_position_embeddings",
        "num_segments": "type_vocab_size",
    }
    rate_keys: ClassVar = {
        "dropout": "hidden_dropout_prob",
        "attention_dropout": "attention_probs_dropout_prob",
        "layer_norm_epsilon": "layer_norm_eps",
    }
    activation_key = "hidden_act"
    config_defaults: ClassVar = {
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "layer_norm_eps": 1e-12,
        "type_vocab_size": 2,
    }
    first_tensor = "embeddings.word_embeddings.weight"
    marks: ClassVar = {"bert": ("Bert", "bert.", "cls.predictions.")}
    mlm_head = HeadNames(
        "cls.predictions.transform.dense",
        "cls.predictions.transform.LayerNorm",
        "cls.predictions.decoder",
        "cls.predictions.bias",
    )
    head_activation = None
    not_loaded: ClassVar = {"cls.seq_relationship.": "the head for the next sentence"}
    released = ReleasedNames(
        HeadNames(
            "cls.predictions.adv_transform.dense",
            "cls.predictions.adv_transform.LayerNorm",
            "cls.predictions.adv_decoder",
            "cls.predictions.adv_decoder.bias",
        ),
        # Its state dict lists the one shared convolution once for each layer.
        fusion="fusion_layer_list.{index}",
        text_classifier="classifier",
    )

    def encoder_arguments(
        self, config: Mapping[str, Any], tensors: Collection[str], prefix: str
    ) -> dict[str, Any]:
        """Tells also whether there is a pooler; see the base class."""
        arguments = super().encoder_arguments(config, tensors, prefix)
        return {**arguments, "has_pooler": f"{prefix}pooler.dense.weight" in tensors}

    def max_sequence_length(self, config: Mapping[str, Any]) -> int:
        """Returns how many rows of the position embedding are read."""
        return super().max_sequence_length(config) - self.encoder_cls.first_position

    def config_of(self, encoder: BertEncoder) -> dict[str, Any]:
        """Counts also the unread rows of the position embedding; see the base class."""
        config = super().config_of(encoder)
        config[self.config_keys["max_sequence_length"]] += encoder.first_position
        return config

    def map_encoder(
        self, weight_map: WeightMap, encoder: BertEncoder, prefix: str, **token_copies
    ) -> None:
        """Pairs embeddings, layers and pooler; see the base class."""
        weight_map.add(
            encoder.token_embedding.embeddings,
            f"{prefix}{self.first_tensor}",
            **token_copies,
        )
        for layer, name in (
            (encoder.position_embedding, "position_embeddings"),
            (encoder.segment_embedding, "token_type_embeddings"),
        ):
            weight_map.add(layer.embeddings, f"{prefix}embeddings.{name}.weight")
        weight_map.add_layer_norm(
            encoder.embeddings_layer_norm, f"{prefix}embeddings.LayerNorm"
        )
        for index, layer in enumerate(encoder.transformer_layers):
            _map_transformer_layer(weight_map, layer, f"{prefix}encoder.layer.{index}.")
        if hasattr(encoder, "pooled_dense"):
            weight_map.add_dense(encoder.pooled_dense, f"{prefix}pooler.dense")

    def of_keras_hub(self, encoder: keras_nlp.models.Backbone) -> BertEncoder | None:
        """Returns a copy of a BertBackbone, whose GELU is the approximate one."""
        if not isinstance(encoder, keras_nlp.models.BertBackbone):
            return None
        copy = BertEncoder(
            num_segments=encoder.num_segments,
            activation="gelu_new",
            **sizes_of(encoder),
        )
        positions = encoder.position_embedding.position_embeddings
        copy_weights(copy, encoder, positions)
        return copy


def _map_transformer_layer(weight_map: WeightMap, layer, prefix: str) -> None:
    parts = transformer_parts(layer)
    attention = parts.attention
    for dense, name in (
        (attention.query_dense, "query"),
        (attention.key_dense, "key"),
        (attention.value_dense, "value"),
    ):
        name = f"{prefix}attention.self.{name}"
        weight_map.add_dense(dense, name, HEADS_KERNEL, HEADS_BIAS)
    output = f"{prefix}attention.output."
    weight_map.add_dense(attention.output_dense, f"{output}dense", FROM_HEADS_KERNEL)
    weight_map.add_layer_norm(parts.attention_layer_norm, f"{output}LayerNorm")
    weight_map.add_dense(parts.intermediate_dense, f"{prefix}intermediate.dense")
    weight_map.add_dense(parts.output_dense, f"{prefix}output.dense")
    weight_map.add_layer_norm(parts.layer_norm, f"{prefix}output.LayerNorm")


BERT = BertKind()
