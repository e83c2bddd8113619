"""TaggingTask: a tag for every word."""

import dataclasses
from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.errors import UserError
from charbert_tf.models.token_classifier import TokenClassifier
from charbert_tf.models.word_corrector import WordCorrector
from charbert_tf.tasks.fine_tuning_task import FineTuningTask
from charbert_tf.tasks.tagging import (
    TaggedSentence,
    check_tags,
    is_span_tagging,
    read_tagging_file,
    span_scores,
    tag_names,
    to_iob2,
    token_accuracy,
)

_OUTSIDE = "O"


class TaggingTask(FineTuningTask):
    """Named entities or parts of speech on CoNLL-style files (CharBERT, section 4.1).

    Tags of spans are learnt and predicted in IOB2, whichever of IOB1 and IOB2 the
    files have.

    Args:
        word_column: int. The word's column, from 0.
        tag_column: int. The tag's column, from 0 or, if negative, from the end.

    Example:

    ```python
    task = TaggingTask()
    sentences = task.read("train.txt")
    ```
    """

    model_cls = TokenClassifier

    def __init__(self, word_column: int = 0, tag_column: int = -1):
        self._columns = (word_column, tag_column)

    def read(self, path: str) -> list[TaggedSentence]:
        """Reads a CoNLL-style file; see the base class."""
        return read_tagging_file(path, *self._columns)

    def labels(self, examples: Sequence[TaggedSentence], path: str) -> list[str]:
        """Returns a training file's tags in IOB2; see the base class."""
        labels = tag_names(examples, path)
        if len(labels) < 2:
            raise UserError(
                f"has the single tag {labels[0]!r}: give a file with two or more", path
            )
        return labels

    def check(
        self, examples: Sequence[TaggedSentence], labels: Sequence[str], path: str
    ) -> None:
        """Refuses tags that the model does not know; see the base class."""
        check_tags(examples, labels, path)

    def attacked(
        self, examples: Sequence[TaggedSentence], attack: Attack, seed: int
    ) -> list[TaggedSentence]:
        """Attacks the words of each sentence; see the base class."""
        return [
            dataclasses.replace(
                example, words=tuple(attack.attack_words(example.words, seed, index))
            )
            for index, example in enumerate(examples)
        ]

    def corrected(
        self, examples: Sequence[TaggedSentence], corrector: WordCorrector
    ) -> list[TaggedSentence]:
        """Corrects the words of each sentence; see the base class."""
        sentences = corrector.correct([example.words for example in examples])
        return [
            dataclasses.replace(example, words=tuple(words))
            for example, words in zip(examples, sentences, strict=True)
        ]

    def inputs(self, examples: Sequence[TaggedSentence]) -> tf.RaggedTensor:
        """Returns a string ragged tensor `(N, words)`; see the base class."""
        return tf.RaggedTensor.from_row_lengths(
            [word for example in examples for word in example.words],
            [len(example.words) for example in examples],
        )

    def label_ids(
        self, examples: Sequence[TaggedSentence], labels: Sequence[str]
    ) -> tf.RaggedTensor:
        """Returns an int32 ragged tensor `(N, words)`; see the base class."""
        id_of = {label: id for id, label in enumerate(labels)}
        ids = [id_of[tag] for example in examples for tag in to_iob2(example.tags)]
        return self.inputs(examples).with_values(tf.constant(ids, tf.int32))

    def predict(
        self, model: TokenClassifier, examples: Sequence[TaggedSentence]
    ) -> list[list[str]]:
        """Returns a tag for each word; see the base class.

        Words beyond the model's `sequence_length` count as outside of any span (or as
        the first label): they are scored, not left out.
        """
        beyond = _OUTSIDE if _OUTSIDE in model.labels else model.labels[0]
        positions = model.preprocessor.word_positions(self.inputs(examples)).to_list()
        return [
            [
                model.labels[row[position].argmax()] if position >= 0 else beyond
                for position in word_positions
            ]
            for row, word_positions in zip(
                self.logits(model, examples), positions, strict=True
            )
        ]

    def scores(
        self,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> dict[str, float]:
        """Returns spans' F1, precision and recall if there are any, and accuracy."""
        true = [example.tags for example in examples]
        accuracy = {"accuracy": token_accuracy(true, predictions)}
        if not is_span_tagging(labels):
            return accuracy
        spans = span_scores(true, predictions)
        return {name: spans[name] for name in ("f1", "precision", "recall")} | accuracy

    def length(self, example: TaggedSentence) -> int:
        """Returns the characters of a sentence; see the base class."""
        return sum(map(len, example.words)) + len(example.words)
