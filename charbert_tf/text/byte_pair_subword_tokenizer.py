"""BytePairSubwordTokenizer: the subwords of RoBERTa."""

from collections.abc import Iterable, Mapping

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.added_token_tokenizer import AddedTokenTokenizer
from charbert_tf.text.byte_pair_pretokenizer import (
    BytePairPretokenizer,
    is_white_space,
)
from charbert_tf.text.rows import row_numbers
from charbert_tf.text.subword_tokenizer import (
    Subwords,
    SubwordTokenizer,
    Words,
    join_words,
)

_UNKNOWN = "<unk>"
_NO_RANK = np.iinfo(np.int32).max


def byte_symbols() -> list[str]:
    """The printable character that stands for each byte in a byte-level vocabulary.

    Returns:
        256 characters, those of GPT-2: a printable byte's own in Latin-1, and the
        characters from U+0100 on for the others ("Ġ" for the space).

    Example:
        >>> byte_symbols()[32], byte_symbols()[65]
        ('Ġ', 'A')
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


class BytePairMerger:
    """Merges the bytes of words, all words at once.

    Every word begins as its bytes; of its neighbouring pairs the one that comes first
    among the merges is merged, until none is left (Sennrich et al., 2016,
    https://arxiv.org/abs/1508.07909). A round does that for all words of the batch
    which are not finished, with sorted arrays for tables: nothing is cached, and the
    graph holds no state.

    Args:
        vocabulary: The id of every subword, in `byte_symbols`.
        merges: The pairs in their order, each "left right".

    Attributes:
        first_byte_id: int. Above all ids; a byte that the vocabulary lacks has this id
            plus its own value.

    Raises:
        ValueError: If a merge's parts, or what they make, are not in the vocabulary.

    Example:

    ```python
    merge = BytePairMerger({"a": 0, "b": 1, "ab": 2}, ["a b"])
    merge(tf.constant(["aab"]))  # ids [[0, 2]], starts [[0, 1]]
    ```
    """

    def __init__(self, vocabulary: Mapping[str, int], merges: Iterable[str]):
        size = max(vocabulary.values()) + 1
        symbols = byte_symbols()
        self.first_byte_id = size
        self._byte_ids = np.array(
            [vocabulary.get(symbols[byte], size + byte) for byte in range(256)],
            np.int32,
        )
        # A pair is one number: its two symbols as digits.
        self._base = size + len(symbols)
        table = self._table(vocabulary, merges)
        # Behind all keys, so that every pair finds a place.
        table[np.iinfo(np.int64).max] = _NO_RANK, 0
        self._keys = np.array(sorted(table), np.int64)
        values = np.array([table[key] for key in self._keys.tolist()], np.int32)
        self._ranks, self._merged_ids = values.T
        self._is_final = self._finality()

    def _table(self, vocabulary, merges) -> dict[int, tuple[int, int]]:
        """The rank and the result of every pair."""
        table = {}
        for rank, merge in enumerate(merges):
            parts = merge.split(" ")
            try:
                left, right, merged = (vocabulary[t] for t in (*parts, "".join(parts)))
            except (KeyError, ValueError) as error:
                raise ValueError(
                    f"The merge {merge!r} is not of the vocabulary."
                ) from error
            table[left * self._base + right] = rank, merged
        return table

    def _finality(self) -> np.ndarray:
        """Of every pair, whether no merge of what it makes comes before its own.

        It is so where every subword is made by one pair alone. Else such a merge comes
        between two of the pair itself, which then cannot be made at once.
        """
        first_use = np.full(self._base, _NO_RANK)
        for part in np.divmod(self._keys[:-1], self._base):
            np.minimum.at(first_use, part, self._ranks[:-1])
        return self._ranks <= first_use[self._merged_ids]

    def __call__(self, words: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Merges.

        Args:
            words: string tensor `(N,)`.

        Returns:
            Ids and first bytes of the subwords, int32 ragged tensors `(N, subwords)`.
        """
        count, lengths = tf.size(words), tf.strings.length(words)
        text = tf.io.decode_raw(tf.strings.reduce_join(words), tf.uint8)
        symbols = tf.gather(self._byte_ids, tf.cast(text, tf.int32))
        word = row_numbers(lengths)
        ids = self._merge(symbols, word, count)
        # A subword's id stands at its first byte.
        at = tf.where(ids >= 0)[:, 0]
        row = tf.gather(word, at)
        first_bytes = tf.cumsum(lengths, exclusive=True)
        starts = tf.cast(at, tf.int32) - tf.gather(first_bytes, row)
        rows = tf.RaggedTensor.from_value_rowids(
            tf.gather(ids, at), tf.cast(row, tf.int64), tf.cast(count, tf.int64)
        )
        return rows, rows.with_values(starts)

    def _merge(self, symbols, word, count):
        """Ids at the subwords' first bytes, -1 elsewhere."""
        tables = tuple(map(tf.constant, (self._keys, self._ranks, self._merged_ids)))

        def merge_once(ids, symbols, word, at):
            place, rank = self._look_up(symbols, word, tables)
            lowest = tf.gather(tf.math.unsorted_segment_min(rank, word, count), word)
            is_open = lowest < _NO_RANK
            ids = tf.tensor_scatter_nd_update(
                ids,
                tf.boolean_mask(at, ~is_open)[:, None],
                tf.boolean_mask(symbols, ~is_open),
            )
            is_left = is_open & (rank == lowest)
            is_left &= self._is_mergeable(is_left, place, word, count)
            symbols = tf.where(is_left, tf.gather(tables[2], place), symbols)
            is_kept = is_open & ~_shifted(is_left)
            return ids, *(tf.boolean_mask(v, is_kept) for v in (symbols, word, at))

        size = tf.size(symbols)
        return tf.while_loop(
            lambda ids, symbols, word, at: tf.size(symbols) > 0,
            merge_once,
            (tf.fill([size], -1), symbols, word, tf.range(size)),
            shape_invariants=(tf.TensorShape([None]),) * 4,
        )[0]

    def _look_up(self, symbols, word, tables):
        """Where each symbol and the next stand in the table, and their rank."""
        keys, ranks, _ = tables
        left, right = tf.cast(symbols, tf.int64), tf.cast(symbols[1:], tf.int64)
        key = left * self._base + tf.concat([right, [0]], axis=0)
        place = tf.searchsorted(keys, key)
        is_pair = tf.concat([word[1:] == word[:-1], [False]], axis=0)
        is_listed = is_pair & (tf.gather(keys, place) == key)
        return place, tf.where(is_listed, tf.gather(ranks, place), _NO_RANK)

    def _is_mergeable(self, is_left, place, word, count):
        """Of equal pairs that overlap, as in "aaa", every other one."""
        at = tf.range(tf.size(word))
        run = tf.cumsum(tf.cast(is_left & ~_shifted(is_left), tf.int32))
        run_start = tf.math.unsorted_segment_min(at, run, tf.size(word) + 1)
        is_mergeable = (at - tf.gather(run_start, run)) % 2 == 0
        if self._is_final.all():
            return is_mergeable
        first = tf.where(is_left, at, tf.size(word))
        first = tf.math.unsorted_segment_min(first, word, count)
        is_first = at == tf.gather(first, word)
        return is_mergeable & (tf.gather(self._is_final, place) | is_first)


def _shifted(values):
    """At each place the value of the place before."""
    return tf.concat([[False], values[:-1]], axis=0)


class BytePairSubwordTokenizer(SubwordTokenizer):
    """Byte-level BPE with offsets, in a graph that can be exported.

    The ids are those of Hugging Face's tokenizer for the same vocabulary and merges.
    keras-nlp's own keeps a mutable cache, which no SavedModel can hold, and gives no
    offsets. A subword's surface is, as in the authors' code, its entry in the
    vocabulary: "Ġ" is the space before a word, and a character outside ASCII is as
    many characters as it has bytes. Offsets are in bytes, so that a subword may begin
    or end inside a character; a word's first subword begins at its space.

    Args:
        tokenizer: The tokenizer whose vocabulary, merges and `add_prefix_space` to use.

    Raises:
        ValueError: If the vocabulary has no `<unk>`, or not all that merges make.

    Example:

    ```python
    subwords = BytePairSubwordTokenizer(tokenizer)(tf.constant(["so fine"]))
    subwords.surfaces  # [["so", "Ġfine"]]
    subwords.starts, subwords.ends  # [[0, 2]], [[2, 7]]
    ```
    """

    sentence_ends = 2

    def __init__(self, tokenizer: keras_nlp.models.RobertaTokenizer):
        super().__init__()
        vocabulary = dict(tokenizer.vocabulary)
        if _UNKNOWN not in vocabulary:
            raise ValueError(f"The vocabulary lacks {_UNKNOWN}.")
        self.start_token_id = tokenizer.start_token_id
        self.end_token_id = tokenizer.end_token_id
        self.padding_token_id = tokenizer.pad_token_id
        self.mask_token_id = tokenizer.mask_token_id
        self.unknown_token_id = vocabulary[_UNKNOWN]
        self.vocabulary_size = tokenizer.vocabulary_size()
        self._adds_space = tokenizer.add_prefix_space
        self._pretokenize = BytePairPretokenizer()
        merges = [m for m in tokenizer.merges if not m.startswith("#version")]
        self._merge = BytePairMerger(vocabulary, merges)
        surfaces = np.full(self._merge.first_byte_id, "", object)
        surfaces[list(vocabulary.values())] = list(vocabulary)
        self._surfaces = [*surfaces, *byte_symbols()]

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes running text.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords: all bytes are in one, white space too.
        """
        return self._tokenize(texts, self._adds_space)

    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words, each as after a space.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords; a word of white space alone has none.
        """
        words = tf.where(is_white_space(words), "", words)
        return self._tokenize(words, adds_space=True)

    def split(self, texts: tf.Tensor) -> Words:
        """Splits as BPE does before it merges, and takes the space from each word.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.

        Returns:
            The words. White space without a word is a word, without a space before.
        """
        words = self._pretokenize(self._with_space(texts, self._adds_space)).words
        values = words.values
        has_space = tf.strings.substr(values, 0, 1) == " "
        after_space = has_space & ~is_white_space(values)
        first = tf.cast(after_space, tf.int32)
        without = tf.strings.substr(values, first, tf.strings.length(values) - first)
        return Words(words.with_values(without), words.with_values(after_space))

    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes what `split` gave, each word with its space.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)` and the number of each one's word.
        """
        spaces = tf.where(words.after_space.values, " ", "")
        spaced = tf.strings.join([spaces, words.words.values])
        return join_words(words, self._tokenize(spaced, adds_space=False))

    def _with_space(self, texts, adds_space):
        if not adds_space:
            return texts
        needs_space = tf.strings.regex_full_match(texts, "(?s)[^ ].*")
        return tf.where(needs_space, tf.strings.join([" ", texts]), texts)

    def _tokenize(self, texts, adds_space) -> Subwords:
        spaced = self._with_space(texts, adds_space)
        words, word_starts = self._pretokenize(spaced)
        # Most words of a batch occur in it several times.
        different, which = tf.unique(words.values)
        ids, starts = (tf.gather(rows, which) for rows in self._merge(different))
        word = row_numbers(tf.cast(starts.row_lengths(), tf.int32))
        starts = starts.values + tf.gather(word_starts.values, word)
        ids = words.with_values(ids).merge_dims(1, 2)
        is_byte = ids.values >= self._merge.first_byte_id
        token_ids = tf.where(is_byte, self.unknown_token_id, ids.values)
        surfaces = tf.gather(tf.constant(self._surfaces), ids.values)
        lengths = tf.strings.length(spaced)
        added = lengths - tf.strings.length(texts)
        row = ids.value_rowids()
        ends = _ends(starts, row, lengths) - tf.gather(added, row)
        starts = tf.maximum(starts - tf.gather(added, row), 0)
        return Subwords(*map(ids.with_values, (token_ids, surfaces, starts, ends)))


def byte_pair_subword_tokenizer(
    tokenizer: keras_nlp.models.RobertaTokenizer,
) -> SubwordTokenizer:
    """Makes the subword tokenizer of a RoBERTa tokenizer.

    Args:
        tokenizer: The tokenizer. Its `unsplittable_tokens` but the model's own special
            ones are added tokens.

    Returns:
        A `BytePairSubwordTokenizer`, which knows of these tokens.

    Example:

    ```python
    subword_tokenizer = byte_pair_subword_tokenizer(classifier.preprocessor.tokenizer)
    ```
    """
    subword_tokenizer = BytePairSubwordTokenizer(tokenizer)
    added = [
        AddedToken(token, tokenizer.token_to_id(token), normalized=False)
        for token in tokenizer.unsplittable_tokens or ()
        if token not in (*tokenizer.special_tokens, _UNKNOWN)
    ]
    return AddedTokenTokenizer(subword_tokenizer, added) if added else subword_tokenizer


def _ends(starts, row, lengths):
    """The start of the next subword, or the end of the text."""
    is_last = tf.concat([row[1:] != row[:-1], [True]], axis=0)[: tf.size(row)]
    following = tf.concat([starts[1:], [0]], axis=0)[: tf.size(row)]
    return tf.where(is_last, tf.gather(lengths, row), following)
