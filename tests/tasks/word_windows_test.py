"""Windows over words: nothing lost, context on both sides."""

import itertools
import random

from charbert_tf.tasks.word_windows import best_window, word_windows


def test_windows_of_any_sentence():
    choose = random.Random(0)
    for _ in range(500):
        room = choose.randint(1, 30)
        lengths = choose.choices(
            range(1, choose.randint(2, 40)), k=choose.randint(1, 80)
        )
        windows = word_windows(lengths, room)
        assert {w for window in windows for w in window} == set(range(len(lengths)))
        for window in windows:
            subwords = sum(lengths[word] for word in window)
            assert subwords <= room or len(window) == 1
        for before, after in itertools.pairwise(windows):
            assert before.start < after.start <= before.stop < after.stop
            shared = sum(lengths[word] for word in range(after.start, before.stop))
            assert shared <= room // 2
        if sum(lengths) <= room:
            assert windows == [range(len(lengths))]
        for word in range(len(lengths)):
            assert word in windows[best_window(windows, word)]


def test_a_word_has_context_on_both_sides():
    windows = word_windows([1] * 1000, room=100)
    for word in range(1000):
        window = windows[best_window(windows, word)]
        assert word - window.start >= min(word, 25)
        assert window.stop - 1 - word >= min(999 - word, 24)
