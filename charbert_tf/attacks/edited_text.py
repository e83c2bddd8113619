"""EditedText: running text before and after an attack."""

import dataclasses
import functools

from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.running_text import word_spans


@dataclasses.dataclass(frozen=True)
class EditedText:
    """Running text, what an attack changed in it, and where the rest has moved to.

    Args:
        original: the text before the attack.
        edits: what was changed, in order.
        spans: for each edit the characters that it replaced, `(start, end)`.

    Example:
        >>> rome = Edit(1, ("Rome",), ("Rme",), "drop")
        >>> edited = EditedText("In Rome, now", (rome,), ((3, 7),))
        >>> edited.text, edited.moved(9, 12)
        ('In Rme, now', (8, 11))
    """

    original: str
    edits: tuple[Edit, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    @functools.cached_property
    def text(self) -> str:
        """The text after the attack."""
        parts, done = [], 0
        for start, end, new in self.replacements():
            parts += [self.original[done:start], new]
            done = end
        return "".join([*parts, self.original[done:]])

    def replacements(self) -> list[tuple[int, int, str]]:
        """Gives the start and end of each edit in the original, and the new text.

        Returns:
            A triple for each edit, in the order of the text; start and end in
            characters.
        """
        return [
            (start, end, " ".join(edit.new))
            for edit, (start, end) in zip(self.edits, self.spans, strict=True)
        ]

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Tells where characters of the original stand in the attacked text.

        Args:
            start: where the first of them stands in the original.
            end: where the last one ends.

        Returns:
            Their start and end in `text`. Where they begin or end amid an edit, all of
            what it put there is taken in.
        """
        return self._moved(start, takes_in=False), self._moved(end, takes_in=True)

    def _moved(self, offset: int, takes_in: bool) -> int:
        shift = 0
        for start, end, new in self.replacements():
            if start >= offset:
                break
            if end > offset:
                return start + shift + (len(new) if takes_in else 0)
            shift += len(new) - (end - start)
        return offset + shift

    @property
    def num_words(self) -> int:
        """How many words there were before."""
        return len(word_spans(self.original))

    def records(self) -> list[dict[str, str | int]]:
        """Returns a record of each edit; `start` is its first character before."""
        return [
            {"start": start} | edit.record()
            for edit, (start, _) in zip(self.edits, self.spans, strict=True)
        ]
