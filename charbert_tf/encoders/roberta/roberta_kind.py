"""RoBERTa's and XLM-R's checkpoints: in what they differ from BERT's."""

from collections.abc import Mapping
from typing import Any, ClassVar

import keras_nlp
import numpy as np

from charbert_tf.encoders.bert.bert_kind import BertKind
from charbert_tf.encoders.encoder_kind import HeadNames, ReleasedNames
from charbert_tf.encoders.keras_hub_encoder import copy_weights, sizes_of
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.files.errors import UserError

_XLM_MODEL_TYPE = "xlm-roberta"


class RobertaKind(BertKind):
    """RoBERTa (Liu et al., 2019, https://arxiv.org/abs/1907.11692) and XLM-R."""

    encoder_cls = RobertaEncoder
    model_type = "roberta"
    architecture = "Roberta"
    marks: ClassVar = {
        "roberta": ("Roberta", "roberta.", "lm_head."),
        _XLM_MODEL_TYPE: (f"XLM{architecture}",),
    }
    mlm_head = HeadNames(
        "lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias"
    )
    head_activation = "gelu"
    not_loaded: ClassVar = {}
    released = ReleasedNames(
        # It shares the layer norm of the masked language model's head.
        HeadNames(
            "lm_head.char_dense",
            "lm_head.layer_norm",
            "lm_head.adv_decoder",
            "lm_head.adv_decoder.bias",
        ),
        fusion="fusion_layer",
        text_classifier="char_classifier",
    )

    special_ids: ClassVar = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}

    def check_config(self, config: Mapping[str, Any], path: str) -> None:
        """Checks also the rows of the position embedding before the first one."""
        super().check_config(config, path)
        first = self.encoder_cls.first_position
        if config.get("pad_token_id", first - 1) != first - 1:
            raise UserError(f"pad_token_id must be {first - 1}: not supported", path)
        if config["max_position_embeddings"] <= first:
            raise UserError(f"max_position_embeddings must be above {first}", path)

    def names_with(
        self, tokenizer: keras_nlp.models.Tokenizer | None
    ) -> tuple[str, str]:
        """Returns XLM-R's names if the tokenizer is its; see the base class."""
        if isinstance(tokenizer, keras_nlp.models.XLMRobertaTokenizer):
            return _XLM_MODEL_TYPE, f"XLM{self.architecture}"
        return super().names_with(tokenizer)

    def of_keras_hub(self, encoder: keras_nlp.models.Backbone) -> RobertaEncoder | None:
        """Returns a copy of a RobertaBackbone, which has no segment and no pooler."""
        if not isinstance(encoder, keras_nlp.models.RobertaBackbone):
            return None
        copy = RobertaEncoder(has_pooler=False, **sizes_of(encoder))
        segments = copy.segment_embedding.embeddings
        segments.assign(np.zeros(segments.shape))
        positions = encoder.embeddings.position_embedding.position_embeddings
        copy_weights(copy, encoder, positions)
        return copy


ROBERTA = RobertaKind()
