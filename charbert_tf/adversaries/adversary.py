"""Adversary: the search for the edits that do a model most harm."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from charbert_tf.adversaries.editable_words import (
    EditableWord,
    editable_words,
    with_edits,
)
from charbert_tf.attacks.attack import Attack
from charbert_tf.errors import UserError

# How many versions are scored together: enough that batches of equal length are full.
_MOST_VERSIONS = 20_000
# Losses that differ by less, absolutely or relatively, are the same: what an example is
# batched with changes its loss by as much.
_TOLERANCE = 1e-5

# Some words of an example, by their place in its list, and what replaces them.
_Edits = tuple[tuple[int, str], ...]


@dataclasses.dataclass(frozen=True)
class WorstVersion:
    """What an adversary made of an example.

    Args:
        example: the example with the edits, its label unchanged.
        edits: the words that were replaced, and what by; none if no edit that was
            tried raises the loss.
        clean_loss: the loss before.
        loss: the loss after.
    """

    example: Any
    edits: tuple[tuple[EditableWord, str], ...]
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
    less than 1e-5 the one counts whose edits come first, by the place of the word in
    the example, then in the order of `Attack.possible_edits`.

    Args:
        loss: Called with a list of examples; returns their losses, `(N,)`. A
            `ModelLoss`, a `ProbabilityLoss` or a function of yours.
        attack: Which words may be edited and what the edits are; its rate counts for
            nothing.
        edits: int. The most edits of an example.
        beam_width: int. How many versions are edited further.
        most_words: int. The most words of an example whose edits are tried, those that
            matter most: whose first edit raises the loss most. By default all.
        attacked_text: What is edited of a question: `"question"`, `"context"` or
            `"both"`.

    Raises:
        UserError: If a number is less than 1.

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
    attacked_text: str = "question"

    def __post_init__(self) -> None:
        for name in ("edits", "beam_width", "most_words"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UserError(f"{name} {value}: give a number from 1 on")

    def worst_versions(self, examples: Sequence) -> Iterator[WorstVersion]:
        """Searches for the worst version of each example.

        Args:
            examples: `LabelledText`s, `TaggedSentence`s or `Question`s.

        Yields:
            One for each example, in order. They come in groups that are searched
            together.
        """
        group, count = [], 0
        for example in examples:
            search = _Search(self, example)
            if group and count + search.most_versions > _MOST_VERSIONS:
                yield from self._searched(group)
                group, count = [], 0
            group.append(search)
            count += search.most_versions
        yield from self._searched(group)

    def _searched(self, group: "list[_Search]") -> list[WorstVersion]:
        # What is twice in a data set is searched once.
        searches = {_content(search.example): search for search in group}
        self._score(searches.values(), lambda search: [()], _Search.begin)
        if self.most_words is not None:
            self._score(searches.values(), _Search.first_edits, _Search.choose_words)
        for _ in range(self.edits):
            self._score(searches.values(), _Search.next_versions, _Search.keep_worst)
        return [
            searches[_content(search.example)].result(search.example)
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
            raise ValueError(
                f"{len(versions)} examples have losses of shape {losses.shape}."
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
        self._words = editable_words(example, adversary.attacked_text)
        self._options = {
            place: adversary.attack.possible_edits(word.word)
            for place, word in enumerate(self._words)
            if adversary.attack.is_eligible(word.word)
        }

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
        return [((place, new[0]),) for place, new in self._options.items() if new]

    def choose_words(self, proposed: list[_Edits], losses: np.ndarray) -> None:
        chosen = _worst_first(losses, self._adversary.most_words)
        places = sorted(proposed[index][0][0] for index in chosen)
        self._options = {place: self._options[place] for place in places}

    def next_versions(self) -> list[_Edits]:
        # By other ways to the same edits a version may come up twice.
        return list(
            dict.fromkeys(
                tuple(sorted((*edits, (place, new))))
                for edits in self._beam
                for place, options in self._options.items()
                if place not in dict(edits)
                for new in options
            )
        )

    def keep_worst(self, proposed: list[_Edits], losses: np.ndarray) -> None:
        worst = _worst_first(losses, self._adversary.beam_width)
        self._beam = [proposed[index] for index in worst]
        if worst and not _is_as_bad(self._worst[1], losses[worst[0]]):
            self._worst = proposed[worst[0]], float(losses[worst[0]])

    def version(self, example, edits: _Edits):
        return with_edits(example, {self._words[place]: new for place, new in edits})

    def result(self, example) -> WorstVersion:
        edits, loss = self._worst
        return WorstVersion(
            self.version(example, edits),
            tuple((self._words[place], new) for place, new in edits),
            self._clean_loss,
            loss,
        )


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


def _content(example):
    """An example without what tells two of the same content apart."""
    names = {field.name for field in dataclasses.fields(example)} & {"line", "id"}
    return dataclasses.replace(example, **dict.fromkeys(names))
