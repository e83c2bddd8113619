"""Running text with typos in some words, ready to be tokenized anew."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from charbert_tf.text.byte_pair_pretokenizer import is_white_space
from charbert_tf.text.character_noise import CharacterNoise
from charbert_tf.text.row_numbers import row_positions
from charbert_tf.text.subword_tokenizer import SubwordTokenizer, Words, cut
from charbert_tf.text.treebank_word_splitter import TreebankWordSplitter
from charbert_tf.text.word_splitter import valid_utf8

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
