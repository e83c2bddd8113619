"""The training loop: it computes what fit does, on two devices and after a restart."""

import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.training.cross_entropy import CrossEntropy
from charbert_tf.training.grouped_adamw import GroupedAdamW
from charbert_tf.training.trainer import Trainer
from charbert_tf.training.warmup_linear_decay import WarmupLinearDecay

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = [
    "The fine film.",
    "dull",
    "It was not a dull film, and it was not too long",
    "a very fine one in the end",
]
STEPS = 6


def make_tagger(make_encoder, tokenizer, seed):
    keras.utils.set_random_seed(seed)
    preprocessor = charbert_tf.TokenClassifierPreprocessor(tokenizer)
    return charbert_tf.TokenClassifier(make_encoder(), 3, preprocessor)


def tagged_batches(tagger):
    """As many batches as steps, each of two sentences."""
    words = [text.split() for text in TEXTS * STEPS][: 2 * STEPS]
    tags = [[(len(word) + row) % 3 for word in of] for row, of in enumerate(words)]
    dataset = tf.data.Dataset.from_tensor_slices(
        (tf.ragged.constant(words), tf.ragged.constant(tags))
    )
    return dataset.ragged_batch(2).map(tagger.preprocessor)


def weights_of(model):
    return [variable.numpy() for variable in model.trainable_variables]


def assert_same(actual, expected, tolerance):
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def test_fit_computes_the_same(make_encoder, tokenizer, characters, words):
    """Loss, accuracies and the weights after a step, of both language models."""
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, characters, words, noise_rate=0.5, mask_rate=0.3
    )
    backbone = charbert_tf.CharBertBackbone(
        make_encoder(dropout=0.0), len(characters), 8
    )
    pretrainer = charbert_tf.Pretrainer(backbone, len(words))
    start = pretrainer.get_weights()
    dataset = tf.data.Dataset.from_tensors(preprocessor(TEXTS))

    optimizer = keras.optimizers.SGD(0.1)
    trainer = Trainer(CrossEntropy(pretrainer), optimizer, clip_norm=1e6)
    report = trainer.train(dataset, total_steps=1)
    after_trainer = weights_of(pretrainer)

    pretrainer.set_weights(start)
    pretrainer.compile(optimizer=keras.optimizers.SGD(0.1))
    history = pretrainer.fit(dataset, verbose=0).history
    assert report["loss"] == pytest.approx(history["loss"][0], abs=1e-5)
    for name in ("mlm", "nlm"):
        accuracy = history[f"{name}_logits_accuracy"][0]
        assert report[f"{name}_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert_same(after_trainer, weights_of(pretrainer), 1e-6)
    assert any(np.any(a != b) for a, b in zip(after_trainer, start, strict=False))


ON_TWO_DEVICES = """
import json

import official
import keras
import keras_nlp
import numpy as np
import tensorflow as tf

import charbert_tf
from charbert_tf.training.grouped_adamw import GroupedAdamW
from charbert_tf.training.cross_entropy import CrossEntropy
from charbert_tf.training.progress import Progress
from charbert_tf.training.trainer import Trainer

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
letters = "abcdefghijklmnopqrstuvwxyz"
tokenizer = keras_nlp.models.BertTokenizer(
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    + ["##" + letter for letter in letters]
)
preprocessor = charbert_tf.PretrainerPreprocessor(
    tokenizer, [" ", *letters, "<unk>"], ["dull", "film", "<unk>"], 0.5, 0.3
)
# The first half of a batch, a replica's, has far fewer labels than the second.
texts = ["a fine one", "no", "it was a very long and rather dull film", "dull film"]
dataset = tf.data.Dataset.from_tensor_slices(texts * 3).batch(4).map(preprocessor)


def train(strategy):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        encoder = keras_nlp.models.BertBackbone(57, 1, 2, 16, 32, dropout=0.0)
        backbone = charbert_tf.CharBertBackbone(encoder, 28, 8)
        pretrainer = charbert_tf.Pretrainer(backbone, 3)
        optimizer = GroupedAdamW(
            1e-3, multiplier=2.0, new_variables=pretrainer.nlm_head.variables
        )
    trainer = Trainer(CrossEntropy(pretrainer), optimizer, strategy)
    report = trainer.train(dataset, 3, Progress(None, False, seconds=0))
    return report, [variable.numpy() for variable in pretrainer.trainable_variables]


two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
(report, weights), (report_of_two, weights_of_two) = map(
    train, (tf.distribute.get_strategy(), two)
)
names = ["loss", "mlm_loss", "nlm_loss", "mlm_accuracy", "nlm_accuracy"]
differences = [abs(report[name] - report_of_two[name]) for name in names]
differences += [np.abs(a - b).max() for a, b in zip(weights, weights_of_two)]
print(json.dumps([two.num_replicas_in_sync, float(max(differences)), report["loss"]]))
"""


def test_two_devices_compute_the_same_as_one():
    # Logical devices can only be made before TensorFlow starts.
    result = subprocess.run(
        [sys.executable, "-c", ON_TWO_DEVICES], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    replicas, difference, loss = json.loads(result.stdout.splitlines()[-1])
    assert replicas == 2
    assert loss > 1
    assert difference < 1e-5


def test_an_interrupted_run_ends_with_the_same_weights(
    make_encoder, tokenizer, tmp_path
):
    """With dropout, whose random numbers go on too."""

    def trainer(seed, directory=None):
        tagger = make_tagger(make_encoder, tokenizer, seed)
        optimizer = GroupedAdamW(WarmupLinearDecay(0.01, STEPS, 2))
        return Trainer(CrossEntropy(tagger), optimizer, directory=directory), tagger

    def train(trainer, tagger, steps):
        return trainer.train(tagged_batches(tagger), total_steps=steps)

    uninterrupted, expected = trainer(seed=1)
    train(uninterrupted, expected, STEPS)
    first, first_tagger = trainer(1, str(tmp_path))
    train(first, first_tagger, STEPS // 2)
    assert first.step == STEPS // 2
    # The second process draws other weights at first.
    second, tagger = trainer(2, str(tmp_path))
    train(second, tagger, STEPS)
    assert second.step == STEPS
    # Sums over threads have no fixed order, so the last bits may differ.
    assert_same(weights_of(tagger), weights_of(expected), 1e-6)
    with pytest.raises(AssertionError):
        assert_same(weights_of(tagger), weights_of(first_tagger), 1e-3)


def test_the_gradients_norm_is_clipped_and_missing_batches_are_told(
    make_encoder, tokenizer
):
    tagger = make_tagger(make_encoder, tokenizer, seed=1)
    before = weights_of(tagger)
    trainer = Trainer(CrossEntropy(tagger), keras.optimizers.SGD(1.0), clip_norm=0.01)
    one_batch = tagged_batches(tagger).take(1)
    with pytest.raises(ValueError, match=r"^The batches ended before step 2\.$"):
        trainer.train(one_batch, total_steps=2)
    movement = [b - a for a, b in zip(before, weights_of(tagger), strict=True)]
    norm = np.sqrt(sum((part**2).sum() for part in movement))
    assert norm == pytest.approx(0.01, rel=1e-3)
