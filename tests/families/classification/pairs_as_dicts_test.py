"""Pairs of texts as a dict, by the names that the library has for them."""

import numpy as np
import pytest
import tensorflow as tf

from tests.families import keras_heads
from tests.families.keras_heads import TEXTS

LABELS = keras_heads.TARGETS["TextClassifier"]


def test_pairs_as_dicts(heads):
    model = heads("TextClassifier on CharBERT")
    others = TEXTS[::-1]
    expected = model.predict((TEXTS, others), verbose=0)
    answers = model.classify(list(zip(TEXTS, others, strict=True)))
    loss = model.evaluate((TEXTS, others), LABELS, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices(
        ({"sentence2": others, "sentence1": TEXTS}, LABELS)
    )
    assert model.evaluate(dataset.batch(4), verbose=0) == loss
    for first, second in (("text", "text_pair"), ("sentence1", "sentence2")):
        # The order is that of the names.
        pairs = {second: others, first: TEXTS}
        np.testing.assert_array_equal(model.predict(pairs, verbose=0), expected)
        assert model.evaluate(pairs, LABELS, verbose=0) == loss
        assert model.classify(pairs) == answers
        rows = [{second: b, first: a} for a, b in zip(TEXTS, others, strict=True)]
        assert model.classify(rows) == answers
        one = model.classify(rows[0])
        assert one.label == answers[0].label
        assert one.probability == pytest.approx(answers[0].probability, abs=1e-5)
    single = model.predict({"text": TEXTS}, verbose=0)
    np.testing.assert_array_equal(single, model.predict(TEXTS, verbose=0))
    message = (
        "called 'premise', 'text': name them text; or text, text_pair; or sentence1"
    )
    with pytest.raises(ValueError, match=message):
        model.predict({"premise": TEXTS, "text": TEXTS})
    with pytest.raises(ValueError, match=message):
        model.classify({"premise": TEXTS, "text": TEXTS})
    for call in (model.predict, model.preprocessor):
        with pytest.raises(
            ValueError, match=r"A tuple of 3 is no pair of texts: pairs"
        ):
            call((TEXTS, TEXTS, TEXTS))
