"""aligned_words: which words of an attacked text stand for which of the clean one."""

from collections.abc import Iterator, Sequence

# What a word costs that was split, joined or edited, and one that has no other.
_SPLIT_OR_JOINED, _EDITED, _ALONE = 1.0, 1.5, 10.0


def aligned_words(
    clean: Sequence[str], attacked: Sequence[str]
) -> list[tuple[str, str | None]]:
    """Finds the words that an attack edited, split or joined.

    The alignment is the one of the least edits: a dynamic program over both texts, as
    of an edit distance.

    Args:
        clean: the words of the clean text.
        attacked: those of the attacked text, perhaps more or fewer.

    Returns:
        For each attacked word the word, and the clean words that it was made of, or
        None if it was not edited.

    Example:
        >>> aligned_words(["in", "New", "York"], ["in", "Nwe", "York"])
        [('in', None), ('Nwe', 'New'), ('York', None)]
        >>> aligned_words(["in", "New", "York"], ["in", "NewYork"])
        [('in', None), ('NewYork', 'New York')]
    """
    least = _least_costs(clean, attacked)
    words: list[tuple[str, str | None]] = []
    place = 0, 0
    while place != (len(clean), len(attacked)):
        _, step = min(
            (cost + least[after], after)
            for after, cost in _steps(clean, attacked, place)
        )
        original = " ".join(clean[place[0] : step[0]])
        for word in attacked[place[1] : step[1]]:
            words.append((word, None if word == original else original))
        place = step
    return words


def _least_costs(
    clean: Sequence[str], attacked: Sequence[str]
) -> dict[tuple[int, int], float]:
    """What the words from two places on cost to align, by the places."""
    least = {(len(clean), len(attacked)): 0.0}
    for first in range(len(clean), -1, -1):
        for second in range(len(attacked), -1, -1):
            costs = [
                cost + least[after]
                for after, cost in _steps(clean, attacked, (first, second))
            ]
            if costs:
                least[first, second] = min(costs)
    return least


def _steps(
    clean: Sequence[str], attacked: Sequence[str], place: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], float]]:
    """The places after the next aligned words, and what these words cost."""
    first, second = place
    here, there = clean[first : first + 2], attacked[second : second + 2]
    if here and there:
        cost = 0.0 if here[0] == there[0] else _EDITED
        yield (first + 1, second + 1), cost
    if here and len(there) == 2 and here[0] == "".join(there):
        yield (first + 1, second + 2), _SPLIT_OR_JOINED
    if len(here) == 2 and there and "".join(here) == there[0]:
        yield (first + 2, second + 1), _SPLIT_OR_JOINED
    if here:
        yield (first + 1, second), _ALONE
    if there:
        yield (first, second + 1), _ALONE
