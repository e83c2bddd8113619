"""Windows of words: a long sentence cut into parts that overlap, in the graph."""

import tensorflow as tf

from charbert_tf.text.rows import row_positions


def word_windows(lengths: tf.RaggedTensor, room: int) -> tf.RaggedTensor:
    """Cuts sentences into windows of whole words.

    Each window after the first begins with words that the one before it ends with, of
    up to half of its room: they are the context of the words that are new.

    Args:
        lengths: int32 ragged tensor `(B, words)`: the subwords of each word, at least
            one.
        room: the most subwords of a window. A word that is longer has a window for
            itself.

    Returns:
        int32 ragged tensor `(B, windows, words)`: the words of each window, counted
        from 0 in the sentence. A sentence of no words has one empty window.

    Example:

    ```python
    word_windows(tf.ragged.constant([[2, 1, 2, 1, 1]]), room=4)
    # [[[0, 1], [1, 2, 3], [3, 4]]]
    ```
    """
    count = tf.cast(lengths.row_lengths(), tf.int32)
    before = tf.pad(tf.cumsum(lengths.to_tensor(), axis=1), [[0, 0], [1, 0]])
    start = tf.zeros_like(count)
    first = start, _last_that_fits(before, count, start, room)
    columns = tf.TensorArray(tf.int32, 1, dynamic_size=True, element_shape=[2, None])

    def next_window(index, start, end, columns):
        start = tf.where(end < count, _first_of_context(before, end, room), count)
        end = _last_that_fits(before, count, start, room)
        return index + 1, start, end, columns.write(index, [start, end])

    *_, columns = tf.while_loop(
        lambda index, start, end, columns: tf.reduce_any(end < count),
        next_window,
        (1, *first, columns.write(0, first)),
    )
    start, end = tf.unstack(tf.transpose(columns.stack(), [1, 2, 0]))
    # A sentence that is at its end is given empty windows until all are.
    is_first = tf.range(tf.shape(start)[1]) == 0
    start, end = (
        tf.ragged.boolean_mask(values, is_first | (start < count[:, None]))
        for values in (start, end)
    )
    return start.with_values(tf.ragged.range(start.values, end.values))


def words_of_windows(windows: tf.RaggedTensor, words: tf.RaggedTensor) -> tf.Tensor:
    """Finds the words of windows in the flat values of their sentences.

    Args:
        windows: int32 ragged tensor `(B, windows, words)`, see `word_windows`.
        words: ragged tensor `(B, words)`, of which only the shape matters.

    Returns:
        int32 tensor `(words of all windows,)`: the index of each in `words.values`.

    Example:

    ```python
    parts = tf.gather(words.values, words_of_windows(windows, words))
    ```
    """
    sentence, _ = row_positions(windows.merge_dims(1, 2))
    return windows.flat_values + tf.gather(_row_starts(words), sentence)


def best_places(windows: tf.RaggedTensor, words: tf.RaggedTensor) -> tf.Tensor:
    """Says where in the windows each word is seen best.

    That is the window in which the nearer end of what it sees of the sentence is
    farthest from the word; an end of the sentence itself is none.

    Args:
        windows: int32 ragged tensor `(B, windows, words)`, see `word_windows`.
        words: ragged tensor `(B, words)`, of which only the shape matters.

    Returns:
        int32 tensor `(words of all sentences,)`: for each of `words.values` the index
        in `windows.flat_values`, the first if several are as good.

    Example:

    ```python
    tags = tf.gather(tags_of_windows, best_places(windows, words))
    ```
    """
    sentence, _ = row_positions(windows.merge_dims(1, 2))
    window, place = row_positions(windows.values)
    last_word = tf.gather(tf.cast(words.row_lengths(), tf.int32), sentence) - 1
    last_place = tf.gather(tf.cast(windows.values.row_lengths(), tf.int32), window) - 1
    word = windows.flat_values
    is_at_start, is_at_end = word == place, last_word - word == last_place - place
    no_end = tf.constant(tf.int32.max)
    context = tf.minimum(
        tf.where(is_at_start, no_end, place),
        tf.where(is_at_end, no_end, last_place - place),
    )
    of_word = word + tf.gather(_row_starts(words), sentence)
    count = tf.size(words.values)
    most = tf.math.unsorted_segment_max(context, of_word, count)
    is_best = context == tf.gather(most, of_word)
    return tf.math.unsorted_segment_min(
        tf.where(is_best, tf.range(tf.size(word)), tf.size(word)), of_word, count
    )


def _last_that_fits(before, count, start, room):
    """The end of the longest window from a word on; it has one word if there is one."""
    most = _at(before, start) + room
    end = tf.searchsorted(before, most[:, None], side="right")[:, 0] - 1
    return tf.minimum(tf.maximum(end, start + 1), count)


def _first_of_context(before, end, room):
    """Where a window begins whose first new word is `end`."""
    is_at_end = end == tf.shape(before)[1] - 1
    length = _at(before, tf.where(is_at_end, end, end + 1)) - _at(before, end)
    least = _at(before, end) - tf.minimum(room // 2, room - length)
    return tf.minimum(tf.searchsorted(before, least[:, None])[:, 0], end)


def _at(values, index):
    return tf.gather(values, index, batch_dims=1)


def _row_starts(words):
    return tf.cast(words.row_starts(), tf.int32)
