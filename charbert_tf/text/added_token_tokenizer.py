"""AddedTokenTokenizer: subwords of text in which some texts have an id of their own."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.character_properties import IDEOGRAPHS
from charbert_tf.text.subword_tokenizer import (
    Subwords,
    SubwordTokenizer,
    Words,
    cut,
    join_words,
)

_NONE = -1
# Rust's \w, which is Unicode's.
_WORD_CHARACTER = (
    r"[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200C}\x{200D}\x{24B6}-\x{24E9}"
    r"\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}]"
)


class _Pieces(NamedTuple):
    """Texts in pieces: text, an added token, text, and so on.

    Attributes:
        texts: string ragged tensor `(N, pieces)`.
        starts: int32 ragged tensor `(N, pieces)`: the first byte of each in its text.
        ids: int32 ragged tensor `(N, pieces)`: the token's id; -1 of a text.
    """

    texts: tf.RaggedTensor
    starts: tf.RaggedTensor
    ids: tf.RaggedTensor


class AddedTokenTokenizer(SubwordTokenizer):
    """Gives added tokens their ids, and the text between them to another tokenizer.

    As in the `tokenizers` library tokens are found from left to right, the longest
    first; those that are not `normalized` in the text itself, then the others in the
    normalised text of what is between them.

    Args:
        tokenizer: Tokenizes the text between added tokens.
        added_tokens: The tokens.
        pretokenizer: Normalises text, if the tokenizer does so.

    Attributes:
        added_tokens: The tokens.

    Example:

    ```python
    tokenizer = charbert_tf.BertTokenizer(
        subwords, added_tokens=[AddedToken("<e1>", len(subwords))]
    )
    subwords = make_subword_tokenizer(tokenizer)(tf.constant(["a<e1>"]))
    subwords.surfaces  # [["a", "<e1>"]]
    ```
    """

    def __init__(
        self,
        tokenizer: SubwordTokenizer,
        added_tokens: Sequence[AddedToken],
        pretokenizer: BertPretokenizer | None = None,
    ):
        super().__init__()
        self._tokenizer = tokenizer
        self.added_tokens = tuple(added_tokens)
        for name in (
            *("start_token_id", "end_token_id", "padding_token_id", "mask_token_id"),
            *("unknown_token_id", "vocabulary_size", "has_segment_ids"),
            *("pair_separators", "sentence_ends"),
        ):
            setattr(self, name, getattr(tokenizer, name))
        is_raw = [pretokenizer is None or not t.normalized for t in added_tokens]
        raw = [t for t, in_text in zip(added_tokens, is_raw, strict=True) if in_text]
        others = [t for t in added_tokens if t not in raw]
        self._finders = [_RawFinder(raw)] if raw else []
        if others:
            self._finders.append(_NormalizedFinder(others, pretokenizer))

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes running text.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords, added tokens among them.
        """
        return self._tokenize(texts, self._tokenizer)

    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words one by one.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords.
        """
        return self._tokenize(words, self._tokenizer.tokenize_words)

    def split(self, texts: tf.Tensor) -> Words:
        """Splits as the other tokenizer does; an added token is a word.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.

        Returns:
            The words.
        """
        pieces = self._pieces(texts)
        is_text = pieces.ids.values == _NONE
        words = self._tokenizer.split(tf.where(is_text, pieces.texts.values, ""))
        token = _rows_where(~is_text, pieces.texts.values)

        def join(values, added):
            return pieces.texts.with_values(tf.concat([values, added], axis=1))

        return Words(
            join(words.words, token).merge_dims(1, 2),
            join(words.after_space, tf.zeros_like(token, tf.bool)).merge_dims(1, 2),
        )

    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes what `split` gave, some words of it changed.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)` and the number of each one's word.
        """
        spaces = tf.where(words.after_space.values, " ", "")
        spaced = tf.strings.join([spaces, words.words.values])
        return join_words(words, self._tokenize(spaced, self._tokenize_alone))

    def _tokenize_alone(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words one by one, each with the space that it begins with."""
        rows = tf.RaggedTensor.from_uniform_row_length(words, 1)
        alone = Words(rows, tf.zeros_like(rows, tf.bool))
        return self._tokenizer.tokenize_split(alone)[0]

    def _tokenize(
        self, texts: tf.Tensor, tokenize: Callable[[tf.Tensor], Subwords]
    ) -> Subwords:
        pieces = self._pieces(texts)
        ids, pieces_texts = pieces.ids.values, pieces.texts.values
        subwords = tokenize(tf.where(ids == _NONE, pieces_texts, ""))
        starts = pieces.starts.values
        shift = tf.gather(starts, subwords.token_ids.value_rowids())
        subwords = subwords._replace(
            starts=subwords.starts.with_values(subwords.starts.values + shift),
            ends=subwords.ends.with_values(subwords.ends.values + shift),
        )
        ends = starts + tf.strings.length(pieces_texts)
        subwords = _with_tokens(subwords, ids, pieces_texts, starts, ends)
        return Subwords(
            *(pieces.texts.with_values(rows).merge_dims(1, 2) for rows in subwords)
        )

    def _pieces(self, texts: tf.Tensor) -> _Pieces:
        first, *others = self._finders
        pieces = first(texts)
        for finder in others:
            pieces = _refine(pieces, finder)
        return pieces


class _RawFinder:
    """Finds tokens in the text itself."""

    def __init__(self, added_tokens: Sequence[AddedToken]):
        self._find = _Matcher(added_tokens, [t.content for t in added_tokens])

    def __call__(self, texts: tf.Tensor) -> _Pieces:
        return _cut_out(texts, *self._find(texts))


class _NormalizedFinder:
    """Finds tokens in the normalised text, and cuts them out of the text itself."""

    def __init__(
        self, added_tokens: Sequence[AddedToken], pretokenizer: BertPretokenizer
    ):
        self._normalize = pretokenizer.normalize
        contents = tf.constant([token.content for token in added_tokens])
        normalized = self._normalize(contents).texts.numpy()
        apart = None
        if pretokenizer.normalization.tokenize_chinese_chars:
            # In the library's normalised text, blanks stand beside them.
            ranges = (f"\\x{{{a:X}}}-\\x{{{b:X}}}" for a, b in IDEOGRAPHS)
            apart = f"[{''.join(ranges)}]"
        contents = [text.decode() for text in normalized]
        self._find = _Matcher(added_tokens, contents, apart)

    def __call__(self, texts: tf.Tensor) -> _Pieces:
        normalized = self._normalize(texts)
        starts, ends, ids = self._find(normalized.texts)
        return _cut_out(
            texts,
            starts.with_values(normalized.first_byte(starts)),
            ends.with_values(normalized.byte_end(ends)),
            ids,
        )


class _Matcher:
    """Finds texts in texts."""

    def __init__(
        self,
        added_tokens: Sequence[AddedToken],
        contents: Sequence[str],
        apart: str | None = None,
    ):
        self._apart = apart
        pairs = {c: t for c, t in zip(contents, added_tokens, strict=True) if c}
        # RE2 takes the first that matches: the longest has to stand first.
        longest = sorted(pairs, key=len, reverse=True)
        self._pattern = "|".join(
            "".join(f"\\x{{{ord(character):X}}}" for character in content)
            for content in longest
        )

        def table(values, dtype, default):
            return tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    list(pairs), values, tf.string, dtype
                ),
                default,
            )

        ids = [token.id for token in pairs.values()]
        self._ids = table(ids, tf.int32, _NONE)
        single = [int(token.single_word) for token in pairs.values()]
        self._is_single_word = table(single, tf.int32, 0) if any(single) else None

    def __call__(
        self, texts: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Returns the first byte of each match, the byte after it, and its id."""
        pieces, starts, ends = tf_text.regex_split_with_offsets(
            # The op takes a NUL for the end of the text.
            tf.strings.regex_replace(texts, r"\x00", "\x01"),
            self._pattern,
            self._pattern,
        )
        ids = self._ids.lookup(pieces.values)
        is_match = ids != _NONE
        if self._is_single_word is not None:
            is_single = self._is_single_word.lookup(pieces.values) == 1
            is_match &= ~(is_single & self._touches_word(pieces))
        return tuple(
            tf.ragged.boolean_mask(
                pieces.with_values(values), pieces.with_values(is_match)
            )
            for values in (
                tf.cast(starts.values, tf.int32),
                tf.cast(ends.values, tf.int32),
                ids,
            )
        )

    def _touches_word(self, pieces: tf.RaggedTensor) -> tf.Tensor:
        """Whether a character of a word stands before a piece, or after it."""
        row = pieces.value_rowids()
        same = row[1:] == row[:-1]

        def matches(texts, pattern):
            is_word = tf.strings.regex_full_match(
                texts, pattern.format(_WORD_CHARACTER)
            )
            if self._apart is None:
                return is_word
            return is_word & ~tf.strings.regex_full_match(
                texts, pattern.format(self._apart)
            )

        ends = matches(pieces.values[:-1], "(?s).*{}")
        begins = matches(pieces.values[1:], "(?s){}.*")
        size = tf.size(row)
        before = tf.concat([[False], same & ends], axis=0)[:size]
        return before | tf.concat([same & begins, [False]], axis=0)[:size]


def _cut_out(texts, starts, ends, ids) -> _Pieces:
    """Cuts texts at tokens: text, token, text; of `k` tokens `2 k + 2` pieces."""
    lengths = tf.strings.length(texts)[:, None]
    zeros = tf.zeros_like(lengths)
    # An empty token stands at the end, so that each text has one behind it.
    starts = tf.concat([starts, lengths], axis=1)
    ends_before = tf.concat([zeros, ends], axis=1)
    ends = tf.concat([ends, lengths], axis=1)
    ids = tf.concat([ids, zeros + _NONE], axis=1)

    def interleave(of_texts, of_tokens):
        values = tf.stack([of_texts.values, of_tokens.values], axis=1)
        return tf.RaggedTensor.from_row_splits(
            tf.reshape(values, [-1]), 2 * starts.row_splits
        )

    piece_starts = interleave(ends_before, starts)
    piece_ends = interleave(starts, ends)
    pieces = cut(
        texts, piece_starts.value_rowids(), piece_starts.values, piece_ends.values
    )
    no_ids = ids.with_values(tf.fill(tf.shape(ids.values), _NONE))
    return _Pieces(
        piece_starts.with_values(pieces), piece_starts, interleave(no_ids, ids)
    )


def _refine(pieces: _Pieces, finder) -> _Pieces:
    """Finds further tokens in the texts that are left."""
    is_text = pieces.ids.values == _NONE
    found = finder(tf.where(is_text, pieces.texts.values, ""))
    shift = tf.gather(pieces.starts.values, found.starts.value_rowids())
    found = found._replace(starts=found.starts.with_values(found.starts.values + shift))
    tokens = (
        _rows_where(~is_text, values.values)
        for values in (pieces.texts, pieces.starts, pieces.ids)
    )
    return _Pieces(
        *(
            pieces.texts.with_values(tf.concat([new, old], axis=1)).merge_dims(1, 2)
            for new, old in zip(found, tokens, strict=True)
        )
    )


def _with_tokens(subwords: Subwords, ids, texts, starts, ends) -> Subwords:
    """Gives rows that are tokens, and empty so far, their one subword."""
    is_token = ids != _NONE
    return Subwords(
        *(
            tf.concat([rows, _rows_where(is_token, values)], axis=1)
            for rows, values in zip(subwords, (ids, texts, starts, ends), strict=True)
        )
    )


def _rows_where(is_there, values) -> tf.RaggedTensor:
    """Rows of one value, or of none."""
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(values, is_there), tf.cast(is_there, tf.int64)
    )
