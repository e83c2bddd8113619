"""TextClassifier: a label, several or a score for a text or a pair of texts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import ReleasedNames
from charbert_tf.encoders.preprocessor_sizes import check_pairs
from charbert_tf.encoders.transformer_encoder import initializer
from charbert_tf.families.asked_model import as_texts, ask, one_or_all
from charbert_tf.families.class_names import ClassNames
from charbert_tf.families.classification.class_targets import class_ids, multi_hot
from charbert_tf.families.classification.signature import TextClassifierSignature
from charbert_tf.families.classification.text_classifier_preprocessor import (
    TextClassifierPreprocessor,
    segments_of,
)
from charbert_tf.families.cut_texts import tell_of_cut_texts
from charbert_tf.families.predicted_texts import PredictedText
from charbert_tf.families.problem_types import (
    PROBLEM_TYPES,
    MultiLabel,
    ProblemType,
    Regression,
    SingleLabel,
)
from charbert_tf.models.charbert_backbone import is_charbert
from charbert_tf.models.charbert_preprocessor import copied
from charbert_tf.models.cross_entropies import loss_on_outputs
from charbert_tf.models.encoder_task import EncoderTask, token_representation
from charbert_tf.models.metrics_on_outputs import metrics_on_outputs
from charbert_tf.models.one_or_many import as_list
from charbert_tf.models.released_head import ReleasedDense
from charbert_tf.models.task_dataset import as_tensor

_OF_SEVERAL_LABELS = (
    keras.losses.BinaryCrossentropy,
    keras.losses.BinaryFocalCrossentropy,
)


class _ReleasedTextClassifier(ReleasedDense):
    architecture = "ForSequenceClassification"
    labelled = "texts"
    folder_mark = "sequence"
    averages = True

    def output_name(self, names: ReleasedNames) -> str:
        return names.text_classifier

    def arguments(
        self,
        tensors: Mapping[str, np.ndarray],
        names: ReleasedNames,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        arguments = super().arguments(tensors, names, config)
        if not config.get("problem_type"):
            return arguments
        names = {of.huggingface_name: of.name for of in PROBLEM_TYPES.values()}
        problem_type = names.get(config["problem_type"])
        if problem_type == Regression.name:
            arguments["labels"] = None
        return {**arguments, "problem_type": problem_type}

    def config(self, model: keras_nlp.models.Task) -> dict[str, Any]:
        problem_type = model.problem.huggingface_name
        return {**super().config(model), "problem_type": problem_type}


@keras.saving.register_keras_serializable(package="charbert_tf")
class TextClassifier(ClassNames, EncoderTask, keras_nlp.models.TextClassifier):
    """Classifies texts and pairs of texts.

    On a `CharBertBackbone`: the mean over the real tokens of `[T ; H]`, dropout and a
    dense layer (CharBERT, section 4.1, https://arxiv.org/abs/2011.01513); not the
    first position, which has no characters. On a plain encoder the usual head: its
    pooled first position, dropout and a dense layer; an encoder without a pooler gets
    a new one. The mean leaves out padded positions if the backbone masks them.

    Args:
        backbone: A `CharBertBackbone` or a plain keras-nlp encoder.
        num_classes: int. Number of labels; 1 for a score.
        preprocessor: A `TextClassifierPreprocessor`, or `None` if inputs are features
            already.
        dropout: float. Rate before the dense layer. Defaults to 0.1.
        labels: The classes' names, for text labels, answers and exported models.
        activation: A Keras activation of the outputs, such as `"softmax"` for
            probabilities. Defaults to `None`: they are logits.
        problem_type: What the logits mean: `"single_label"`, `"multi_label"` (a sigmoid
            each) or `"regression"` (one score, no labels). Unless it is given, one
            class without a name is a score, and several are one label; a
            binary cross-entropy as `compile`'s loss then makes it several labels.
        takes_pairs: bool. Whether it classifies pairs, for exported models, and for
            commands, which refuse texts that are not what it was trained on. `None`,
            the default, leaves it unsaid: `fit` does not tell, so commands take the
            user's word for it, and an exported model takes single texts.
        **kwargs: Other task arguments.

    Raises:
        ValueError: If there are not as many labels as classes, one is there twice, or
            there is no such problem type.

    Returns logits, float32 `(B, num_classes)` under every policy, for features as
    `TextClassifierPreprocessor` makes them.

    Example:

    ```python
    classifier = charbert_tf.TextClassifier.from_preset(
        "my_preset", num_classes=2, labels=["bad", "good"]
    )
    classifier.fit(x=["a fine film", "a borign film"], y=[1, 0])
    classifier.classify(["a fnie film"])[0].label
    ```
    """

    preprocessor_cls = TextClassifierPreprocessor
    signature_cls = TextClassifierSignature
    logits_arguments: ClassVar[Mapping[str, Any]] = {"activation": None}
    released_head = _ReleasedTextClassifier()

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        num_classes: int,
        preprocessor: TextClassifierPreprocessor | None = None,
        dropout: float = 0.1,
        labels: Sequence[str] | None = None,
        takes_pairs: bool | None = None,
        activation: str | Callable | None = None,
        problem_type: str | None = None,
        **kwargs,
    ):
        self._is_told_problem_type = problem_type is not None
        if problem_type is None:
            is_score = num_classes == 1 and not labels
            problem_type = Regression.name if is_score else SingleLabel.name
        _problem(problem_type).check(num_classes, labels)
        # keras-nlp compiles at the end of its constructor, and the base class holds the
        # preprocessor against what it is for.
        self.problem_type = problem_type
        self.takes_pairs = takes_pairs

        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        has_characters = is_charbert(backbone)
        if has_characters:
            self.token_mean = keras.layers.GlobalAveragePooling1D(
                dtype=backbone.dtype_policy, name="token_mean"
            )
        elif not hasattr(backbone, "pooled_dense"):
            self.pooled_dense = keras.layers.Dense(
                backbone.hidden_dim,
                activation="tanh",
                kernel_initializer=initializer(),
                dtype=backbone.dtype_policy,
                name="pooled_dense",
            )
        self.output_dropout = keras.layers.Dropout(
            dropout, dtype=backbone.dtype_policy, name="output_dropout"
        )
        self.output_dense = keras.layers.Dense(
            num_classes,
            kernel_initializer=initializer(),
            # Logits stay float32 for the softmax under a mixed policy.
            dtype="float32",
            name="logits",
        )
        # Keras compiles at the end of the constructor.
        self.activation = keras.activations.get(activation)

        # === Functional Model ===
        inputs = backbone.input
        outputs = backbone(inputs)
        tokens = token_representation(backbone, outputs)
        if has_characters:
            mask = keras.ops.cast(inputs["padding_mask"], "bool")
            text = self.token_mean(tokens, mask=mask if backbone.mask_padding else None)
        elif hasattr(backbone, "pooled_dense"):
            text = outputs["pooled_output"]
        else:
            text = self.pooled_dense(tokens[:, 0, :])
        logits = self.output_dense(self.output_dropout(text))
        super().__init__(inputs=inputs, outputs=self.activation(logits), **kwargs)

        # === Config ===
        self.num_classes = num_classes
        self.dropout = dropout
        self.labels = labels

    def check_preprocessor(self) -> None:
        """Refuses a preprocessor of another model, also one of pairs that it lacks."""
        super().check_preprocessor()
        if self.takes_pairs:
            check_pairs(self.preprocessor, self.backbone)

    def check_examples(self, x: Any) -> None:
        """Refuses pairs if the encoder has no row for the second text.

        Args:
            x: What the preprocessor takes.

        Raises:
            ValueError: If it has none.
        """
        if self.preprocessor is not None and len(segments_of(x)) == 2:
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
        """Configures training; by default AdamW on the loss of the problem type.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: A Keras loss, or `"auto"`: cross-entropy, binary cross-entropy of
                each label, or squared error. A cross-entropy by name or by function
                is one of what the model returns, logits or probabilities.
            metrics: Keras metrics, or `"auto"` for the accuracy, or for the root of
                the mean squared error. Those of probabilities see probabilities,
                `"auc"` and `keras.metrics.Precision()` alike, and of several labels
                `"accuracy"` is the share of classes that are right.
            weighted_metrics: Keras metrics, likewise.
            **kwargs: Other arguments of `keras.Model.compile`.

        Raises:
            ValueError: If the loss is one of several labels, and the problem type was
                said to be another one, or if it is one of probabilities and the model
                returns logits, or the other way round.
        """
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(5e-5)
        if loss == "auto":
            loss = self.problem.loss(self._has_logits is not False)
        loss = loss_on_outputs(loss, self._has_logits)
        is_of_several = isinstance(loss, _OF_SEVERAL_LABELS)
        if is_of_several and self.problem_type != MultiLabel.name:
            self._become_multi_label()
        if metrics == "auto":
            metrics = self.problem.metrics()
        metrics, weighted_metrics = (
            metrics_on_outputs(some, self._has_logits, self.problem.activation)
            for some in (metrics, weighted_metrics)
        )
        super().compile(
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            **kwargs,
        )

    @property
    def problem(self) -> ProblemType:
        """What the logits mean."""
        return PROBLEM_TYPES[self.problem_type]

    @property
    def _has_logits(self) -> bool | None:
        """Whether the outputs are logits; `None` if the activation does not tell."""
        activations = keras.activations
        known = {activations.linear: True}
        known |= dict.fromkeys((activations.softmax, activations.sigmoid), False)
        return known.get(self.activation)

    def label_ids(self, y: Any) -> Any:
        """Looks names of labels up, and refuses what the loss would misread.

        Args:
            y: Labels. Of several labels a list of names, or of numbers, for each text;
                or 1 or 0 for each class.

        Returns:
            Labels as the loss takes them.

        Raises:
            ValueError: If one is not among `labels`, or the loss takes numbers of
                classes and they are one-hot, have fractions or are no class's; or of
                several labels they are neither numbers of classes nor from 0 to 1.
        """
        y = as_tensor(as_list(y))
        are_names = y.dtype == tf.string
        y = super().label_ids(y)
        if self.problem_type == MultiLabel.name:
            return multi_hot(y, self.num_classes, are_names)
        is_sparse = keras.losses.SparseCategoricalCrossentropy
        if any(isinstance(loss, is_sparse) for loss in keras.tree.flatten(self.loss)):
            return class_ids(y, self.num_classes)
        return y

    def probabilities(self, outputs: tf.Tensor) -> tf.Tensor:
        """Makes probabilities, or scores, of what the model returns.

        Args:
            outputs: float tensor `(B, num_classes)`.

        Returns:
            float tensor `(B, num_classes)`, as the problem type has them; the outputs,
            if they have an activation.
        """
        is_logits = self.activation is keras.activations.linear
        return self.problem.values(outputs) if is_logits else outputs

    def classify(
        self,
        texts: Iterable[str | tuple[str, str]] | Mapping[str, Any] | str,
        long_texts: str = "cut",
    ) -> list[PredictedText] | PredictedText:
        """Says of texts which label, which labels or what score they have.

        The answers are those of the exported model.

        Args:
            texts: Any iterable of texts or, for a model of pairs, of pairs of texts; it
                is read in batches. Or a single text. Dicts hold the texts of a pair, or
                lists of them, by the names that the preprocessor takes.
            long_texts: What is done with texts that are longer than the model's
                sequences. Of `"cut"` ones the end is not seen, a line of standard error
                says of how many, and `is_cut` of which; `"windows"` show all of them,
                and probabilities and scores are the windows' mean.

        Returns:
            A `PredictedLabel`, `PredictedLabels` or `PredictedScore` for each text, as
            the problem type is; of a single text its own.

        Raises:
            ValueError: If the model lacks its preprocessor or the names of its labels,
                or takes pairs and the texts are none, or the other way round, or a dict
                has other names.
        """
        rows = as_texts(texts)
        if isinstance(texts, Mapping):
            columns = segments_of(texts)
            rows, texts = zip(*map(as_texts, columns), strict=True), columns[0]
        answers = ask(self, map(self._row, rows), long_texts=long_texts)
        if answers:  # Else nobody has asked yet whether there is a preprocessor.
            tell_of_cut_texts(
                sum(answer.is_cut for answer in answers),
                len(answers),
                f"{self.preprocessor.sequence_length} tokens",
                'give long_texts="windows" to see all of them',
            )
        return one_or_all(texts, answers)

    def _row(self, text: str | tuple | list | Mapping) -> tuple[str, ...]:
        row = tuple(text) if isinstance(text, tuple | list) else segments_of(text)
        is_pair = len(row) == 2
        if len(row) > 2 or self.takes_pairs not in (None, is_pair):
            kind = "pairs of texts" if self.takes_pairs else "single texts"
            raise ValueError(
                f"The model takes {kind}, not {text!r}: give a list of "
                f"{'(text, text_pair)' if self.takes_pairs else 'texts'}."
            )
        self.check_examples(row)
        return row

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "dropout": self.dropout,
            "labels": copied(self.labels),
            "activation": keras.activations.serialize(self.activation),
            "takes_pairs": self.takes_pairs,
            "problem_type": self.problem_type,
        }

    def _become_multi_label(self) -> None:
        """What is trained on the loss of several labels predicts several."""
        if self._is_told_problem_type:
            raise ValueError(
                f"The problem_type is {self.problem_type!r} and the loss one of "
                'several labels: make the classifier with problem_type="multi_label", '
                "or take another loss."
            )
        self.problem_type = MultiLabel.name
        # Of a score they would be no names at all, which nobody has told.
        self.labels = self.labels or None


def _problem(problem_type: str) -> ProblemType:
    if problem_type not in PROBLEM_TYPES:
        raise ValueError(
            f"The problem_type is one of {', '.join(PROBLEM_TYPES)}, not "
            f"{problem_type!r}."
        )
    return PROBLEM_TYPES[problem_type]
