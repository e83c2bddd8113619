"""The noise of pretraining: typos in words and in running text, in the graph."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.text.byte_pair_pretokenizer import is_white_space
from charbert_tf.text.random_stream import index_below, uniform
from charbert_tf.text.rows import row_positions
from charbert_tf.text.subword_tokenizer import SubwordTokenizer, Words, cut
from charbert_tf.text.treebank_word_splitter import TreebankWordSplitter
from charbert_tf.text.word_splitter import valid_utf8

_SHORT_WORD = 4


class CharacterNoise:
    """Puts one typo into some of the words.

    A word of fewer than 4 characters gets one random character inserted before a
    random one of its own. A longer one loses a random character or, as often, has two
    neighbours swapped, the first of them not the word's first (CharBERT, section 3.3
    and the authors' code, https://arxiv.org/abs/2011.01513).

    Args:
        characters: What may be inserted: the most frequent characters.
        rate: float. Share of the words. Defaults to 0.15.

    Example:

    ```python
    noise = CharacterNoise("etaoins", rate=0.15)
    words = tf.ragged.constant([["the", "character", "channel"]])
    noised, is_noised = noise(words, example_ids=tf.constant([0]), seed=(1, 2))
    ```
    """

    def __init__(self, characters: Sequence[str], rate: float = 0.15):
        self.rate = rate
        self._code_points = np.array([ord(c) for c in characters], np.int32)

    def __call__(
        self,
        words: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: Sequence[int] | tf.Tensor,
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Noises words; the same seed and example give the same typos.

        Args:
            words: string ragged tensor `(B, words)`; white space alone stays as it is.
            example_ids: int tensor `(B,)`; a row's typos depend on its own alone.
            seed: Two ints.

        Returns:
            The words, and a bool ragged tensor `(B, words)`: which of them are others
            now. A swap of two equal characters leaves a word as it was.
        """
        # Draws: whether to noise, which edit, where, what to insert.
        draws = uniform(words, example_ids, seed, draws=4)
        is_chosen = (draws[:, 0] < self.rate) & ~is_white_space(words.values)
        chosen = tf.where(is_chosen)[:, 0]
        edited = self._edit(tf.gather(words.values, chosen), tf.gather(draws, chosen))
        values = tf.tensor_scatter_nd_update(words.values, chosen[:, None], edited)
        return words.with_values(values), words.with_values(values != words.values)

    def _edit(self, words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """Every edit replaces `removed` characters at `index` by 0, 1 or 2 others."""
        code_points = tf.strings.unicode_decode(words, "UTF-8")
        length = tf.cast(code_points.row_lengths(), tf.int32)
        is_insertion = length < _SHORT_WORD
        is_swap = ~is_insertion & (draws[:, 1] < 0.5)
        # A swap's first character is at [1, length - 2], any other edit anywhere.
        index = tf.where(
            is_swap,
            1 + index_below(draws[:, 2], length - 2),
            index_below(draws[:, 2], length),
        )
        neighbours = _characters_at(code_points, tf.stack([index + 1, index], axis=1))
        which = index_below(
            draws[:, 3], tf.fill(tf.shape(length), len(self._code_points))
        )
        inserted = tf.gather(self._code_points, which)[:, None]
        replacement = tf.RaggedTensor.from_tensor(
            tf.where(is_swap[:, None], neighbours, inserted),
            lengths=tf.where(is_swap, 2, tf.where(is_insertion, 1, 0)),
        )
        removed = tf.where(is_swap, 2, tf.where(is_insertion, 0, 1))
        edited = _replace_characters(code_points, index, removed, replacement)
        return tf.strings.unicode_encode(edited, "UTF-8")


_NOT_NOISED = -1


class NoisedText(NamedTuple):
    """Noised texts, in the tokenizer's words.

    Attributes:
        words: The words of `B` texts, noised: what `SubwordTokenizer.tokenize_split`
            takes.
        original: int32 tensor `(all words,)`: of a word that was noised, or is part of
            one that was, the index in `originals`; -1 of any other.
        originals: string tensor `(noised words,)`: what they were.
    """

    words: Words
    original: tf.Tensor
    originals: tf.Tensor


def noise_tokenizer_words(
    texts: tf.Tensor,
    tokenizer: SubwordTokenizer,
    noise: CharacterNoise,
    example_ids: tf.Tensor,
    seed: Sequence[int] | tf.Tensor,
) -> NoisedText:
    """Noises the words that the tokenizer itself splits texts into.

    Args:
        texts: string tensor `(B,)`.
        tokenizer: Splits texts.
        noise: Puts typos into words.
        example_ids: int tensor `(B,)`, which a text's noise depends on.
        seed: Two ints.

    Returns:
        The noised texts.

    Example:

    ```python
    noised = noise_tokenizer_words(texts, tokenizer, noise, tf.range(2), (0, 0))
    subwords, word_ids = tokenizer.tokenize_split(noised.words)
    ```
    """
    words = tokenizer.split(valid_utf8(texts))
    noised, is_noised = noise(words.words, example_ids, seed)
    number = tf.cumsum(tf.cast(is_noised.values, tf.int32), exclusive=True)
    return NoisedText(
        words._replace(words=noised),
        tf.where(is_noised.values, number, _NOT_NOISED),
        tf.boolean_mask(words.words.values, is_noised.values),
    )


def noise_treebank_words(
    texts: tf.Tensor,
    splitter: TreebankWordSplitter,
    tokenizer: SubwordTokenizer,
    noise: CharacterNoise,
    example_ids: tf.Tensor,
    seed: Sequence[int] | tf.Tensor,
) -> NoisedText:
    """Noises the words of the Penn Treebank, of which a tokenizer may see several.

    As in the authors' code a noised word is split by the tokenizer on its own: "n't"
    that became "nt'" is not read as part of "dont'". Clean text stays in one piece, so
    that it is split as in any task: "don't" is no "do" and "n't" unless one is noised.

    Args:
        texts: string tensor `(B,)`.
        splitter: Splits texts into the words that are noised.
        tokenizer: Splits what has been noised.
        noise: Puts typos into words.
        example_ids: int tensor `(B,)`, which a text's noise depends on.
        seed: Two ints.

    Returns:
        The noised texts; `originals` are as a vocabulary lists them, see
        `TreebankWords.entries`.

    Example:

    ```python
    noised = noise_treebank_words(
        texts, TreebankWordSplitter(words), tokenizer, noise, tf.range(2), (0, 0)
    )
    ```
    """
    texts = valid_utf8(texts)
    words = splitter(texts)
    noised, is_noised = noise(words.words, example_ids, seed)
    noised, originals, starts, ends = (
        tf.ragged.boolean_mask(values, is_noised)
        for values in (noised, words.entries, words.starts, words.ends)
    )
    pieces, starts_text, original = _pieces(texts, noised, starts, ends)
    split = tokenizer.split(pieces)
    piece, place = row_positions(split.words)
    # The tokenizer takes each piece for a text of its own.
    begins_inside = (place == 0) & ~tf.gather(starts_text, piece)
    is_after_space = tf.gather(tf.strings.substr(pieces, 0, 1) == " ", piece)
    after_space = tf.where(
        begins_inside,
        is_after_space & ~is_white_space(split.words.values),
        split.after_space.values,
    )
    rows = tf.RaggedTensor.from_row_lengths(
        split.words, 2 * (originals.row_lengths() + 1)
    )
    rows = rows.merge_dims(1, 2)
    return NoisedText(
        Words(rows, rows.with_values(after_space)),
        tf.gather(original, piece),
        originals.values,
    )


def _pieces(texts, noised, starts, ends) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Cuts texts at the noised words: what is before each, it, and what is after all.

    Of `k` words there are `2 k + 2` pieces, the last one empty. A word keeps the space
    before it. Also gives whether each piece begins its text, and which noised word it
    is, -1 where it is none.
    """
    zero, lengths = tf.zeros_like(texts, tf.int32), tf.strings.length(texts)
    row, _ = row_positions(starts)
    before = cut(texts, row, tf.maximum(starts.values - 1, 0), starts.values)
    spaces = tf.where(before == " ", " ", "")
    noised = noised.with_values(tf.strings.join([spaces, noised.values]))
    starts = starts.with_values(starts.values - tf.strings.length(spaces))
    clean_starts = tf.concat([zero[:, None], ends], axis=1)
    clean_ends = tf.concat([starts, lengths[:, None]], axis=1)
    row, _ = row_positions(clean_starts)
    clean = cut(texts, row, clean_starts.values, clean_ends.values)
    noised = tf.concat([noised, tf.fill([tf.size(texts), 1], "")], axis=1).values
    original = tf.range(tf.size(row)) - row

    def alternate(first, second):
        return tf.reshape(tf.stack([first, second], axis=1), [-1])

    return (
        alternate(clean, noised),
        alternate(clean_starts.values == 0, clean_ends.values == 0),
        alternate(tf.fill(tf.shape(row), _NOT_NOISED), original),
    )


def _replace_characters(
    words: tf.RaggedTensor,
    index: tf.Tensor,
    removed: tf.Tensor,
    replacement: tf.RaggedTensor,
) -> tf.RaggedTensor:
    """Puts others in the place of `removed` characters of each word, from `index`."""
    position = tf.ragged.range(tf.cast(words.row_lengths(), tf.int32))
    end = index + removed
    before = tf.ragged.boolean_mask(words, position < index[:, None])
    after = tf.ragged.boolean_mask(words, position >= end[:, None])
    return tf.concat([before, replacement, after], axis=1)


def _characters_at(words: tf.RaggedTensor, index: tf.Tensor) -> tf.Tensor:
    """Gives the characters at places of each word; any where there is none."""
    start = tf.cast(words.row_starts(), tf.int32)[:, None]
    # One more, so that there is something to give if all words are empty.
    values = tf.concat([words.values, [0]], axis=0)
    return tf.gather(values, tf.minimum(start + index, tf.size(words.values)))
