"""What all attacks have in common: which words get an edit, and the random numbers."""

import abc
import dataclasses
import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

import numpy as np

from charbert_tf.attacks.attack_limits import ProtectedWords, check_limits
from charbert_tf.attacks.edit import Edit, EditedText, drawn_typo, edited_words
from charbert_tf.attacks.edit_rule import EditRule
from charbert_tf.attacks.running_text import WORD, overlapping, word_spans


@dataclasses.dataclass(frozen=True)
class Attack(abc.ABC):
    """Typos in running text: one edit in every word that is long enough.

    A subclass says what the edits of a word are. The attacks follow the robustness
    evaluation of the CharBERT paper (arXiv 2011.01513), which follows Pruthi et al.
    (2019, arXiv 1905.11268): every word of at least four characters that is not a
    number gets one edit.

    The random numbers of a word depend on the seed, the index of the example in its
    data set and the word's place in it alone. So the result is the same in whatever
    batches the examples come, not if the data set is sorted anew; and the words
    attacked at a low rate are among those of a higher rate, with the same edit.

    Args:
        rate: the share of the words that get an edit, in [0, 1].
        minimum_length: shorter words stay, in characters; at least 3, so that there
            is a character between the first and the last.
        protected_words: words that stay, in capitals or not. They may be of several
            words or have marks in them, such as "New York" or "U.S.": where they stand
            whole, not as a part of other words, they stay.

    Raises:
        UserError: if the rate or the length is out of range, or the words are a string.
    """

    rate: float = 1.0
    minimum_length: int = 4
    protected_words: Collection[str] = ()

    kind: ClassVar[str]
    """What its edits are called; the name it has among the attacks."""

    parts_words: ClassVar[bool] = False
    """Whether its edits may make two words of running text of one."""

    splits_words: ClassVar[bool] = False
    """Whether an edit may have two words for one."""

    joins_words: ClassVar[bool] = False
    """Whether an edit may have one word for two."""

    kinds: ClassVar[tuple["Attack", ...]] = ()
    """The attacks that it mixes, if it mixes any."""

    rule: ClassVar[EditRule | None] = None
    """What `edits_by_place` gives, as a rule; None if no graph makes these edits."""

    def __post_init__(self) -> None:
        check_limits(self.rate, self.minimum_length, self.protected_words)
        object.__setattr__(self, "protected_words", tuple(self.protected_words))

    @property
    def shortest(self) -> int:
        """The length of the shortest words that it edits, in characters."""
        return self.minimum_length

    @abc.abstractmethod
    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind in one word.

        Args:
            word: a word of at least 3 characters.

        Returns:
            For each place in the word where there are any, the typos there; none of
            them is the word itself. One with a space in it is two words.
        """

    def allowed_edits_by_place(self, word: str) -> list[list[str]]:
        """Gives the typos that leave a word of running text one word.

        Args:
            word: a word of at least 3 characters.

        Returns:
            `edits_by_place` without those that part the word, unless `parts_words`.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> ["rock''roll"] in Drop().edits_by_place("rock'n'roll")
            True
            >>> ["rock''roll"] in Drop().allowed_edits_by_place("rock'n'roll")
            False
        """
        places = self.edits_by_place(word)
        if self.parts_words or not WORD.fullmatch(word):
            return places
        whole = [list(filter(WORD.fullmatch, typos)) for typos in places]
        return [typos for typos in whole if typos]

    def possible_edits(self, word: str) -> list[str]:
        """Gives every typo that `edit` may make, such as to search for the worst.

        Args:
            word: a word of at least 3 characters.

        Returns:
            The different words that one edit can give, from the word's beginning to
            its end; none if this kind of edit cannot change the word.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().possible_edits("sleep")
            ['seep', 'slep']
        """
        typos = itertools.chain.from_iterable(self.allowed_edits_by_place(word))
        return list(dict.fromkeys(typos))

    def edits_of_word(self, word: str, index: int = 0) -> list[Edit]:
        """Gives `possible_edits` as edits of a word in a sentence.

        Args:
            word: a word of at least 3 characters.
            index: which word of the sentence it is, from 0.

        Returns:
            As many edits, in the same order.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().edits_of_word("Rome", index=1)[0]
            Edit(first=1, old=('Rome',), new=('Rme',), kind='drop')
        """
        return [
            Edit(index, (word,), (new,), self.kind) for new in self.possible_edits(word)
        ]

    def is_eligible(self, word: str) -> bool:
        """Tells whether a word gets an edit: it is long enough and not protected.

        Args:
            word: a word. One without any letter is never eligible.

        Returns:
            Whether it does.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> attack = Drop(protected_words=["Rome"])
            >>> [attack.is_eligible(word) for word in ("town", "ROME", "sea", "1996")]
            [True, False, False, False]
        """
        return len(word) >= self.shortest and self._is_free(word)

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo: each place is as likely, and each typo there.

        Args:
            word: a word of at least 3 characters.
            random: where the choice comes from.

        Returns:
            The word with one edit, or the word itself where this kind of edit cannot
            change it.

        Example:
            >>> from charbert_tf.attacks import Swap
            >>> Swap().edit("been", np.random.default_rng(0))
            'been'
        """
        edited = drawn_typo(self.edits_by_place(word), word, random)
        if self.parts_words or WORD.fullmatch(edited) or not WORD.fullmatch(word):
            return edited
        # Only now, for it takes long to look at all typos, and few part a word.
        return drawn_typo(self.allowed_edits_by_place(word), word, random)

    def attack_words(self, words: Sequence[str], seed: int, example: int) -> list[str]:
        """Attacks a sentence that is split into words, such as one with tags.

        Args:
            words: the words.
            seed: the seed of the whole attack, not negative.
            example: the index of the sentence in its data set, from 0.

        Returns:
            As many words, in the same order, but for attacks that split or join words.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().attack_words(["In", "Aug", "of", "1996", "Rome"], 0, example=0)
            ['In', 'Aug', 'of', '1996', 'Roe']
        """
        return edited_words(words, self.edits(words, seed, example))

    def attack_text(self, text: str, seed: int, example: int) -> str:
        """Attacks running text; all that stands between its words stays as it is.

        Args:
            text: the text. Its words are the runs of letters and digits, with
                apostrophes inside and combining marks.
            seed: the seed of the whole attack, not negative.
            example: the index of the text in its data set, from 0.

        Returns:
            The text with its words attacked.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().attack_text("  It isn't  (Rome), 1996!", seed=0, example=0)
            "  It in't  (Rme), 1996!"
        """
        return self.edited_text(text, seed, example).text

    def edited_text(
        self,
        text: str,
        seed: int,
        example: int,
        protected_spans: Collection[tuple[int, int]] = (),
    ) -> EditedText:
        """Attacks running text and keeps account of what was changed where.

        Args:
            text: as for `attack_text`.
            seed: the seed of the whole attack, not negative.
            example: the index of the text in its data set, from 0.
            protected_spans: the start and end of characters that stay, such as those
                of an answer; so do all words that have some of them.

        Returns:
            The text before and after. Only words with a single space between them are
            ever joined.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().edited_text("In Rome, Paris", 0, 0, [(9, 11)]).text
            'In Rme, Paris'
        """
        spans = word_spans(text)
        protected = [*protected_spans, *self.protected_spans(text)]
        gaps = [(end, start) for (_, end), (start, _) in itertools.pairwise(spans)]
        spaces = {i for i, (start, end) in enumerate(gaps) if text[start:end] == " "}
        edits = self._edits(
            [text[start:end] for start, end in spans],
            seed,
            example,
            overlapping(spans, protected),
            spaces - overlapping(gaps, protected),
        )
        replaced = [
            (spans[edit.indices[0]][0], spans[edit.indices[-1]][1]) for edit in edits
        ]
        return EditedText(text, tuple(edits), tuple(replaced))

    def protected_spans(self, text: str) -> list[tuple[int, int]]:
        """Tells where running text has protected words that are more than a word.

        Args:
            text: the text.

        Returns:
            The start and end of their characters.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop(protected_words=["new york"]).protected_spans("In New York")
            [(3, 11)]
        """
        return self._protected.spans(text)

    def protected_indices(self, words: Sequence[str]) -> set[int]:
        """Tells which words of a sentence are of protected phrases of several words.

        Args:
            words: the words of the sentence.

        Returns:
            Their indices.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop(protected_words=["new york"]).protected_indices(["New", "York"])
            {0, 1}
        """
        return self._protected.indices(words)

    def edits(
        self,
        words: Sequence[str],
        seed: int,
        example: int,
        joinable: Collection[int] | None = None,
    ) -> list[Edit]:
        """Chooses what to change in the words of a sentence.

        Args:
            words: the words.
            seed: the seed of the whole attack, not negative.
            example: the index of the sentence in its data set, from 0.
            joinable: the indices of words that may be joined with the next one, for
                attacks that join words; all of them unless it is given.

        Returns:
            The edits, in order; no word is in two of them.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().edits(["in", "Rome"], seed=0, example=0)
            [Edit(first=1, old=('Rome',), new=('Rme',), kind='drop')]
        """
        if joinable is None:
            joinable = range(len(words))
        spared = self.protected_indices(words)
        return self._edits(words, seed, example, spared, joinable)

    def _edits(
        self,
        words: Sequence[str],
        seed: int,
        example: int,
        spared: Collection[int],
        joinable: Collection[int],
    ) -> list[Edit]:
        changeable = {
            i for i, word in enumerate(words) if i not in spared and self._is_free(word)
        }
        joinable = {i for i in joinable if {i, i + 1} <= changeable}
        edits: dict[int, Edit] = {}
        # In the order of their draws, not of the words: where one edit bars another, as
        # a join does, a higher rate only adds edits.
        for _, index, random in sorted(
            self._draws(words, changeable, seed, example), key=lambda draw: draw[:2]
        ):
            kind = self.drawn_kind(random)
            edit = kind.edit_at(words, index, random, index in joinable)
            if edit is not None and edits.keys().isdisjoint(edit.indices):
                edits |= dict.fromkeys(edit.indices, edit)
        return list(dict.fromkeys(edits[index] for index in sorted(edits)))

    def drawn_kind(self, random: np.random.Generator) -> "Attack":
        """Chooses the kind of an edit: this one, unless the attack mixes several.

        Args:
            random: where the choice comes from.

        Returns:
            An attack of one kind.
        """
        return self

    def edit_at(
        self,
        words: Sequence[str],
        index: int,
        random: np.random.Generator,
        is_joinable: bool,
    ) -> Edit | None:
        """Makes one edit of this kind to a word of a sentence.

        Args:
            words: the words of the sentence.
            index: which of them.
            random: where the choice comes from.
            is_joinable: whether the word may be joined with the next one.

        Returns:
            The edit, or None if this kind of edit cannot change the word.
        """
        word = words[index]
        edited = self.edit(word, random)
        return None if edited == word else Edit(index, (word,), (edited,), self.kind)

    def _draws(
        self, words: Sequence[str], changeable: Collection[int], seed: int, example: int
    ) -> Iterator[tuple[float, int, np.random.Generator]]:
        """Gives the words that the rate hits, with what was drawn and its source."""
        for index in changeable:
            if len(words[index]) < self.shortest:
                continue
            random = np.random.default_rng((seed, example, index))
            # Drawn at every rate, so that the edit is the same at every rate.
            chance = random.random()
            if chance < self.rate:
                yield chance, index, random

    def _is_free(self, word: str) -> bool:
        # Numbers, dates, sums and rules have no letter: "1996-08-22", "$1,000", "----".
        return any(map(str.isalpha, word)) and word not in self._protected

    @functools.cached_property
    def _protected(self) -> ProtectedWords:
        return ProtectedWords(self.protected_words)
