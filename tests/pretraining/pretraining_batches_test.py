"""Batches made several at a time are those made one by one."""

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.pretraining import pretraining_datasets as module
from charbert_tf.pretraining.pretraining_datasets import pretraining_batches

BATCH_SIZE = 3


@pytest.fixture(params=["characters", "a plain encoder", "static shapes"])
def preprocessor(request, tokenizer, characters, words):
    if request.param == "a plain encoder":
        characters = words = None
    return charbert_tf.PretrainerPreprocessor(
        tokenizer,
        characters,
        words,
        noise_rate=0.5,
        mask_rate=0.2,
        sequence_length=24,
        static_shapes=request.param == "static shapes",
    )


@pytest.mark.sampled(3)
def test_they_are_those_made_one_by_one(preprocessor, monkeypatch):
    texts = [" ".join(["noted", "tea", "o"][: 1 + n % 3] * (n % 5)) for n in range(24)]
    examples = tf.data.Dataset.from_tensor_slices(texts).enumerate()

    def make(numbers, texts):
        subwords = preprocessor.noise_subwords(texts, numbers, (1, 2))
        return preprocessor.make_examples(subwords, numbers, (1, 2))

    monkeypatch.setattr(module, "_EXAMPLES_AT_ONCE", 4 * BATCH_SIZE)
    batches = list(pretraining_batches(examples, make, preprocessor, BATCH_SIZE))
    one_by_one = list(examples.ragged_batch(BATCH_SIZE).map(make))
    widths = {batch[0]["token_ids"].shape[1] for batch in one_by_one}
    assert (len(widths) == 1) == preprocessor.static_shapes
    assert len(batches) == len(one_by_one) == 8
    for batch, expected in zip(batches, one_by_one, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, batch, expected)
