"""graph_edit: the edits of an attack, made to many words at once in the graph."""

import abc
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.attacks.edit_rule import (
    EditRule,
    Insertion,
    Recasing,
    Removal,
    Substitution,
    Transposition,
)
from charbert_tf.noise.word_characters import WordCharacters, is_mark, lone_code_points
from charbert_tf.text.random_stream import index_below
from charbert_tf.text.word_splitter import TYPED_WORD

# More than there are code points.
_CHARACTERS = 1 << 21
# As `str.isupper` has it: Roman numbers and letters in circles, too.
_CAPITAL = r"[\p{Lu}\x{2160}-\x{216F}\x{24B6}-\x{24CF}]\p{M}*"


class TypoTable:
    """Looks up the typos of characters.

    Args:
        typos: By one or two characters what may be written instead.

    Example:

    ```python
    table = TypoTable({"m": ["rn", "nn"], "cl": ["d"]})
    rows = table.rows(tf.constant(["m", "c"]), tf.constant(["", "l"]))
    table.counts(rows)  # [2, 1]
    table.typos(rows, tf.constant([1, 0]))  # ["nn", "d"]
    ```
    """

    def __init__(self, typos: Mapping[str, Sequence[str]]):
        keys = np.array([_key(*map(ord, characters)) for characters in typos], np.int64)
        order = np.argsort(keys)
        by_key = [list(typos.values())[index] for index in order]
        # A row of its own, without typos, for what has none.
        self._keys = np.append(keys[order], np.iinfo(np.int64).max)
        self._counts = np.array([*map(len, by_key), 0], np.int32)
        self._starts = np.cumsum(self._counts, dtype=np.int32) - self._counts
        self._typos = [typo for of_key in by_key for typo in of_key] + [""]

    def rows(self, first: tf.Tensor, second: tf.Tensor | None = None) -> tf.Tensor:
        """Finds characters.

        Args:
            first: string tensor `(N,)`.
            second: string tensor `(N,)`: what stands behind, to look up pairs.

        Returns:
            int32 tensor `(N,)`: the row of each.
        """
        keys = _code_points(first)
        if second is not None:
            keys = _key(keys, _code_points(second))
        row = tf.searchsorted(self._keys, keys)
        return tf.where(tf.gather(self._keys, row) == keys, row, len(self._keys) - 1)

    def counts(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns how many typos rows have, int32 `(N,)`.

        Args:
            rows: As `rows` returns them.
        """
        return tf.gather(self._counts, rows)

    def typos(self, rows: tf.Tensor, which: tf.Tensor) -> tf.Tensor:
        """Returns a typo of each row, string `(N,)`.

        Args:
            rows: As `rows` returns them.
            which: int32 tensor `(N,)`: which of its typos.
        """
        return tf.gather(self._typos, tf.gather(self._starts, rows) + which)


def _key(first, second=None):
    return first if second is None else (first + 1) * _CHARACTERS + second


def _code_points(characters: tf.Tensor) -> tf.Tensor:
    return tf.cast(lone_code_points(characters), tf.int64)


def in_letter_case(words: tf.Tensor, style: str) -> tf.Tensor:
    """Writes words in another case, as `attacks.letter_forms.LetterCase` does.

    Args:
        words: string tensor `(N,)`, valid UTF-8.
        style: One of `attacks.letter_forms.LETTER_CASES`.

    Returns:
        string tensor `(N,)`.

    Example:

    ```python
    in_letter_case(tf.constant(["rOME"]), "title_case")  # ["Rome"]
    ```
    """
    small, capital = (
        lambda text: tf.strings.lower(text, "utf-8"),
        lambda text: tf.strings.upper(text, "utf-8"),
    )
    first, others = {
        "small_letters": (small, small),
        "capitals": (capital, capital),
        "title_case": (capital, small),
        "inverted_case": (small, capital),
    }[style]
    if first is others:
        return first(words)
    parts = tf.strings.unicode_split(words, "UTF-8")
    start, rest = (
        tf.strings.reduce_join(part, axis=-1) for part in (parts[:, :1], parts[:, 1:])
    )
    return tf.strings.join([first(start), others(rest)])


class GraphEdit(abc.ABC):
    """One edit of each word: every place is as likely, and every typo there.

    Example:

    ```python
    graph_edit(Drop().rule)(tf.constant(["word"]), tf.constant([[0.0, 0.0]]))  # ["wrd"]
    ```
    """

    @abc.abstractmethod
    def __call__(self, words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """Edits words.

        Args:
            words: string tensor `(N,)`, valid UTF-8.
            draws: float32 tensor `(N, 2)` of numbers in [0, 1): where, and what.

        Returns:
            string tensor `(N,)`; a word that this kind of edit cannot change stays.
        """


def graph_edit(rule: EditRule) -> GraphEdit:
    """Makes the edits that a rule describes.

    Args:
        rule: An attack's.

    Returns:
        The edits.

    Example:

    ```python
    edit = graph_edit(Swap().rule)
    ```
    """
    return _KINDS[type(rule)](rule)


class _PlacedEdit(GraphEdit):
    """An edit of a character, and maybe of the next one."""

    def __init__(self, rule: EditRule):
        self._rule = rule

    def __call__(self, words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        characters = WordCharacters.of(words, self._rule.takes_marks)
        counts = self._counts(characters)
        is_inside = characters.place >= self._rule.first
        is_inside &= characters.from_end >= self._rule.spared
        counts = tf.where(is_inside, counts, 0)
        index, word = _chosen_places(characters, counts > 0, draws[:, 0])
        draws, counts = tf.gather(draws[:, 1], word), tf.gather(counts, index)
        at, new = self._replacement(characters, index, index_below(draws, counts))
        return characters.replaced(at, new)

    @abc.abstractmethod
    def _counts(self, characters: WordCharacters) -> tf.Tensor:
        """How many edits there are at each character, int32 `(all characters,)`."""

    @abc.abstractmethod
    def _replacement(
        self, characters: WordCharacters, index: tf.Tensor, which: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Which characters are replaced, and by what.

        Args:
            characters: The words.
            index: int tensor `(K,)`: the places that were chosen.
            which: int32 tensor `(K,)`: which of the edits there.
        """


class _Removals(_PlacedEdit):
    def _counts(self, characters):
        parts = _is_apostrophe(characters, -1) & _is_apostrophe(characters, 1)
        return tf.where(parts & _is_typed_word(characters), 0, 1)

    def _replacement(self, characters, index, which):
        return index, tf.fill(tf.shape(index), "")


class _Transpositions(_PlacedEdit):
    def _counts(self, characters):
        parts = _is_apostrophe(characters, -1) & _is_apostrophe(characters, 1)
        parts |= _is_apostrophe(characters, 0) & _is_apostrophe(characters, 2)
        is_equal = characters.characters.values == characters.at(1)
        return tf.where(is_equal | (parts & _is_typed_word(characters)), 0, 1)

    def _replacement(self, characters, index, which):
        values = characters.characters.values
        new = [tf.gather(values, index + 1), tf.gather(values, index)]
        return tf.concat([index, index + 1], axis=0), tf.concat(new, axis=0)


class _Insertions(_PlacedEdit):
    def _counts(self, characters):
        values = characters.characters.values
        return tf.fill(tf.shape(values), len(self._rule.characters))

    def _replacement(self, characters, index, which):
        before = tf.gather(characters.characters.values, index)
        small, capital = (
            tf.gather(list(inserted), which)
            for inserted in (self._rule.characters, self._rule.capitals)
        )
        inserted = tf.where(_is_capital(before), capital, small)
        return index, tf.strings.join([inserted, before])


class _Substitutions(_PlacedEdit):
    def __init__(self, rule: Substitution):
        super().__init__(rule)
        self._singles, self._pairs = (
            TypoTable({key: of for key, of in rule.typos.items() if len(key) == length})
            for length in (1, 2)
        )

    def _counts(self, characters):
        singles, pairs = self._rows(characters)
        counts = self._singles.counts(singles) + self._pairs.counts(pairs)
        if not self._rule.spares_marked:
            return counts
        is_marked = is_mark(characters.at(1)) & ~is_mark(characters.characters.values)
        return tf.where(is_marked, 0, counts)

    def _replacement(self, characters, index, which):
        single, pair = (tf.gather(rows, index) for rows in self._rows(characters))
        of_single = self._singles.counts(single)
        is_single = which < of_single
        new = tf.where(
            is_single,
            self._singles.typos(single, tf.where(is_single, which, 0)),
            self._pairs.typos(pair, tf.where(is_single, 0, which - of_single)),
        )
        second = tf.boolean_mask(index, ~is_single) + 1
        gone = tf.fill(tf.shape(second), "")
        return tf.concat([index, second], axis=0), tf.concat([new, gone], axis=0)

    def _rows(self, characters):
        values = characters.characters.values
        return self._singles.rows(values), self._pairs.rows(values, characters.at(1))


class _Recasings(GraphEdit):
    def __init__(self, rule: Recasing):
        self._styles = rule.styles

    def __call__(self, words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        written = [in_letter_case(words, style) for style in self._styles]
        # How many others there are before each: what was there already is none.
        is_new = []
        for index, one in enumerate(written):
            same = [one == words, *(one == before for before in written[:index])]
            is_new.append(~tf.reduce_any(same, axis=0))
        is_new = tf.stack(is_new, axis=1)
        rank = tf.cumsum(tf.cast(is_new, tf.int32), axis=1, exclusive=True)
        count = tf.reduce_sum(tf.cast(is_new, tf.int32), axis=1)
        chosen = is_new & (rank == index_below(draws[:, 1], count)[:, None])
        result = words
        for index, one in enumerate(written):
            result = tf.where(chosen[:, index], one, result)
        return result


_KINDS: dict[type[EditRule], type[GraphEdit]] = {
    Removal: _Removals,
    Transposition: _Transpositions,
    Insertion: _Insertions,
    Substitution: _Substitutions,
    Recasing: _Recasings,
}


def _chosen_places(
    characters: WordCharacters, is_place: tf.Tensor, draws: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """A place of each word that has any, all of its places equally likely.

    Returns which of all characters it is, and which word it is of.
    """
    places = tf.cast(tf.where(is_place)[:, 0], tf.int32)
    of_word = tf.math.bincount(
        tf.gather(characters.word, places), minlength=tf.size(draws)
    )
    before = tf.cumsum(of_word, exclusive=True)
    word = tf.cast(tf.where(of_word > 0)[:, 0], tf.int32)
    chosen = before + index_below(draws, of_word)
    return tf.gather(places, tf.gather(chosen, word)), word


def _is_apostrophe(characters: WordCharacters, offset: int) -> tf.Tensor:
    character = characters.at(offset)
    return (character == "'") | (character == "’")


def _is_typed_word(characters: WordCharacters) -> tf.Tensor:
    """Of each character, whether its word is one of running text, and to stay one."""
    is_one = tf.strings.regex_full_match(characters.words, TYPED_WORD)
    return tf.gather(is_one, characters.word)


def _is_capital(characters: tf.Tensor) -> tf.Tensor:
    return tf.strings.regex_full_match(characters, _CAPITAL)
