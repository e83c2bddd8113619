"""TokenClassifierSignature: a tagger as an exported model."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature, Table, in_chunks
from charbert_tf.families.tagging.tag_scheme import is_span_tagging
from charbert_tf.families.tagging.token_classifier_preprocessor import TokenizedWords
from charbert_tf.text.character_offsets import characters_before
from charbert_tf.text.rows import row_positions
from charbert_tf.text.subword_tokenizer import cut
from charbert_tf.text.word_splitter import WordSplitter, valid_utf8
from charbert_tf.text.word_windows import best_places

_ENTITY_COLUMNS = ("texts", "labels", "scores", "starts", "ends")
_OUTSIDE = -1
_NAMELESS = "span"


@dataclasses.dataclass(frozen=True)
class Entity:
    """A span of words that tags mark, such as a name.

    Args:
        text: its characters, as they stand in the text.
        label: what it is, such as "PER"; "span" if the tags do not say.
        score: the mean of its words' probabilities, in [0, 1].
        start: its first character in the text, a Unicode code point, from 0.
        end: the character after its last.
    """

    text: str
    label: str
    score: float
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class TaggedText:
    """A text with a tag for each of its words.

    Args:
        words: the words, as they stand in the text.
        tags: as many tags.
        probabilities: as many, in [0, 1].
        starts: the first character of each word in the text, from 0.
        ends: the character after its last.
        entities: the spans that the tags mark; none if they are of single words, such
            as parts of speech.

    Example:
        >>> entity = Entity("Rome", "LOC", 0.75, start=3, end=7)
        >>> each = (0.5, 0.75), (0, 3), (2, 7)
        >>> text = TaggedText(("In", "Rome"), ("O", "B-LOC"), *each, (entity,))
        >>> "In Rome"[text.entities[0].start : text.entities[0].end]
        'Rome'
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    probabilities: tuple[float, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    entities: tuple[Entity, ...]

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any]) -> "TaggedText":
        """Takes what a graph returns of a text.

        Args:
            outputs: a list by the name of each output, padded. Those of entities are
                not there if the tags mark no spans.

        Returns:
            The same as an object.
        """
        count = sum(map(bool, outputs["words"]))
        names = ("words", "tags", "probabilities", "starts", "ends")
        of_words = (tuple(outputs[name][:count]) for name in names)
        columns = [outputs.get(f"entity_{name}", ()) for name in _ENTITY_COLUMNS]
        rows = zip(*columns, strict=True)
        return cls(*of_words, tuple(Entity(*row) for row in rows if row[0]))


class EntitySpans(NamedTuple):
    """The spans of a batch of sentences.

    Attributes:
        labels: string ragged tensor `(B, spans)`.
        scores: float32 ragged tensor `(B, spans)`: the mean of the words' scores.
        first: int32 ragged tensor `(B, spans)`: the first word of each, numbered
            through the batch.
        last: int32 ragged tensor `(B, spans)`: its last word.
    """

    labels: tf.RaggedTensor
    scores: tf.RaggedTensor
    first: tf.RaggedTensor
    last: tf.RaggedTensor


class EntitySpanFinder:
    """Finds the spans that IOB tags mark, as `spans_of_tags` does outside of a graph.

    A span opens at `B-`, and at `I-` that goes on with nothing of its kind.

    Args:
        labels: The tags, in the order of their ids.

    Raises:
        ValueError: If they mark no spans.

    Example:

    ```python
    find = EntitySpanFinder(["O", "B-LOC", "I-LOC"])
    spans = find(tf.ragged.constant([[0, 1, 2]]), tf.ragged.constant([[1.0, 0.9, 0.7]]))
    spans.first, spans.last  # [[1]], [[2]]
    ```
    """

    def __init__(self, labels: Sequence[str]):
        if not is_span_tagging(labels):
            raise ValueError(f"The tags {list(labels)} mark no spans.")
        names = [label[2:] or _NAMELESS for label in labels]
        self._names = sorted(set(names))
        self._kinds = np.array(
            [
                _OUTSIDE if label == "O" else self._names.index(name)
                for label, name in zip(labels, names, strict=True)
            ],
            np.int32,
        )
        self._may_go_on = np.array([label.startswith("I") for label in labels])

    def __call__(
        self, tag_ids: tf.RaggedTensor, scores: tf.RaggedTensor
    ) -> EntitySpans:
        """Finds spans.

        Args:
            tag_ids: int ragged tensor `(B, words)`.
            scores: float32 ragged tensor `(B, words)`.

        Returns:
            The spans, in the order of the words.
        """
        row, place = row_positions(tag_ids)
        kind = tf.gather(self._kinds, tag_ids.values)
        before = tf.concat([[_OUTSIDE], kind], axis=0)[:-1]
        goes_on = (place > 0) & (before == kind)
        goes_on &= tf.gather(self._may_go_on, tag_ids.values)
        is_inside = kind != _OUTSIDE
        opens = is_inside & ~goes_on
        first = tf.cast(tf.where(opens)[:, 0], tf.int32)
        count = tf.size(first)
        words = tf.cast(tf.where(is_inside)[:, 0], tf.int32)
        span = tf.gather(tf.cumsum(tf.cast(opens, tf.int32)) - 1, words)
        lengths = tf.math.bincount(
            tf.gather(row, first), minlength=tf.cast(tag_ids.nrows(), tf.int32)
        )

        def of_sentences(values):
            return tf.RaggedTensor.from_row_lengths(
                values, tf.cast(lengths, tf.int64), validate=False
            )

        return EntitySpans(
            of_sentences(tf.gather(self._names, tf.gather(kind, first))),
            of_sentences(
                tf.math.unsorted_segment_mean(
                    tf.gather(scores.values, words), span, count
                )
            ),
            of_sentences(first),
            of_sentences(tf.math.unsorted_segment_max(words, span, count)),
        )


