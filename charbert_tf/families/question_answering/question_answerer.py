"""QuestionAnswerer: where in a context the answer to a question stands."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import ReleasedNames
from charbert_tf.encoders.preprocessor_sizes import check_pairs
from charbert_tf.encoders.transformer_encoder import initializer
from charbert_tf.families.asked_model import as_texts, ask, one_or_all
from charbert_tf.families.question_answering.answer_spans import FoundAnswer
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor,
)
from charbert_tf.families.question_answering.signature import QuestionAnswererSignature
from charbert_tf.models.cross_entropies import loss_on_outputs
from charbert_tf.models.encoder_task import EncoderTask, token_representation
from charbert_tf.models.metrics_on_outputs import metrics_on_outputs
from charbert_tf.models.released_head import ReleasedDense
from charbert_tf.models.task_dataset import as_tensor, map_leaves

# No answer begins or ends there, and still a number in half precision.
_NEVER = -1e4


class _ReleasedQuestionAnswerer(ReleasedDense):
    architecture = "ForQuestionAnswering"
    labelled = "answers"

    def output_name(self, names: ReleasedNames) -> str:
        return "qa_outputs"

    def arguments(
        self,
        tensors: Mapping[str, np.ndarray],
        names: ReleasedNames,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        return {}

    def config(self, model: keras_nlp.models.Task) -> dict[str, Any]:
        return {}

    def outputs(
        self, model: keras_nlp.models.Task, features: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        logits = model(features)
        ends = [logits["start_logits"], logits["end_logits"]]
        return {"logits": tf.stack(ends, axis=-1)}


@keras.saving.register_keras_serializable(package="charbert_tf")
class QuestionAnswerer(EncoderTask, keras_nlp.models.Task):
    """Scores each token as an answer's first and as its last.

    On a `CharBertBackbone` the dense layer reads both channels, `[T ; H]` (CharBERT,
    section 4.1, https://arxiv.org/abs/2011.01513); on a plain encoder its output.

    Args:
        backbone: A `CharBertBackbone` or a plain encoder.
        preprocessor: A `QuestionAnswererPreprocessor`, or `None` if inputs are
            features already.
        **kwargs: Other task arguments.

    Returns logits `{"start_logits": (B, T), "end_logits": (B, T)}`, float32 under every
    policy, for features as `QuestionAnswererPreprocessor` makes them. Those of padded
    positions are -10,000, unless the backbone is one that was trained without masks
    (`mask_padding=False`).

    Example:

    ```python
    answerer = charbert_tf.QuestionAnswerer.from_preset("my_preset")
    features = answerer.preprocessor((["Who wrote it?"], ["Kafka wrote it."]))
    logits = answerer(features)
    pairs = {"question": ["Who wrote it?"], "context": ["Kafka wrote it."]}
    answerer.fit(pairs, ["Kafka"])
    answerer.answer("Who wrote it?", "Kafka wrote it.").text
    ```
    """

    preprocessor_cls = QuestionAnswererPreprocessor
    signature_cls = QuestionAnswererSignature
    released_head = _ReleasedQuestionAnswerer()
    # A span is one label with two ends, and its loss their mean (BERT, section 4.2).
    loss_shares: ClassVar[Mapping[str, float]] = {
        "start_logits": 0.5,
        "end_logits": 0.5,
    }
    output_padding = _NEVER
    # There are no classes; every head says which it has.
    labels = ()

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        preprocessor: QuestionAnswererPreprocessor | None = None,
        **kwargs,
    ):
        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        self.output_dense = keras.layers.Dense(
            2,
            kernel_initializer=initializer(),
            # Logits stay float32 for the softmax under a mixed policy.
            dtype="float32",
            name="logits",
        )

        # === Functional Model ===
        inputs = backbone.input
        logits = self.output_dense(token_representation(backbone, backbone(inputs)))
        if getattr(backbone, "mask_padding", True):
            is_real = keras.ops.cast(inputs["padding_mask"], "bool")
            logits = keras.ops.where(is_real[:, :, None], logits, _NEVER)
        outputs = {"start_logits": logits[:, :, 0], "end_logits": logits[:, :, 1]}
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)

    def check_preprocessor(self) -> None:
        """Refuses a preprocessor of another model, and pairs that it has no row for."""
        super().check_preprocessor()
        check_pairs(self.preprocessor, self.backbone)

    def compile(
        self,
        optimizer="auto",
        loss="auto",
        *,
        metrics="auto",
        weighted_metrics=None,
        **kwargs,
    ):
        """Configures training; by default AdamW on the mean cross-entropy of both ends.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: Keras losses on logits by output name, or `"auto"`. A name or a
                function is one of logits, too.
            metrics: Metrics by output name, or `"auto"` for the accuracies. Those of
                probabilities see probabilities.
            weighted_metrics: Metrics by output name, likewise.
            **kwargs: Other arguments of `keras.Model.compile`.

        Raises:
            ValueError: If a cross-entropy is one of probabilities.
        """
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(5e-5)
        if loss == "auto":
            loss = {
                name: keras.losses.SparseCategoricalCrossentropy(from_logits=True)
                for name in self.output
            }
            kwargs.setdefault("loss_weights", self.loss_shares)
        if metrics == "auto":
            metrics = {name: ["accuracy"] for name in self.output}
        super().compile(
            optimizer=optimizer,
            loss=loss_on_outputs(loss, from_logits=True),
            metrics=metrics_on_outputs(metrics, from_logits=True),
            weighted_metrics=metrics_on_outputs(weighted_metrics, from_logits=True),
            **kwargs,
        )

    def label_ids(self, y: Any) -> Any:
        """Returns answers as they are, text or places; the preprocessor finds them.

        Args:
            y: As `QuestionAnswererPreprocessor` takes it.
        """
        return map_leaves(as_tensor, y)

    def answer(
        self, question: Iterable[str] | str, context: Iterable[str] | str
    ) -> list[FoundAnswer] | FoundAnswer:
        """Answers questions with what stands in their contexts, of any length.

        The answers are those of the exported model.

        Args:
            question: A question, or any iterable of questions, read in batches.
            context: What it is asked about: as many contexts as questions, or a single
                one for all of them.

        Returns:
            A `FoundAnswer` for each question; of a single one its own. Places are
            characters (Unicode code points) of the context.

        Raises:
            ValueError: If the model lacks its preprocessor, or there are not as many
                contexts as questions.
        """
        questions = as_texts(question)
        is_one = isinstance(context, str | bytes)
        contexts = itertools.repeat(context) if is_one else context
        rows = zip(questions, contexts, strict=not is_one)
        return one_or_all(question, ask(self, rows))
