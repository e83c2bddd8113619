"""SubwordTokenizer: strings to subwords that remember the text they stand for."""

import abc
from typing import NamedTuple

import tensorflow as tf

from charbert_tf.text.rows import row_numbers


class Subwords(NamedTuple):
    """Subwords of a batch of strings.

    Attributes:
        token_ids: int32 ragged tensor `(N, subwords)`.
        surfaces: string ragged tensor `(N, subwords)`: the characters that the
            character channel sees of each subword.
        starts: int32 ragged tensor `(N, subwords)`: the byte of the input string at
            which what a subword stands for begins.
        ends: int32 ragged tensor `(N, subwords)`: the byte after it.
    """

    token_ids: tf.RaggedTensor
    surfaces: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor


class Words(NamedTuple):
    """Running text as words, from which it can be put together again.

    Attributes:
        words: string ragged tensor `(B, words)`.
        after_space: bool ragged tensor `(B, words)`: whether white space that the
            tokenizer sees stands before the word.
    """

    words: tf.RaggedTensor
    after_space: tf.RaggedTensor


class SubwordTokenizer(tf.Module, abc.ABC):
    """What the preprocessors need of a tokenizer, the same for all its kinds.

    A subclass adapts one keras-nlp tokenizer, whose vocabulary and ids it takes; it
    adds the surfaces and offsets of the subwords, and hides which special tokens the
    encoder was trained with. `make_subword_tokenizer` finds the subclass. Text such as
    "[MASK]" or "<s>" is ordinary text: no string stands for a special token.

    Attributes:
        start_token_id: int. What a sequence begins with.
        end_token_id: int. What ends each of its segments.
        padding_token_id: int.
        mask_token_id: int.
        unknown_token_id: int. What stands for text that no subword covers.
        vocabulary_size: int. How many ids there are.
        has_segment_ids: bool. Whether the encoder is told which segment a token is of.
        pair_separators: int. How many end tokens stand between a pair's segments.
        sentence_ends: int. How many end tokens close a tagged sentence.

    Example:

    ```python
    subwords = make_subword_tokenizer(tokenizer)(tf.constant(["Playing"]))
    subwords.surfaces  # [["Play", "ing"]]
    ```
    """

    start_token_id: int
    end_token_id: int
    padding_token_id: int
    mask_token_id: int
    unknown_token_id: int
    vocabulary_size: int
    has_segment_ids = False
    pair_separators = 2
    sentence_ends = 1

    @property
    def special_token_ids(self) -> list[int]:
        """The ids that no text has, `<unk>` or `[UNK]` among them."""
        return [
            self.start_token_id,
            self.end_token_id,
            self.padding_token_id,
            self.mask_token_id,
            self.unknown_token_id,
        ]

    @abc.abstractmethod
    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes running text.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords. A text without any has an empty row.
        """

    @abc.abstractmethod
    def split(self, texts: tf.Tensor) -> Words:
        """Splits running text into the words that are noised and masked.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.

        Returns:
            The words.
        """

    @abc.abstractmethod
    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes what `split` gave, some words of it changed.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)`, and an int32 ragged tensor `(B, subwords)`:
            which word a subword is of, numbered through the batch.
        """

    @abc.abstractmethod
    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words one by one, as they stand inside a sentence.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords. A word without any has an empty row.
        """

    def at_least_one(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words that must not vanish, such as words that carry a label.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords; a word without any becomes one unknown token with the word
            as its surface.
        """
        subwords = self.tokenize_words(words)
        is_missing = subwords.token_ids.row_lengths() == 0
        missing = tf.boolean_mask(words, is_missing)
        unknown = Subwords(
            tf.fill(tf.shape(missing), self.unknown_token_id),
            missing,
            tf.zeros_like(missing, tf.int32),
            tf.strings.length(missing),
        )
        lengths = tf.cast(is_missing, tf.int64)
        return Subwords(
            *(
                tf.concat(
                    [values, tf.RaggedTensor.from_row_lengths(added, lengths)], axis=1
                )
                for values, added in zip(subwords, unknown, strict=True)
            )
        )


def join_words(words: Words, subwords: Subwords) -> tuple[Subwords, tf.RaggedTensor]:
    """Joins the subwords of words that were tokenized one by one.

    Args:
        words: The words of `B` texts.
        subwords: The subwords of each word, `(total words, subwords)`.

    Returns:
        What `SubwordTokenizer.tokenize_split` does; offsets are in the word.
    """
    word = row_numbers(tf.cast(subwords.token_ids.row_lengths(), tf.int32))

    def join(values):
        return words.words.with_values(values).merge_dims(1, 2)

    joined = Subwords(*map(join, subwords))
    return joined, joined.token_ids.with_values(word)


def cut(
    strings: tf.Tensor, rows: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor
) -> tf.Tensor:
    """Cuts many pieces out of strings.

    Args:
        strings: string tensor `(N,)`.
        rows: int tensor `(K,)`: the string that each piece is of.
        starts: int32 tensor `(K,)`: its first byte.
        ends: int32 tensor `(K,)`: the byte after it.

    Returns:
        string tensor `(K,)`.
    """
    # Not `substr` of the gathered strings, which would copy a long text for each piece.
    of_text = tf.strings.bytes_split(strings)
    first = tf.gather(tf.cast(of_text.row_starts(), tf.int32), rows) + starts
    lengths = ends - starts
    piece = row_numbers(lengths)
    place = tf.range(tf.size(piece)) - tf.gather(
        tf.cumsum(lengths, exclusive=True), piece
    )
    return tf.strings.unsorted_segment_join(
        tf.gather(of_text.values, tf.gather(first, piece) + place),
        piece,
        tf.size(starts),
    )
