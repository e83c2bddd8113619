"""TextClassifierSignature: a classifier as an exported model."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.classification.options import check_long_texts
from charbert_tf.families.predicted_texts import PredictedText
from charbert_tf.families.problem_types import PROBLEM_TYPES
from charbert_tf.families.serving_signature import ServingSignature, in_chunks
from charbert_tf.text.rows import row_numbers
from charbert_tf.text.subword_tokenizer import Subwords


class TextClassifierSignature(ServingSignature):
    """`label` and `probability` `(B,)`; `labels` and `probabilities` `(B, classes)`.

    So of one label. Of several labels it returns `predicted_labels` `(B, classes)`,
    those above one half, padded with `""`, beside `labels` and `probabilities`; of a
    score `score` `(B,)` alone. It takes `text`, and of pairs `text_pair`. `is_cut`
    `(B,)` tells which texts are too long for the model, whose end it has not seen.

    Args:
        model: A `TextClassifier` with its preprocessor and labels.
        long_texts: As `ClassificationTask` takes it. No text is cut with `"windows"`.
    """

    inputs = (("text",), ("text", "text_pair"))
    outputs = tuple(problem.output for problem in PROBLEM_TYPES.values())
    options = ("long_texts",)

    def __init__(self, model: tf.Module, long_texts: str = "cut"):
        super().__init__(model)
        check_long_texts(long_texts)
        self._shows_all = long_texts == "windows"

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of one text or of both; see the base class."""
        return self.inputs[bool(self.model.takes_pairs)]

    def predict(
        self, text: tf.Tensor, text_pair: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Predicts labels; see the base class."""
        texts = (text,) if text_pair is None else (text, text_pair)
        windows, counts = self._preprocessor.windows(texts)
        first = tf.cumsum(counts, exclusive=True)
        is_cut = counts > 1
        if self._shows_all:
            rows, is_cut = tf.range(tf.reduce_sum(counts)), tf.zeros_like(is_cut)
        else:
            rows, counts = first, tf.ones_like(counts)
        lengths = tf.add_n([segment.token_ids.row_lengths() for segment in windows])
        (values,) = in_chunks(
            lambda some: (self._values(windows, tf.gather(rows, some)),),
            tf.gather(lengths, rows),
            (tf.TensorSpec([None, self.model.num_classes], tf.float32),),
        )
        values = tf.math.segment_mean(values, row_numbers(counts))
        outputs = self.model.problem.served(values, self._labels)
        return outputs | {"is_cut": is_cut}

    def _values(self, windows: tuple[Subwords, ...], rows: tf.Tensor) -> tf.Tensor:
        """The probabilities, or scores, of some windows, `(rows, classes)`."""
        segments = tf.nest.map_structure(lambda of: tf.gather(of, rows), windows)
        features = self._preprocessor.features(segments)
        return self.model.probabilities(self.model(features, training=False))

    @classmethod
    def answers(cls, outputs: Mapping[str, list]) -> list[PredictedText]:
        """Returns what is predicted of each text; see the base class."""
        problems = [of for of in PROBLEM_TYPES.values() if of.output in outputs]
        return [
            problems[0].answer_cls.of_outputs(dict(zip(outputs, of_text, strict=True)))
            for of_text in zip(*outputs.values(), strict=True)
        ]

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes label and probability, or score, and text; see the base class."""
        return [
            f"{answer.line()}\t{text}"
            for answer, text in zip(
                cls.answers(outputs), map("\t".join, texts), strict=True
            )
        ]
