import numpy as np
import tensorflow as tf

from charbert_tf.text.random_stream import uniform


def _rows(lengths):
    return tf.RaggedTensor.from_row_lengths(tf.zeros([sum(lengths)]), lengths)


def _split_mix_64(state, count):
    """The published generator: its outputs from a state on."""
    outputs, mask = [], 2**64 - 1
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        value = state
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
        outputs.append(value ^ (value >> 31))
    return outputs


def test_numbers_are_those_of_the_published_generator():
    # The generator's first published outputs for this state.
    assert _split_mix_64(1234567, 2) == [6457827717110365317, 3203168211198807973]
    (key,) = _split_mix_64(_split_mix_64(3, 1)[0] ^ 4, 1)
    (key,) = _split_mix_64(key ^ 7, 1)
    expected = [(value >> 40) / 2**24 for value in _split_mix_64(key, 6)]
    numbers = uniform(_rows([3]), tf.constant([7]), seed=(3, 4), draws=2)
    np.testing.assert_array_equal(numbers, np.reshape(expected, (3, 2)))


def test_a_row_depends_on_seed_and_example_alone():
    lengths, ids = [5, 0, 12, 7], [9, 4, 2**40, -1]
    numbers = uniform(_rows(lengths), tf.constant(ids, tf.int64), (1, 2), draws=3)
    begin = 0
    for length, id in zip(lengths, ids, strict=True):
        alone = uniform(_rows([length + 3]), tf.constant([id], tf.int64), (1, 2), 3)
        of_row = numbers[begin : begin + length]
        np.testing.assert_array_equal(of_row, alone[:length])
        begin += length
    for seed in ((2, 1), (1, 3), (0, 2), (-1, 2)):
        others = uniform(_rows(lengths), tf.constant(ids, tf.int64), seed, 3)
        assert not np.isin(others, numbers).any()


def test_numbers_are_uniform_and_independent():
    numbers = uniform(_rows([50] * 2000), tf.range(2000), seed=(0, 0), draws=2).numpy()
    count = numbers.size
    assert (numbers >= 0).all() and (numbers < 1).all()
    shares = np.histogram(numbers, 20, (0, 1))[0] / count
    # Four standard deviations of a share.
    np.testing.assert_allclose(shares, 0.05, atol=4 * np.sqrt(0.05 * 0.95 / count))
    neighbours = [numbers.T, (numbers[1:, 0], numbers[:-1, 0])]
    neighbours += [(numbers[50:, 0], numbers[:-50, 0])]
    for pair in neighbours:
        assert abs(np.corrcoef(*pair)[0, 1]) < 4 / np.sqrt(count / 2)
