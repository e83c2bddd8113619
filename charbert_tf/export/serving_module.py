"""ServingModule: a fine-tuned model as a SavedModel that takes strings."""

import abc

import tensorflow as tf

from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.question_answering.answer_spans import (
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
    best_spans,
)
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.text.row_numbers import row_positions
from charbert_tf.text.word_splitter import WordSplitter, valid_utf8
from charbert_tf.text.word_windows import best_places, words_of_windows


class ServingModule(abc.ABC):
    """The whole way from raw text to labels, as one graph.

    The graph needs TensorFlow's core ops and of tensorflow-text's the regex splitter,
    the normaliser and WordPiece for BERT, SentencePiece for XLM-R. TF Serving's stock
    binary links them all: its target `tensorflow_model_server` depends on
    tensorflow-text's `ops_lib`.

    Args:
        model: A fine-tuned head with its preprocessor and labels.

    Raises:
        ValueError: If the model lacks its preprocessor or labels.

    Example:

    ```python
    ServingModule.of(classifier).export("my_saved_model")
    served = tf.saved_model.load("my_saved_model")
    served.signatures["serving_default"](text=tf.constant(["a borign film"]))
    ```
    """

    def __init__(self, model: EncoderTask):
        if model.preprocessor is None or model.labels is None:
            raise ValueError("The model needs its preprocessor and its labels.")
        self.model = model
        self._preprocessor = model.preprocessor
        self._labels = tf.constant(model.labels, tf.string)

    @staticmethod
    def of(model: EncoderTask, **options: int) -> "ServingModule":
        """Returns the module for a model's kind.

        Args:
            model: A `TextClassifier`, `TokenClassifier` or `QuestionAnswerer`.
            **options: Of a `QuestionAnswerer`: `doc_stride` and `max_answer_length`,
                as `QuestionAnsweringTask` takes them.

        Returns:
            A module whose `predict` returns what this kind of model does; see `export`.

        Raises:
            TypeError: If the model is of another kind, or its kind has no such option.
        """
        if isinstance(model, TextClassifier):
            return _ServedTextClassifier(model, **options)
        if isinstance(model, TokenClassifier):
            return _ServedTokenClassifier(model, **options)
        if isinstance(model, QuestionAnswerer):
            return _ServedQuestionAnswerer(model, **options)
        raise TypeError(f"{type(model).__name__} cannot be served.")

    def export(self, path: str) -> None:
        """Writes the SavedModel.

        Args:
            path: A folder that does not exist yet, or is empty.

        Raises:
            UserError: If the folder holds something, or cannot be written.
        """
        specs = [
            tf.TensorSpec([None], tf.string, name=name) for name in self._input_names()
        ]
        # Not the whole model: a keras-nlp tokenizer has tables of its own, which the
        # graph does not use and TF Serving would have to restore.
        exported = tf.Module()
        exported.weights = [weight.value for weight in self.model.variables]
        exported.serve = tf.function(self.predict, input_signature=specs)
        with atomic_folder(path) as folder:
            tf.saved_model.save(
                exported, folder, signatures={"serving_default": exported.serve}
            )

    @abc.abstractmethod
    def predict(self, *texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts.

        Args:
            *texts: string tensors `(B,)`: the text; for a model of pairs the second
                one; for a `QuestionAnswerer` the question and the context.

        Returns:
            A dict of tensors, see the signature of the exported model.
        """

    def _input_names(self) -> list[str]:
        return ["text"]

    def _best(self, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The best label's name and its probability."""
        return (
            tf.gather(self._labels, tf.argmax(logits, axis=-1)),
            tf.reduce_max(tf.nn.softmax(logits), axis=-1),
        )


class _ServedTextClassifier(ServingModule):
    """`label` and `probability` `(B,)`; `labels` and `probabilities` `(B, classes)`."""

    def predict(self, text, text_pair=None):
        texts = (text,) if text_pair is None else (text, text_pair)
        logits = self.model(self._preprocessor(texts), training=False)
        label, probability = self._best(logits)
        return {
            "label": label,
            "probability": probability,
            "labels": tf.tile(self._labels[None], [tf.shape(text)[0], 1]),
            "probabilities": tf.nn.softmax(logits),
        }

    def _input_names(self):
        return ["text", "text_pair"] if self.model.takes_pairs else ["text"]


class _ServedTokenClassifier(ServingModule):
    """`words`, `tags` (strings) and `probabilities` `(B, words)`, padded with `""`.

    Whatever the tokenizer, words are what white space and punctuation part, as in the
    files that taggers learn from, and are tokenized as those are.

    A text that is too long for the model is seen through windows of whole words, and a
    word's tag is that of the window that sees most around it.
    """

    def __init__(self, model: TokenClassifier):
        super().__init__(model)
        self._split = WordSplitter()

    def predict(self, text, text_pair=None):
        words = self._split(text)
        windows = self._preprocessor.windows(words)
        parts = windows.values.with_values(
            tf.gather(words.values, words_of_windows(windows, words))
        )
        features, positions = self._preprocessor.features_and_positions(parts)
        logits = self.model(features, training=False)
        window, _ = row_positions(parts)
        of_words = tf.gather_nd(logits, tf.stack([window, positions.values], axis=1))
        tags, probabilities = self._best(
            tf.gather(of_words, best_places(windows, words))
        )
        return {
            "words": words.to_tensor(""),
            "tags": words.with_values(tags).to_tensor(""),
            "probabilities": words.with_values(probabilities).to_tensor(0.0),
        }


class _ServedQuestionAnswerer(ServingModule):
    """`answer` (string), `start`, `end`, `score` and `null_score`, all `(B,)`.

    `answer` is the best span of all windows of the context, characters `start` to
    `end`; `score` its logits, and `null_score` those of no answer, likewise: where it
    is the higher one, a model of SQuAD 2.0 says that there is none.
    """

    def __init__(
        self,
        model: QuestionAnswerer,
        doc_stride: int = DOC_STRIDE,
        max_answer_length: int = MAX_ANSWER_LENGTH,
    ):
        super().__init__(model)
        self._doc_stride = doc_stride
        self._max_answer_length = max_answer_length

    def predict(self, question, context):
        context = valid_utf8(context)
        windows, _ = self._preprocessor.windows((question, context), self._doc_stride)
        row = windows.value_rowids()
        features, offsets = self._preprocessor.features_and_offsets(
            (tf.gather(question, row), tf.gather(context, row), windows.values)
        )
        spans = best_spans(
            self.model(features, training=False),
            offsets,
            self._max_answer_length,
            n_best=1,
        )
        scores = spans.scores[:, 0]
        score = tf.math.segment_max(scores, row)
        count = tf.size(row)
        # The first of the windows that have the best span.
        best = tf.math.segment_min(
            tf.where(scores == tf.gather(score, row), tf.range(count), count), row
        )
        is_found = tf.math.is_finite(score)
        start, end = (
            tf.where(is_found, tf.gather(values[:, 0], best), 0)
            for values in (spans.starts, spans.ends)
        )
        return {
            "answer": tf.strings.substr(context, start, end - start, "UTF8_CHAR"),
            "start": start,
            "end": end,
            "score": score,
            "null_score": tf.math.segment_min(spans.null_scores, row),
        }

    def _input_names(self):
        return ["question", "context"]
