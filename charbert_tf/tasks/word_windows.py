"""word_windows: a long sentence cut into windows that overlap."""

from collections.abc import Sequence


def word_windows(lengths: Sequence[int], room: int) -> list[range]:
    """Cuts a sentence into windows of whole words.

    Each window after the first begins with words that the one before it ends with, of
    up to half of its room: they are the context of the words that are new.

    Args:
        lengths: the subwords of each word.
        room: the most subwords of a window. A word that is longer has a window for
            itself.

    Returns:
        The words of each window; all words are in one at least.

    Example:
        >>> word_windows([2, 1, 2, 1, 1], room=4)
        [range(0, 2), range(1, 4), range(3, 5)]
    """
    windows = []
    start = end = 0
    while end < len(lengths) or not windows:
        new_end = _last_that_fits(lengths, start, room)
        windows.append(range(start, new_end))
        end = new_end
        if end < len(lengths):
            start = _first_of_context(lengths, end, room)
    return windows


def best_window(windows: Sequence[range], word: int) -> int:
    """Says which window sees most around a word.

    Args:
        windows: the windows of a sentence.
        word: the word's index in the sentence.

    Returns:
        The index of the window in which the nearer end of what the window sees of the
        sentence is farthest from the word; an end of the sentence itself is none.

    Example:
        >>> best_window([range(0, 6), range(3, 9)], 4)
        0
    """
    count = windows[-1].stop

    def context(index: int) -> int:
        window = windows[index]
        if word not in window:
            return -1
        before = word - window.start if window.start else count
        after = window.stop - 1 - word if window.stop < count else count
        return min(before, after)

    return max(range(len(windows)), key=context)


def _last_that_fits(lengths: Sequence[int], start: int, room: int) -> int:
    """The end of the longest window from a word on; it has one word at least."""
    end, total = start, 0
    while end < len(lengths) and (end == start or total + lengths[end] <= room):
        total += lengths[end]
        end += 1
    return end


def _first_of_context(lengths: Sequence[int], end: int, room: int) -> int:
    """Where a window begins whose first new word is `end`."""
    start, total = end, 0
    most = min(room // 2, room - lengths[end])
    while start > 0 and total + lengths[start - 1] <= most:
        start -= 1
        total += lengths[start]
    return start
