"""edited_words: which words of an attacked text are not those of the clean one."""

import difflib
from collections.abc import Sequence


def edited_words(
    clean: Sequence[str], attacked: Sequence[str]
) -> list[tuple[str, str | None]]:
    """Finds the words that an attack edited, split or joined.

    Args:
        clean: the words of the clean text.
        attacked: those of the attacked text, perhaps more or fewer.

    Returns:
        For each attacked word the word, and the clean words in its place, or None if it
        was not edited. Words of which one was made have them all.

    Example:
        >>> edited_words(["in", "New", "York"], ["in", "Nwe", "York"])
        [('in', None), ('Nwe', 'New'), ('York', None)]
        >>> edited_words(["in", "New", "York"], ["in", "NewYork"])
        [('in', None), ('NewYork', 'New York')]
    """
    if len(clean) == len(attacked):
        return [
            (word, None if word == original else original)
            for original, word in zip(clean, attacked, strict=True)
        ]
    words: list[tuple[str, str | None]] = []
    matcher = difflib.SequenceMatcher(None, clean, attacked, autojunk=False)
    for kind, start, stop, attacked_start, attacked_stop in matcher.get_opcodes():
        original = None if kind == "equal" else " ".join(clean[start:stop])
        words += [(word, original) for word in attacked[attacked_start:attacked_stop]]
    return words
