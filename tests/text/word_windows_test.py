"""Windows over words: nothing lost, context on both sides."""

import itertools
import random

import tensorflow as tf

from charbert_tf.text.word_windows import (
    best_places,
    word_windows,
    words_of_windows,
)

find_windows = tf.function(word_windows, reduce_retracing=True)
find_places = tf.function(best_places, reduce_retracing=True)


def plain_windows(lengths, room):
    """The same windows, word by word."""
    windows, end = [], 0
    while end < len(lengths) or not windows:
        start, shared = end, 0
        if windows:
            most = min(room // 2, room - lengths[end])
            while start > 0 and shared + lengths[start - 1] <= most:
                start -= 1
                shared += lengths[start]
        end, total = start, 0
        while end < len(lengths) and (end == start or total + lengths[end] <= room):
            total += lengths[end]
            end += 1
        windows.append(range(start, end))
    return windows


def plain_best_window(windows, word):
    """The window that sees most around a word, by its definition."""
    count = windows[-1].stop

    def context(window):
        if word not in window:
            return -1
        before = word - window.start if window.start else count
        after = window.stop - 1 - word if window.stop < count else count
        return min(before, after)

    return max(windows, key=context)


def random_sentences(choose, room):
    longest = choose.randint(2, room + 10)
    return [
        choose.choices(range(1, longest), k=choose.randint(0, 80))
        for _ in range(choose.randint(1, 8))
    ]


def test_windows_of_any_sentences():
    choose = random.Random(0)
    for _ in range(60):
        room = choose.randint(1, 30)
        sentences = random_sentences(choose, room)
        lengths = tf.ragged.constant(sentences, tf.int32, ragged_rank=1)
        windows = find_windows(lengths, tf.constant(room))
        expected = [plain_windows(sentence, room) for sentence in sentences]
        assert windows.to_list() == [list(map(list, some)) for some in expected]
        flat = tf.gather(lengths.values, words_of_windows(windows, lengths)).numpy()
        assert flat.tolist() == [
            sentence[word]
            for sentence, some in zip(sentences, expected, strict=True)
            for window in some
            for word in window
        ]
        places = iter(find_places(windows, lengths).numpy())
        start = 0
        for sentence, some in zip(sentences, expected, strict=True):
            starts = list(itertools.accumulate(map(len, some), initial=start))
            for word in range(len(sentence)):
                best = plain_best_window(some, word)
                at = starts[some.index(best)] + word - best.start
                assert next(places) == at
            start = starts[-1]


def test_windows_overlap_and_fit():
    choose = random.Random(1)
    for _ in range(100):
        room = choose.randint(1, 30)
        (lengths, *_) = random_sentences(choose, room)
        ragged = tf.ragged.constant([lengths], tf.int32, 1)
        (windows,) = find_windows(ragged, tf.constant(room)).to_list()
        assert {w for window in windows for w in window} == set(range(len(lengths)))
        for window in windows:
            subwords = sum(lengths[word] for word in window)
            assert subwords <= room or len(window) == 1
        for before, after in itertools.pairwise(windows):
            assert before[0] < after[0] <= before[-1] + 1 <= after[-1]
            shared = sum(lengths[word] for word in before if word >= after[0])
            assert shared <= room // 2


def test_a_word_has_context_on_both_sides():
    lengths = tf.RaggedTensor.from_tensor(tf.ones([1, 1000], tf.int32))
    windows = word_windows(lengths, room=100)
    starts = tf.concat([[0], tf.cumsum(windows.values.row_lengths())], 0).numpy()
    (listed,) = windows.to_list()
    for word, place in enumerate(best_places(windows, lengths).numpy()):
        window = listed[starts.searchsorted(place, side="right") - 1]
        assert word - window[0] >= min(word, 25)
        assert window[-1] - word >= min(999 - word, 24)
