"""TaggingTask: a tag for every word."""

import dataclasses
import itertools
import typing
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import edited_share, edited_words
from charbert_tf.families.attacked_file import AttackedFile
from charbert_tf.families.batching import COUNTED_AT_ONCE, cut
from charbert_tf.families.fine_tuning_task import FineTuningTask
from charbert_tf.families.row_computation import RowComputation
from charbert_tf.families.tagging.attacked_tagging import attacked_tagging_file
from charbert_tf.families.tagging.marked_words import marked_words
from charbert_tf.families.tagging.served_tags import tags_of_words
from charbert_tf.families.tagging.tag_alignment import aligned_tags, edits_of_sentences
from charbert_tf.families.tagging.tagging import (
    TaggedSentence,
    check_tags,
    is_span_tagging,
    read_tagging_file,
    tag_names,
    to_iob2,
)
from charbert_tf.families.tagging.tagging_counts import (
    check_tag_counts,
    span_counts,
    span_scores_of_counts,
    word_counts,
    word_scores,
)
from charbert_tf.families.tagging.tagging_scores import span_scores, token_accuracy
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.families.tagging.token_classifier_preprocessor import TokenizedWords
from charbert_tf.files.errors import UserError
from charbert_tf.text.word_windows import (
    best_places,
    words_of_windows,
)
from charbert_tf.word_recognition.word_corrector import WordCorrector

_METRICS = ("f1", "accuracy")