class TokenClassifierSignature(ServingSignature):
    """`words`, `tags` (strings) and `probabilities` `(B, words)`, padded with `""`.

    `starts` and `ends` `(B, words)` are the characters of the text that each word
    stands at, Unicode code points. If tags mark spans, `entity_texts`, `entity_labels`,
    `entity_scores`, `entity_starts` and `entity_ends` `(B, entities)` are these.

    Whatever the tokenizer, words are what white space and punctuation part, as in the
    files that taggers learn from, and are tokenized as those are.

    A text that is too long for the model is seen through windows of whole words, and a
    word's tag is that of the window that sees most around it.
    """

    inputs = (("text",),)
    outputs = ("words",)

    def __init__(self, model: tf.Module):
        super().__init__(model)
        self._split = WordSplitter()
        self._find_spans = None
        if is_span_tagging(model.labels):
            self._find_spans = EntitySpanFinder(model.labels)

    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts tags; see the base class."""
        text = valid_utf8(text)
        words, first_bytes, end_bytes = self._split.with_offsets(text)
        logits = self._logits(words)
        tag_ids = words.with_values(tf.argmax(logits, axis=-1, output_type=tf.int32))
        best = tf.reduce_max(tf.nn.softmax(logits), axis=-1)
        outputs = {
            "words": words,
            "tags": words.with_values(tf.gather(self._labels, tag_ids.values)),
            "probabilities": words.with_values(best),
            "starts": characters_before(text, first_bytes),
            "ends": characters_before(text, end_bytes),
        }
        if self._find_spans is not None:
            spans = self._find_spans(tag_ids, outputs["probabilities"])
            texts = cut(
                text,
                row_positions(spans.first)[0],
                tf.gather(first_bytes.values, spans.first.values),
                tf.gather(end_bytes.values, spans.last.values),
            )
            outputs |= {
                "entity_texts": spans.first.with_values(texts),
                "entity_labels": spans.labels,
                "entity_scores": spans.scores,
                "entity_starts": tf.gather(outputs["starts"].values, spans.first),
                "entity_ends": tf.gather(outputs["ends"].values, spans.last),
            }
        return {name: values.to_tensor() for name, values in outputs.items()}

    def _logits(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Those of each word, seen through the best of the windows."""
        tokenized = self._preprocessor.tokenize(words)
        windows = self._preprocessor.windows(tokenized)
        parts = self._preprocessor.parts(tokenized, windows)
        (of_words,) = in_chunks(
            lambda rows: (self._logits_of_words(parts, rows),),
            tf.minimum(parts.token_ids.row_lengths(), self._preprocessor.room),
            (tf.TensorSpec([None, self.model.num_classes], tf.float32),),
        )
        return tf.gather(of_words, best_places(windows, words))

    def _logits_of_words(self, parts: TokenizedWords, rows: tf.Tensor) -> tf.Tensor:
        """Those of the words' first subwords, `(words of all rows, classes)`."""
        features, positions = self._preprocessor.features_and_positions(
            TokenizedWords(*(tf.gather(values, rows) for values in parts))
        )
        window, _ = row_positions(positions)
        return tf.gather_nd(
            self.model(features, training=False),
            tf.stack([window, positions.values], axis=1),
        )

    @classmethod
    def answers(cls, outputs: Mapping[str, list]) -> list[TaggedText]:
        """Returns words, tags and entities of each text; see the base class."""
        return [
            TaggedText.of_outputs(dict(zip(outputs, of_text, strict=True)))
            for of_text in zip(*outputs.values(), strict=True)
        ]

    @classmethod
    def table(cls, outputs: Mapping[str, list]) -> Table:
        """Returns a row for each entity, or, if there are none, for each word."""
        answers = cls.answers(outputs)
        if "entity_labels" in outputs:
            return Table.of_objects(Entity, [answer.entities for answer in answers])
        names = ("words", "tags", "probabilities", "starts", "ends")
        rows = [
            list(zip(*(getattr(answer, name) for name in names), strict=True))
            for answer in answers
        ]
        return Table(("word", "tag", "probability", "start", "end"), rows)

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes a word and its tag a line, a blank one last; see the base class."""
        return [
            line
            for words, tags in zip(outputs["words"], outputs["tags"], strict=True)
            for line in [
                *(f"{w}\t{tag}" for w, tag in zip(words, tags, strict=True) if w),
                "",
            ]
        ]
