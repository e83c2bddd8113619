"""ELECTRA's checkpoints: in what they differ from BERT's."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import keras_nlp

from charbert_tf.encoders.bert.bert_kind import BertKind
from charbert_tf.encoders.electra.electra_encoder import ElectraEncoder
from charbert_tf.encoders.encoder_kind import HeadNames
from charbert_tf.encoders.keras_hub_encoder import copy_weights, sizes_of
from charbert_tf.state_dicts.weight_map import WeightMap


class ElectraKind(BertKind):
    """ELECTRA (Clark et al., 2020, https://arxiv.org/abs/2003.10555).

    A generator's folder has the masked language model's head, a discriminator's one
    that tells replaced tokens, which is left out.
    """

    encoder_cls = ElectraEncoder
    model_type = "electra"
    architecture = "Electra"
    config_keys: ClassVar = {**BertKind.config_keys, "embedding_dim": "embedding_size"}
    config_defaults: ClassVar = {**BertKind.config_defaults, "embedding_size": 128}
    marks: ClassVar = {
        "electra": (
            *(architecture, "electra.", "embeddings_project."),
            *("generator_lm_head.", "generator_predictions."),
            "discriminator_predictions.",
        )
    }
    mlm_head = HeadNames(
        "generator_predictions.dense",
        "generator_predictions.LayerNorm",
        "generator_lm_head",
        "generator_lm_head.bias",
    )
    head_activation = "gelu"
    not_loaded: ClassVar = {
        "discriminator_predictions.": "the head that tells replaced tokens"
    }
    released = None

    def encoder_arguments(
        self, config: Mapping[str, Any], tensors: Collection[str], prefix: str
    ) -> dict[str, Any]:
        """Returns BERT's but for the pooler, which no ELECTRA has."""
        arguments = super().encoder_arguments(config, tensors, prefix)
        del arguments["has_pooler"]
        return arguments

    def map_encoder(
        self,
        weight_map: WeightMap,
        encoder: ElectraEncoder,
        prefix: str,
        **token_copies,
    ) -> None:
        """Pairs also the layer behind embeddings of another size."""
        super().map_encoder(weight_map, encoder, prefix, **token_copies)
        if encoder.embeddings_projection is not None:
            weight_map.add_dense(
                encoder.embeddings_projection, f"{prefix}embeddings_project"
            )

    def of_keras_hub(self, encoder: keras_nlp.models.Backbone) -> ElectraEncoder | None:
        """Returns a copy of an ElectraBackbone but for its pooler.

        Its GELU is the approximate one.
        """
        if not isinstance(encoder, keras_nlp.models.ElectraBackbone):
            return None
        sizes = sizes_of(encoder) | {"vocabulary_size": encoder.vocab_size}
        copy = ElectraEncoder(
            embedding_dim=encoder.embedding_dim,
            num_segments=encoder.num_segments,
            activation="gelu_new",
            **sizes,
        )
        positions = encoder.position_embedding.position_embeddings
        copy_weights(copy, encoder, positions)
        return copy


ELECTRA = ElectraKind()
