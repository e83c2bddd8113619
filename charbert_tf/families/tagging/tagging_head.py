"""TaggingHead: sentences of words as a TokenClassifier takes them."""

import functools
import itertools
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.families.family_head import FamilyHead, Windows
from charbert_tf.families.tagging.tag_scheme import to_iob2
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.families.tagging.token_classifier_preprocessor import TokenizedWords
from charbert_tf.graphs.batching import COUNTED_AT_ONCE, RowComputation, cut
from charbert_tf.text.word_windows import best_places, words_of_windows

_OUTSIDE = "O"
# What WordSplitter takes for white space.
_BLANK = ("Zs", "Zl", "Zp", "Cc", "Cf")


class TaggingHead(FamilyHead):
    """Sentences as a `TokenClassifier` takes them.

    A sentence that is too long for the model is seen through windows of whole words
    that overlap: in training each is a sentence of its own, and a word's prediction is
    that of the window that sees most around it.
    """

    head_cls = TokenClassifier

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
    ) -> Windows:
        """Returns parts of the sentences that the model takes whole, in IOB2."""
        parts, counts = [], []
        for some in cut(examples, COUNTED_AT_ONCE):
            windows = model.preprocessor.windows(self.inputs(some))
            parts += _parts(some, windows)
            counts += windows.row_lengths().numpy().tolist()
        owners = np.repeat(np.arange(len(counts)), np.array(counts, int))
        return Windows(parts, owners)

    def predictor(
        self, model: TokenClassifier
    ) -> Callable[[Sequence[TaggedSentence]], list[list[str]]]:
        """Returns what gives each word a tag; see the base class."""
        computation = RowComputation(
            model.preprocessor, lambda features: model(features, training=False)
        )
        return functools.partial(self._predict, model, computation)

    def _predict(
        self,
        model: TokenClassifier,
        computation: RowComputation,
        examples: Sequence[TaggedSentence],
    ) -> list[list[str]]:
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


def tags_of_words(
    words: Sequence[str], pieces: Sequence[str], tags: Sequence[str]
) -> list[str]:
    """Finds the tag of each word: that of the piece which begins where the word does.

    Args:
        words: the words of a sentence.
        pieces: the words that the exported model has made of them, joined by spaces;
            `""` is padding.
        tags: the tag of each piece; `""` for padding.

    Returns:
        A tag for each word; `O` if there is none.

    Example:
        >>> tags_of_words(["the", "U.S."], ["the", "U", ".", "S", "."], "ABCDE")
        ['A', 'B']
    """
    # Counted in characters that are no white space, the joined words and the joined
    # pieces are the same string.
    piece_starts = itertools.accumulate(map(len, pieces), initial=0)
    tag_at = {
        start: tag
        for start, piece, tag in zip(piece_starts, pieces, tags, strict=False)
        if piece
    }
    word_starts = itertools.accumulate(map(_length, words), initial=0)
    return [
        (tag_at.get(start) if _length(word) else None) or _OUTSIDE
        for start, word in zip(word_starts, words, strict=False)
    ]


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


def _length(word: str) -> int:
    return sum(
        not character.isspace() and unicodedata.category(character) not in _BLANK
        for character in word
    )
