"""Adversary: the search for the edits that do a model most harm."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.families.edited_examples import attacked_texts
from charbert_tf.families.example import Example, TextName
from charbert_tf.files.errors import UserError


class ExampleEdit(NamedTuple):
    """An edit of one of an example's texts.

    Attributes:
        text: str. Which of them: `"text"` or `"text_pair"`, of a question `"question"`
            or `"context"`. None of a tagged sentence, which has one only.
        edit: `Edit`. What is done to which of its words.
    """

    text: TextName
    edit: Edit


def possible_edits(
    example: Example, attack: Attack, attacked_text: str | None = None
) -> list[list[ExampleEdit]]:
    """Lists the edits that an example may get without breaking its label.

    Args:
        example: An example of any family.
        attack: Which words may be edited and what the edits are.
        attacked_text: As `attacked_texts` takes it: of a question `"question"`, which
            is the default, `"context"` or `"both"`. Words of the context that have some
            of an answer are never edited.

    Returns:
        For each word that may be edited, in order, its edits.

    Raises:
        UserError: If the example has no such text.

    Example:
        >>> from charbert_tf.attacks import Swap
        >>> from charbert_tf.families import LabelledText
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> possible_edits(example, Swap())[0][0].edit
        Edit(first=1, old=('fine',), new=('fnie',), kind='swap')
    """
    return [
        [ExampleEdit(name, edit) for edit in of_word]
        for name, text in attacked_texts(example, attacked_text).items()
        for of_word in text.possible_edits(attack)
    ]


def with_edits(example: Example, edits: Iterable[ExampleEdit]) -> Example:
    """Edits words of an example; its label and answers stay, tags follow their words.

    Args:
        example: The example.
        edits: Some of those that `possible_edits` listed, in order, one a word.

    Returns:
        An example of the same kind.

    Example:
        >>> from charbert_tf.families import LabelledText
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> edit = Edit(1, ("fine",), ("fnie",), "swap")
        >>> with_edits(example, [ExampleEdit("text", edit)]).text
        'a fnie film'
    """
    texts = example.texts()
    by_text = itertools.groupby(edits, key=lambda edit: edit.text)
    return example.with_texts(
        {
            name: texts[name].edited([edit for _, edit in of_text])
            for name, of_text in by_text
        }
    )


# How many versions are scored together: enough that batches of equal length are full.
_MOST_VERSIONS = 20_000
# Losses that differ by less, absolutely or relatively, are the same: what an example is
# batched with changes its loss by as much.
_TOLERANCE = 1e-5

# Edits of an example: which of its words in the search, in order, and which of the
# word's edits. So tuples are in the order in which ties are decided.
_Edits = tuple[tuple[int, int], ...]


@dataclasses.dataclass(frozen=True)
class WorstVersion:
    """What an adversary made of an example.

    Args:
        example: the example with the edits, its label unchanged.
        edits: what was done to which of its words, in order; nothing if no edit that
            was tried raises the loss.
        clean_loss: the loss before.
        loss: the loss after.
    """

    example: Example
    edits: tuple[ExampleEdit, ...]
    clean_loss: float
    loss: float


@dataclasses.dataclass(frozen=True)
class Adversary:
    """Finds the edits that raise the loss of an example most, one of a word.

    The search attack of Pruthi et al. (2019, https://arxiv.org/abs/1905.11268): with
    one edit every version is tried, so the worst is found; with more, the `beam_width`
    worst versions are edited further. The model is a black box that gives losses.

    Versions of many examples are scored together, so that a model can batch them by
    their length; what is the same is scored once. Of versions whose losses differ by
    less than 1e-5 the one with fewer edits counts, then the one whose first edit, then
    whose second and so on, is of an earlier word, or of the same word and earlier in
    `Attack.possible_edits`.

    Args:
        loss: Called with a list of examples; returns their losses, `(N,)`. A
            `ModelLoss`, a `ProbabilityLoss`, a `PredictionLoss` or a function of yours.
            If it has a method `check_attack`, as `ModelLoss` has, that is called with
            all examples and the attack before the search.
        attack: Which words may be edited and what the edits are, of one word each; its
            rate counts for nothing.
        edits: int. The most edits of an example.
        beam_width: int. How many versions are edited further.
        most_words: int. The most words of an example whose edits are tried, those that
            matter most: whose first edit raises the loss most. By default all.
        attacked_text: Which of an example's texts is edited, of a question
            `"question"`, `"context"` or `"both"`; by default the question, and all
            texts of other examples.

    Raises:
        UserError: If a number is less than 1, or if the attack joins words.

    Example:

    ```python
    task = TaggingTask()
    loss = ModelLoss(task, task.load_model("my_tagger/preset"))
    adversary = Adversary(loss, get_attack("mix"))
    for worst in adversary.worst_versions(task.read("test.txt")):
        print(worst.example.words, worst.loss)
    ```
    """

    loss: Callable[[list], np.ndarray]
    attack: Attack
    edits: int = 1
    beam_width: int = 1
    most_words: int | None = None
    attacked_text: str | None = None

    def __post_init__(self) -> None:
        for name in ("edits", "beam_width", "most_words"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UserError(f"{name} {value}: give a number from 1 on")
        if self.attack.joins_words:
            raise UserError(
                "attack join: an adversary edits one word at a time, and join takes "
                "two: leave it out"
            )

    def worst_versions(self, examples: Sequence[Example]) -> Iterator[WorstVersion]:
        """Searches for the worst version of each example.

        Args:
            examples: Examples of a family, such as `LabelledText`s.

        Yields:
            One for each example, in order.

        Raises:
            UserError: If the examples have no such text, if there is not a finite loss
                for each, if the model has not learnt a tag that the attack makes, or if
                words with other tags of spans than IOB would be split.
        """
        return itertools.chain.from_iterable(self.groups_of_worst_versions(examples))

    def groups_of_worst_versions(
        self, examples: Sequence[Example]
    ) -> Iterator[list[WorstVersion]]:
        """Searches as `worst_versions` does, and tells what is searched together.

        Args:
            examples: As for `worst_versions`.

        Yields:
            The worst versions of the next examples, as soon as they are found.

        Raises:
            UserError: If the examples have no such text, if there is not a finite loss
                for each, if the model has not learnt a tag that the attack makes, or if
                words with other tags of spans than IOB would be split.
        """
        # Of all examples at first: the search takes minutes or hours.
        if self.attack.splits_words:
            for kind, of_kind in _by_class(examples).items():
                kind.check_parting(of_kind, "examples")
        check_attack = getattr(self.loss, "check_attack", None)
        if check_attack is not None:
            check_attack(examples, self.attack)
        group, count = [], 0
        for example in examples:
            search = _Search(self, example)
            if group and count + search.most_versions > _MOST_VERSIONS:
                yield self._searched(group)
                group, count = [], 0
            group.append(search)
            count += search.most_versions
        yield self._searched(group)

    def _searched(self, group: "list[_Search]") -> list[WorstVersion]:
        # What is twice in a data set is searched once.
        searches = {search.example.content(): search for search in group}
        self._score(searches.values(), lambda search: [()], _Search.begin)
        if self.most_words is not None:
            self._score(searches.values(), _Search.first_edits, _Search.choose_words)
        for _ in range(self.edits):
            self._score(searches.values(), _Search.next_versions, _Search.keep_worst)
        return [
            searches[search.example.content()].result(search.example)
            for search in group
        ]

    def _score(self, searches, propose: Callable, take: Callable) -> None:
        """Scores what each search proposes, all together, and tells each the losses."""
        proposed = [(search, propose(search)) for search in searches]
        versions = [
            search.version(search.example, edits)
            for search, of_search in proposed
            for edits in of_search
        ]
        losses = np.asarray(self.loss(versions) if versions else [], np.float64)
        if losses.shape != (len(versions),):
            raise UserError(
                f"the losses of {len(versions)} examples have the shape "
                f"{losses.shape}: return a number for each"
            )
        if not np.isfinite(losses).all():
            raise UserError(
                f"the loss of an example is {losses[~np.isfinite(losses)][0]}: losses "
                "must be finite to be compared: check the model, or bound the loss"
            )
        begin = 0
        for search, of_search in proposed:
            end = begin + len(of_search)
            take(search, of_search, losses[begin:end])
            begin = end


class _Search:
    """The search for one example's worst version."""

    def __init__(self, adversary: Adversary, example):
        self.example = example
        self._adversary = adversary
        self._options = dict(
            enumerate(
                possible_edits(example, adversary.attack, adversary.attacked_text)
            )
        )

    @property
    def most_versions(self) -> int:
        """How many versions there are to score at once, at most."""
        beam_width = 1 if self._adversary.edits == 1 else self._adversary.beam_width
        return 1 + beam_width * sum(map(len, self._options.values()))

    def begin(self, proposed: list[_Edits], losses: np.ndarray) -> None:
        self._clean_loss = float(losses[0])
        self._worst = (), self._clean_loss
        self._beam: list[_Edits] = [()]

    def first_edits(self) -> list[_Edits]:
        return [((place, 0),) for place in self._options]

    def choose_words(self, proposed: list[_Edits], losses: np.ndarray) -> None:
        chosen = _worst_first(losses, self._adversary.most_words)
        places = sorted(proposed[index][0][0] for index in chosen)
        self._options = {place: self._options[place] for place in places}

    def next_versions(self) -> list[_Edits]:
        # By other ways to the same edits a version may come up twice.
        versions = {
            tuple(sorted((*edits, (place, option))))
            for edits in self._beam
            for place, options in self._options.items()
            if place not in dict(edits)
            for option in range(len(options))
        }
        return sorted(versions)

    def keep_worst(self, proposed: list[_Edits], losses: np.ndarray) -> None:
        worst = _worst_first(losses, self._adversary.beam_width)
        self._beam = [proposed[index] for index in worst]
        if worst and not _is_as_bad(self._worst[1], losses[worst[0]]):
            self._worst = proposed[worst[0]], float(losses[worst[0]])

    def version(self, example, edits: _Edits):
        return with_edits(example, self._chosen(edits))

    def result(self, example) -> WorstVersion:
        edits, loss = self._worst
        return WorstVersion(
            self.version(example, edits), self._chosen(edits), self._clean_loss, loss
        )

    def _chosen(self, edits: _Edits) -> tuple[ExampleEdit, ...]:
        return tuple(self._options[place][option] for place, option in edits)


def _by_class(examples: Sequence[Example]) -> dict[type[Example], list[Example]]:
    by_class: dict[type[Example], list[Example]] = {}
    for example in examples:
        by_class.setdefault(type(example), []).append(example)
    return by_class


def _worst_first(losses: np.ndarray, count: int) -> list[int]:
    """The indices of the highest losses; of those that are the same the first."""
    losses, worst = losses.copy(), []
    for _ in range(min(count, len(losses))):
        index = int(np.argmax(_is_as_bad(losses, losses.max())))
        worst.append(index)
        losses[index] = -np.inf
    return worst


def _is_as_bad(losses, highest: float):
    return losses >= highest - _TOLERANCE * max(1.0, abs(highest))
