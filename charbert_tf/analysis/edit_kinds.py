"""Which edits made an attacked text of a clean one, word by word."""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterable, Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import edited_words
from charbert_tf.attacks.keyboard import QWERTY_NEIGHBOURS
from charbert_tf.families.example import Example
from charbert_tf.files.errors import UserError

KINDS = ("drop", "add", "swap", "keyboard", "replace", "several")
"""`"replace"` is by a character that is no neighbour, `"several"` is no single edit."""


@dataclasses.dataclass(frozen=True)
class EditKinds:
    """How many words were edited, and how.

    Args:
        words: how many there are.
        kinds: of the edited ones how many by each kind.
        words_by_length: how many words of each length there are.
        edited_by_length: how many of them were edited.
        left_out: how many texts were not counted, for their words became more or fewer.
    """

    words: int
    kinds: Counter[str]
    words_by_length: Counter[int]
    edited_by_length: Counter[int]
    left_out: int = 0

    @property
    def shares(self) -> dict[str, float]:
        """What share of the edits is of each kind; they sum to 1, if there are any."""
        total = max(self.kinds.total(), 1)
        return {kind: self.kinds[kind] / total for kind in KINDS}


def edit_kind(old: str, new: str) -> str | None:
    """Tells which edit made one word of another.

    Args:
        old: the word.
        new: what it became.

    Returns:
        One of `KINDS`, or None if it is the same word. A key that was hit may have
        made a small letter of a capital.

    Example:
        >>> edit_kind("Korea", "Klrea"), edit_kind("AL-AIN", "Ap-AIN")
        ('keyboard', 'keyboard')
    """
    if old == new:
        return None
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    if len(new) == len(old) - 1:
        return "drop" if old[start + 1 :] == new[start:] else "several"
    if len(new) == len(old) + 1:
        return "add" if old[start:] == new[start + 1 :] else "several"
    if len(new) != len(old):
        return "several"
    if old[start + 1 :] == new[start + 1 :]:
        is_neighbour = new[start] in QWERTY_NEIGHBOURS.get(old[start].lower(), "")
        return "keyboard" if is_neighbour else "replace"
    swapped = old[start : start + 2][::-1] + old[start + 2 :]
    return "swap" if swapped == new[start:] else "several"


def count_edit_kinds(pairs: Iterable[tuple[str, str]]) -> EditKinds:
    """Counts the edits between the words of a clean text and of an attacked one.

    Args:
        pairs: each word as it was and as it is.

    Returns:
        The counts.

    Example:
        >>> counts = count_edit_kinds([("Japan", "Jpaan"), ("win", "win")])
        >>> counts.words, counts.shares["swap"]
        (2, 1.0)
    """
    words, kinds, edited = Counter(), Counter(), Counter()
    for old, new in pairs:
        words[len(old)] += 1
        kind = edit_kind(old, new)
        if kind is not None:
            kinds[kind] += 1
            edited[len(old)] += 1
    return EditKinds(words.total(), kinds, words, edited)


def edited_word_by_word(
    words: Sequence[str], attack: Attack, seed: int, example: int
) -> list[str]:
    """Attacks a sentence that is split into words, and keeps their number.

    Args:
        words: The words.
        attack: What to do to them.
        seed: The seed of the whole attack.
        example: The index of the sentence in its data set, from 0.

    Returns:
        As many words, in the same order.

    Raises:
        UserError: If the attack splits or joins some of them.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> edited_word_by_word(["in", "Rome"], Drop(), seed=0, example=0)
        ['in', 'Rme']
    """
    edits = attack.edits(words, seed, example)
    for edit in edits:
        if len(edit.old) != len(edit.new):
            raise UserError(
                f"attack {edit.kind}: it splits or joins words, and the analysis "
                "compares each with itself: choose another attack"
            )
    return edited_words(words, edits)


def analyze_edit_kinds(
    clean: Sequence[Example],
    attacked: Sequence[Example],
    path: str | os.PathLike[str] = "attacked",
) -> EditKinds:
    """Counts the edits in the texts of examples, such as of two files.

    Args:
        clean: The examples.
        attacked: The same under attack, in the same order.
        path: What an error calls the attacked ones.

    Returns:
        The counts over the words of all texts; running text is parted at white space.

    Raises:
        UserError: If there are not as many examples.

    Example:

    ```python
    task = TaggingTask(joins_words=True)
    clean, attacked = task.read("test.txt"), task.read("attacked.txt")
    analyze_edit_kinds(clean, attacked).shares
    ```
    """
    if len(clean) != len(attacked):
        raise UserError(
            f"has {len(attacked)} example(s), and the clean file {len(clean)}: name "
            "files of the same examples",
            path,
        )
    texts = [
        (text.words, new.texts()[name].words)
        for old, new in zip(clean, attacked, strict=True)
        for name, text in old.texts().items()
    ]
    comparable = [of for of in texts if len(of[0]) == len(of[1])]
    counts = count_edit_kinds(
        pair for words, edited in comparable for pair in zip(words, edited, strict=True)
    )
    return dataclasses.replace(counts, left_out=len(texts) - len(comparable))
