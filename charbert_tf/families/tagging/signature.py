"""TokenClassifierSignature: a tagger as an exported model."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature, Table
from charbert_tf.families.tagging.entity_spans import EntitySpanFinder
from charbert_tf.families.tagging.tag_scheme import is_span_tagging
from charbert_tf.families.tagging.tagged_text import Entity, TaggedText
from charbert_tf.families.tagging.token_classifier_preprocessor import TokenizedWords
from charbert_tf.families.window_chunks import in_chunks
from charbert_tf.text.character_offsets import characters_before
from charbert_tf.text.row_numbers import row_positions
from charbert_tf.text.subword_tokenizer import cut
from charbert_tf.text.word_splitter import WordSplitter, valid_utf8
from charbert_tf.text.word_windows import best_places


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