class TaggingTask(FineTuningTask):
    """Named entities or parts of speech on CoNLL-style files (CharBERT, section 4.1).

    A sentence that is too long for the model is seen through windows of whole words
    that overlap: in training each is a sentence of its own, and a word's prediction is
    that of the window that sees most around it.

    Tags of spans are learnt and predicted in IOB2, whichever of IOB1 and IOB2 the
    files have.

    Args:
        word_column: int. The word's column, from 0.
        tag_column: int. The tag's column, from 0 or, if negative, from the end.
        metric: The score that comes first, by which models are compared: `"f1"` of
            spans or the words' `"accuracy"`. By default F1 if the tags mark spans.
        labels: All tags of the data set, in IOB2 if they mark spans, in order. By
            default they are those that a training file has.

    Raises:
        ValueError: If there is no such metric.

    Example:

    ```python
    task = TaggingTask()
    sentences = task.read("train.txt")
    ```
    """

    model_cls = TokenClassifier
    example_score = "accuracy"

    def __init__(
        self,
        word_column: int = 0,
        tag_column: int = -1,
        metric: str | None = None,
        labels: Sequence[str] | None = None,
    ):
        if metric not in (None, *_METRICS):
            raise ValueError(f"The metric is one of {_METRICS}, not {metric!r}.")
        self._columns = (word_column, tag_column)
        self._metric = metric
        self._labels = None if labels is None else list(labels)

    def read(self, path: str) -> list[TaggedSentence]:
        """Reads a CoNLL-style file; see the base class."""
        return read_tagging_file(path, *self._columns)

    def labels(self, examples: Sequence[TaggedSentence], path: str) -> list[str]:
        """Returns the data set's tags, or the file's, in IOB2; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
        labels = tag_names(examples, path)
        if len(labels) < 2:
            raise UserError(
                f"has the single tag {labels[0]!r}: give a file with two or more", path
            )
        if self._metric == "accuracy" and is_span_tagging(labels):
            raise UserError(
                "its tags mark spans, and this task is of single words: give a file "
                "of parts of speech, or take the task 'tagging', which has any tags",
                path,
            )
        return labels if self._labels is None else list(self._labels)

    def check(
        self, examples: Sequence[TaggedSentence], labels: Sequence[str], path: str
    ) -> None:
        """Refuses tags that the model does not know; see the base class."""
        check_tags(examples, labels, path, list(labels) == self._labels)
        if self._metric == "f1" and not is_span_tagging(labels):
            raise UserError(
                "this task is scored by spans, and the model's tags mark none: take a "
                "model of this task, or the task 'tagging', which has any tags",
                path,
            )

    def attacked(
        self, examples: Sequence[TaggedSentence], attack: Attack, seed: int
    ) -> list[TaggedSentence]:
        """Attacks the words of each sentence; see the base class."""
        return [
            dataclasses.replace(
                example,
                words=tuple(edited_words(example.words, edits)),
                tags=tuple(aligned_tags(example.tags, edits)),
            )
            for example, edits in zip(
                examples, edits_of_sentences(examples, attack, seed), strict=True
            )
        ]

    def edited_share(
        self, examples: Sequence[TaggedSentence], attack: Attack, seed: int
    ) -> float:
        """Returns the share of the words; see the base class."""
        num_words = sum(len(example.words) for example in examples)
        edits = edits_of_sentences(examples, attack, seed)
        return edited_share(num_words, itertools.chain.from_iterable(edits))

    def attacked_file(self, path: str, attack: Attack, seed: int) -> AttackedFile:
        """Attacks the words of a CoNLL-style file; see the base class."""
        examples = self.read(path)
        edits = edits_of_sentences(examples, attack, seed, path)
        return attacked_tagging_file(path, examples, edits, *self._columns)

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
        ids = [id_of[tag] for example in examples for tag in example.tags]
        return self.inputs(examples).with_values(tf.constant(ids, tf.int32))

    def windows(
        self, model: TokenClassifier, examples: Sequence[TaggedSentence]
    ) -> list[TaggedSentence]:
        """Returns parts of the sentences that the model takes whole, in IOB2."""
        return [
            part
            for some in cut(examples, COUNTED_AT_ONCE)
            for part in _parts(some, model.preprocessor.windows(self.inputs(some)))
        ]

    def predict(
        self, model: TokenClassifier, examples: Sequence[TaggedSentence]
    ) -> list[list[str]]:
        """Returns a tag for each word; see the base class."""
        parts, lengths, places, count = [], [], [], 0
        for some in cut(examples, COUNTED_AT_ONCE):
            words = model.preprocessor.tokenize(self.inputs(some))
            windows = model.preprocessor.windows(words)
            parts.append(model.preprocessor.parts(words, windows))
            lengths.append(_lengths(some, words, windows))
            places.append(count + best_places(windows, words.subword_counts).numpy())
            count += len(windows.flat_values)
        parts = TokenizedWords(
            *(tf.concat(of, axis=0) for of in zip(*parts, strict=True))
        )
        computation = RowComputation(
            model.preprocessor, lambda features: model(features, training=False)
        )
        logits = computation((parts,), np.concatenate(lengths))
        positions = model.preprocessor.word_positions(parts)
        tag_ids = np.concatenate(
            [
                of_part[first].argmax(axis=-1)
                for of_part, first in zip(logits, positions.to_list(), strict=True)
            ]
        )
        tags = iter(np.array(model.labels)[tag_ids[np.concatenate(places)]].tolist())
        return [[next(tags) for _ in example.words] for example in examples]

    def scores(
        self,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> dict[str, float]:
        """Returns spans' F1, precision and recall if there are any, and accuracy."""
        true = [example.tags for example in examples]
        accuracy = {"accuracy": token_accuracy(true, predictions)}
        if not self._has_spans(labels):
            return accuracy
        spans = span_scores(true, predictions)
        return {name: spans[name] for name in ("f1", "precision", "recall")} | accuracy

    def score_counts(
        self,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Returns counts of words `(N, 2)` and, if any, of spans `(N, 2 + 3)`.

        Raises:
            UserError: If a sentence has more or fewer predicted tags than words, or,
                where tags mark spans, one that is not IOB.
        """
        check_tag_counts(examples, predictions)
        true = [example.tags for example in examples]
        words = word_counts(true, predictions)
        if not self._has_spans(labels):
            return words
        predicted = {tag for tags in predictions for tag in tags}
        others = [tag for tag in predicted if not is_span_tagging([tag])]
        if others:
            raise UserError(
                f"the predicted tag {min(others)!r} is not IOB: predict O, B-... and "
                "I-... where the true tags mark spans"
            )
        return np.hstack([words, span_counts(true, predictions)])

    def scores_of_counts(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns what `scores` returns; see the base class."""
        words, spans = sums[..., :2], sums[..., 2:]
        of_spans = span_scores_of_counts(spans) if spans.shape[-1] else {}
        return of_spans | word_scores(words)

    def is_right(self, example: TaggedSentence, prediction: Sequence[str]) -> bool:
        """Tells whether all tags are right; see the base class."""
        return to_iob2(example.tags) == to_iob2(prediction)

    def words(self, example: TaggedSentence) -> dict[str, list[str]]:
        """Returns the words of the sentence; see the base class."""
        return {"text": list(example.words)}

    def marked(
        self, example: TaggedSentence, prediction: Sequence[str] | None
    ) -> list[tuple[str, str]]:
        """Returns the spans and the words between; see the base class."""
        tags = example.tags if prediction is None else prediction
        return marked_words(example.words, tags)

    def predict_served(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[TaggedSentence],
    ) -> list[list[str]]:
        """Returns the tag of each word's first piece; see the base class.

        The served model parts words at punctuation. A word that it has no tag for,
        such as one of white space alone, has the tag `O`.
        """
        output = served(text=[" ".join(example.words) for example in examples])
        return [
            tags_of_words(example.words, pieces, tags)
            for example, pieces, tags in zip(
                examples, output["words"], output["tags"], strict=True
            )
        ]

    def write_predictions(
        self,
        file: typing.TextIO,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
    ) -> None:
        """Writes lines of word, true and predicted tag, as conlleval reads them.

        Both tags are in IOB2 if they mark spans. A space inside a word is written as a
        no-break space, for spaces part the columns.
        """
        for example, tags in zip(examples, predictions, strict=True):
            for columns in zip(example.words, to_iob2(example.tags), tags, strict=True):
                columns = (column.replace(" ", "\u00a0") for column in columns)
                file.write(" ".join(columns) + "\n")
            file.write("\n")

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns that of a CoNLL-style file; see the base class."""
        return {".txt": self.write_predictions}

    def lengths(
        self, model: TokenClassifier, examples: Sequence[TaggedSentence]
    ) -> np.ndarray:
        """Returns tokens and characters `(N, 2)`; see the base class."""
        tokens = np.concatenate(
            [
                tf.reduce_sum(
                    model.preprocessor.subword_counts(self.inputs(some)), axis=1
                ).numpy()
                for some in cut(examples, COUNTED_AT_ONCE)
            ]
        )
        characters = [sum(map(len, e.words)) + len(e.words) for e in examples]
        return np.stack([tokens, characters], axis=1)

    def _has_spans(self, labels: Sequence[str]) -> bool:
        if self._metric is None:
            return is_span_tagging(labels)
        return self._metric == "f1"


def _parts(
    sentences: Sequence[TaggedSentence], windows: tf.RaggedTensor
) -> list[TaggedSentence]:
    """The windows of sentences, as sentences."""
    return [
        _part(sentence, words[0], words[-1] + 1)
        for sentence, of_sentence in zip(sentences, windows.to_list(), strict=True)
        for words in of_sentence
    ]


def _part(sentence: TaggedSentence, start: int, stop: int) -> TaggedSentence:
    # Converted before it is cut: in the middle of a span a part begins with I-.
    tags = to_iob2(sentence.tags)
    return TaggedSentence(
        sentence.words[start:stop], tuple(tags[start:stop]), sentence.line + start
    )


def _lengths(
    sentences: Sequence[TaggedSentence], words: TokenizedWords, windows: tf.RaggedTensor
) -> np.ndarray:
    """The tokens and the characters of windows, as `lengths` has those of sentences."""
    tokens = words.subword_counts
    characters = [len(word) + 1 for sentence in sentences for word in sentence.words]
    of_words = tf.stack([tokens.values, tf.constant(characters, tf.int32)], axis=1)
    in_windows = tf.gather(of_words, words_of_windows(windows, tokens))
    return tf.reduce_sum(windows.values.with_values(in_windows), axis=1).numpy()
