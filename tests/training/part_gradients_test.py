"""Steps that XLA compiles, against those that it does not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.trainer import Trainer

TEXTS = ["a fine film", "no, it was very dull in the end", "the end", "dull film"]


@pytest.fixture(scope="module")
def losses_and_weights(tokenizer, characters, words):
    """Trains for some steps, on batches whose characters have several widths."""

    def run(has_characters, jit_compile):
        keras.utils.set_random_seed(0)
        encoder = charbert_tf.BertEncoder(
            tokenizer.vocabulary_size(), 1, 2, 16, 32, dropout=0.0
        )
        preprocessor = charbert_tf.PretrainerPreprocessor(
            tokenizer,
            characters if has_characters else None,
            words if has_characters else None,
            noise_rate=0.4,
            mask_rate=0.3,
            sequence_length=32,
            static_shapes=True,
        )
        if has_characters:
            backbone = charbert_tf.CharBertBackbone(encoder, len(characters), 8)
            model = charbert_tf.Pretrainer(backbone, len(words), preprocessor)
        else:
            model = charbert_tf.Pretrainer(encoder, None, preprocessor)
        widths = iter([180, 192, 170] if has_characters else [None] * 3)
        batches = []
        for width in widths:
            features, labels, weights = preprocessor(TEXTS)
            if width is not None:
                features["char_ids"] = features["char_ids"][:, :width]
                for name in ("char_starts", "char_ends"):
                    features[name] = tf.minimum(features[name], width - 1)
            batches.append((features, labels, weights))
        shapes = tf.nest.map_structure(
            lambda tensor: tf.TensorSpec([4, None], tensor.dtype), batches[0]
        )
        dataset = tf.data.Dataset.from_generator(
            lambda: iter(batches), output_signature=shapes
        )
        report = Trainer(
            CrossEntropy(model),
            GroupedAdamW(1e-2),
            clip_norm=0.5,
            jit_compile=jit_compile,
        ).train(dataset, 3)
        return report, model.get_weights()

    return run


@pytest.mark.parametrize("has_characters", [True, False])
@pytest.mark.sampled(2)
def test_the_same_steps(losses_and_weights, has_characters):
    expected_report, expected = losses_and_weights(has_characters, jit_compile=False)
    report, weights = losses_and_weights(has_characters, jit_compile=True)
    # Speed is not what is compared.
    del expected_report["tokens_per_second"]
    for name, value in expected_report.items():
        assert report[name] == pytest.approx(value, abs=1e-4), name
    for actual, other in zip(weights, expected, strict=True):
        np.testing.assert_allclose(actual, other, atol=2e-4)
