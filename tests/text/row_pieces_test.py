"""Pieces of rows: what slices of lists are."""

import random

import tensorflow as tf

from charbert_tf.text.rows import row_pieces


def test_pieces_are_slices():
    choose = random.Random(0)
    cut = tf.function(row_pieces, reduce_retracing=True)
    for _ in range(30):
        rows = [list(range(choose.randint(0, 9))) for _ in range(choose.randint(1, 5))]
        values = tf.ragged.constant(rows, tf.int32, 1)
        pieces = [
            (choose.randrange(len(rows)), choose.randint(0, 10), choose.randint(-1, 10))
            for _ in range(choose.randint(0, 8))
        ]
        of = [tf.constant([piece[at] for piece in pieces], tf.int32) for at in range(3)]
        once, text = cut([values, tf.strings.as_string(values)], *of)
        expected = [
            rows[row][start : start + max(length, 0)] for row, start, length in pieces
        ]
        assert once.to_list() == expected
        assert text.to_list() == [[b"%d" % v for v in piece] for piece in expected]
