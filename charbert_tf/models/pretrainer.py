"""Pretrainer: the masked and the noisy language model."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import EncoderKind, ReleasedNames
from charbert_tf.encoders.named_encoders import kind_of
from charbert_tf.encoders.preprocessor_sizes import check_rows
from charbert_tf.encoders.transformer_encoder import initializer
from charbert_tf.models.charbert_backbone import is_charbert, plain_encoder
from charbert_tf.models.cross_entropies import loss_on_outputs
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.language_model_head import (
    MaskedLMHead,
    map_mlm_head,
    map_nlm_head,
    mlm_decoder,
)
from charbert_tf.models.metrics_on_outputs import metrics_on_outputs
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.models.released_head import HuggingFaceHead, ReleasedHead
from charbert_tf.state_dicts.weight_map import WeightMap


class _HuggingFacePretrainer(HuggingFaceHead):
    architecture = "ForMaskedLM"

    def is_in(self, tensors: Collection[str], kind: EncoderKind) -> bool:
        return kind.mlm_head.bias in tensors

    def map(
        self, weight_map: WeightMap, model: keras_nlp.models.Task, kind: EncoderKind
    ) -> None:
        map_mlm_head(weight_map, model, kind.mlm_head)

    def token_copies(self, kind: EncoderKind) -> list[str]:
        return [mlm_decoder(kind.mlm_head)]


class _ReleasedPretrainer(ReleasedHead):
    architecture = "ForMaskedLM"
    labelled = "masked tokens"

    def is_in(self, tensors: Mapping[str, np.ndarray], names: ReleasedNames) -> bool:
        return f"{names.nlm_head.decoder}.weight" in tensors

    def arguments(
        self,
        tensors: Mapping[str, np.ndarray],
        names: ReleasedNames,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        return {"num_words": len(tensors[f"{names.nlm_head.decoder}.weight"])}

    def map(
        self, weight_map: WeightMap, model: keras_nlp.models.Task, kind: EncoderKind
    ) -> None:
        map_mlm_head(weight_map, model, kind.mlm_head)
        map_nlm_head(weight_map, model, kind.released.nlm_head)

    def outputs(
        self, model: keras_nlp.models.Task, features: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        return model(features)

    def token_copies(self, kind: EncoderKind) -> list[str]:
        return [mlm_decoder(kind.mlm_head)]


@keras.saving.register_keras_serializable(package="charbert_tf")
class Pretrainer(EncoderTask, keras_nlp.models.MaskedLM):
    """MLM on the token channel, NLM on the character channel.

    MLM: dense, GELU, layer norm, output weights tied to the token embedding, and a
    bias. NLM: the same with weights of its own, over a vocabulary of words: it tells
    which word stood where a noised word's subwords are (CharBERT, section 3.3,
    https://arxiv.org/abs/2011.01513). Logits are computed at the positions that have
    a label, and nowhere else. A plain encoder has MLM alone.

    Args:
        backbone: A `CharBertBackbone` or a plain keras-nlp encoder.
        num_words: int. Size of NLM's word vocabulary; `None` on a plain encoder.
        preprocessor: A `PretrainerPreprocessor`, or `None` if inputs are features
            already.
        **kwargs: Other task arguments.

    Inputs are the backbone's and `mlm_positions` and (with characters)
    `nlm_positions`, int32 `(B, P)`, each of a width of its own. Outputs are
    `mlm_logits` `(B, P, vocabulary_size)` and `nlm_logits` `(B, P, num_words)`, float32
    whatever the policy.

    In `fit` a text has the same noise and masks in each epoch, for the preprocessor
    draws them from its seed and the text; `official.pretrain` and
    `pretraining_dataset` draw them anew.

    Raises:
        ValueError: If a `CharBertBackbone` comes without `num_words`, or a plain
            encoder with it.

    Example:

    ```python
    pretrainer = charbert_tf.Pretrainer(
        backbone, num_words=len(preprocessor.words), preprocessor=preprocessor
    )
    pretrainer.fit(tf.data.TextLineDataset("text.txt").batch(32))
    ```
    """

    preprocessor_cls = PretrainerPreprocessor
    huggingface_head = _HuggingFacePretrainer()
    released_head = _ReleasedPretrainer()

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        num_words: int | None = None,
        preprocessor: PretrainerPreprocessor | None = None,
        **kwargs,
    ):
        # The base class holds the preprocessor against it.
        self.num_words = num_words
        has_characters = is_charbert(backbone)
        if has_characters != (num_words is not None):
            raise ValueError(
                "`num_words` goes with a `CharBertBackbone`, and only with one. "
                f"Received backbone={type(backbone).__name__}, num_words={num_words}."
            )
        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        self.mlm_head = _language_model_head(
            backbone, token_embedding=backbone.token_embedding, name="mlm_head"
        )
        if has_characters:
            self.nlm_head = _language_model_head(
                backbone, vocabulary_size=num_words, name="nlm_head"
            )

        # === Functional Model ===
        inputs = dict(backbone.input)
        outputs = backbone(backbone.input)
        if not isinstance(outputs, dict):
            outputs = {"sequence_output": outputs}
        inputs["mlm_positions"] = _positions_input("mlm_positions")
        logits = {
            "mlm_logits": self.mlm_head(
                outputs["sequence_output"], inputs["mlm_positions"]
            )
        }
        if has_characters:
            inputs["nlm_positions"] = _positions_input("nlm_positions")
            logits["nlm_logits"] = self.nlm_head(
                outputs["char_sequence_output"], inputs["nlm_positions"]
            )
        super().__init__(inputs=inputs, outputs=logits, **kwargs)

    def check_preprocessor(self) -> None:
        """Refuses a preprocessor of another model, also one of more words."""
        super().check_preprocessor()
        words = getattr(self.preprocessor, "words", None) or ()
        check_rows(len(words), "words", self, "num_words")

    def compile(
        self,
        optimizer="auto",
        loss="auto",
        *,
        metrics=None,
        weighted_metrics="auto",
        **kwargs,
    ):
        """Configures training; by default AdamW on the sum of MLM's and NLM's loss.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: Keras losses on logits by output name, or `"auto"`. A name or a
                function is one of logits, too.
            metrics: Keras metrics by output name, of padded positions, too. Those of
                probabilities see probabilities.
            weighted_metrics: Metrics of what has a label, likewise, or `"auto"` for the
                accuracies.
            **kwargs: Other arguments of `keras.Model.compile`.

        Raises:
            ValueError: If a cross-entropy is one of probabilities.
        """
        names = list(self.output)
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(5e-5)
        if loss == "auto":
            loss = {
                name: keras.losses.SparseCategoricalCrossentropy(
                    from_logits=True, reduction="mean_with_sample_weight"
                )
                for name in names
            }
        if weighted_metrics == "auto":
            weighted_metrics = {name: ["accuracy"] for name in names}
        super().compile(
            optimizer=optimizer,
            loss=loss_on_outputs(loss, from_logits=True),
            metrics=metrics_on_outputs(metrics, from_logits=True),
            weighted_metrics=metrics_on_outputs(weighted_metrics, from_logits=True),
            **kwargs,
        )

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "num_words": self.num_words}


def _language_model_head(backbone, **kwargs) -> MaskedLMHead:
    encoder = plain_encoder(backbone)
    return MaskedLMHead(
        intermediate_activation=_head_activation(encoder),
        layer_norm_epsilon=encoder.embeddings_layer_norm.epsilon,
        kernel_initializer=initializer(),
        dtype=backbone.dtype_policy,
        **kwargs,
    )


def _head_activation(encoder) -> Callable:
    kind = kind_of(encoder)
    return keras.activations.gelu if kind is None else kind.mlm_activation(encoder)


def _positions_input(name: str) -> keras.KerasTensor:
    return keras.Input((None,), dtype="int32", name=name)
