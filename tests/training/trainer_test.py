"""The training loop: it computes what fit does, stops and goes on."""

import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.files.errors import UserError
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW, WarmupLinearDecay
from charbert_tf.training.progress import Progress
from charbert_tf.training.trainer import Trainer, TrainingTerminatedError

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


@pytest.mark.slow
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


class Interruption(Progress):
    """Does something to the training after a step."""

    def __init__(self, step, act):
        super().__init__(None, is_printed=False)
        self.interrupted_step, self.act = step, act

    def add(self, step, *report):
        super().add(step, *report)
        if step == self.interrupted_step:
            self.act()


def line_trainer(directory=None, **arguments):
    """Trains a line through the origin; the text has one token."""
    inputs = keras.Input((1,), name="padding_mask")
    dense = keras.layers.Dense(2, use_bias=False, kernel_initializer="zeros")
    model = keras.Model({"padding_mask": inputs}, dense(inputs))
    optimizer = keras.optimizers.SGD(1.0)
    trainer = Trainer(
        CrossEntropy(model), optimizer, directory=directory, clip_norm=1e9, **arguments
    )
    return trainer, model


def line_batches(values):
    """Batches of one example each, of class 1."""
    values = tf.constant(values, tf.float32)[:, None]
    ones = tf.ones((len(values), 1))
    examples = ({"padding_mask": values}, tf.ones((len(values), 1), tf.int32), ones)
    return (
        tf.data.Dataset.from_tensor_slices(examples)
        .batch(1)
        .map(lambda features, labels, weights: (features, labels[:, 0], weights[:, 0]))
    )


def test_what_is_reported_is_what_was_done(tmp_path):
    trainer, _ = line_trainer(str(tmp_path))
    report = trainer.train(line_batches([3.0]), total_steps=1)
    # At equal logits a label's gradient is (0.5, -0.5), here times the input.
    assert report["gradient_norm"] == pytest.approx(3 * np.sqrt(0.5))
    assert report["loss"] == pytest.approx(np.log(2))
    assert report["learning_rate"] == 1.0
    (events,) = (tmp_path / "tensorboard").iterdir()
    shown = {
        value.tag: float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    }
    assert shown == pytest.approx(report)


@pytest.fixture
def heeding_interrupts():
    """A shell that starts the tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_interrupts")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_after_a_checkpoint(tmp_path, number):
    values = [1.0, 2.0, 0.5, 3.0]
    uninterrupted, expected = line_trainer()
    uninterrupted.train(line_batches(values), 4)

    before = signal.getsignal(number)
    first, _ = line_trainer(str(tmp_path))
    interruption = Interruption(2, lambda: os.kill(os.getpid(), number))
    with pytest.raises(TrainingTerminatedError) as stop:
        first.train(line_batches(values), 4, interruption)
    # The step that it came in the middle of is the last one.
    assert stop.value.step == first.step == 3
    assert stop.value.number == number
    assert signal.getsignal(number) == before
    second, model = line_trainer(str(tmp_path))
    second.train(line_batches(values), 4)
    assert_same(weights_of(model), weights_of(expected), 0)


def test_a_signal_after_the_last_step_stops_what_would_follow(tmp_path):
    scored = []

    def score(epoch):
        scored.append(epoch)
        if scored == [1, 2]:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    first, expected = line_trainer(str(tmp_path))
    arguments = (line_batches([1.0, 2.0]), 2, None, 1, score)
    with pytest.raises(TrainingTerminatedError) as stop:
        first.train(*arguments)
    assert stop.value.step == 2
    # The same call scores the last epoch again, and ends.
    second, model = line_trainer(str(tmp_path))
    second.train(*arguments)
    assert scored == [1, 2, 2]
    assert_same(weights_of(model), weights_of(expected), 0)


@pytest.mark.usefixtures("heeding_interrupts")
def test_a_second_interrupt_does_not_wait(tmp_path):
    def interrupt_twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    trainer, _ = line_trainer(str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        trainer.train(line_batches([1.0] * 4), 4, Interruption(2, interrupt_twice))
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_stops_it_and_is_kept(tmp_path, value):
    trainer, model = line_trainer(str(tmp_path))
    with pytest.raises(UserError) as error:
        trainer.train(line_batches([1.0, 2.0, value, 3.0]), 4)
    path = tmp_path / "broken_batch_3.npz"
    assert str(error.value).startswith(
        f"{path}: the loss or its gradient is not a number any more at step 3; "
    )
    kept = np.load(path)
    np.testing.assert_array_equal(kept["features/padding_mask"], [[value]])
    assert kept["labels"].tolist() == [1]
    assert kept["weights"].tolist() == [1.0]
    # And the weights are those before it.
    assert np.isfinite(weights_of(model)[0]).all()
    assert trainer.step == 2


def test_a_gradient_that_float16_cannot_hold_is_left_out(tmp_path):
    """Until the loss's factor is small enough; a restart knows the factor."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        first, _ = line_trainer(str(tmp_path))
        # Its gradient is 8 * 0.5 times the factor, and float16 ends at 65,504.
        first.train(line_batches([8.0] * 3), 1)
        second, model = line_trainer(str(tmp_path))
        second.train(line_batches([8.0] * 3), 2)
        assert not np.any(weights_of(model)[0])
        second.train(line_batches([8.0] * 3), 3)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(weights_of(model)[0], [[-4.0, 4.0]])


def test_data_that_become_unreadable(tmp_path):
    """As when a file is cut off while it is read."""
    path = tmp_path / "values.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for value in (1.0, 2.0, 3.0):
            writer.write(tf.io.serialize_tensor(value).numpy())
    path.write_bytes(path.read_bytes()[:-5])
    values = tf.data.TFRecordDataset(str(path)).map(
        lambda record: tf.ensure_shape(tf.io.parse_tensor(record, tf.float32), ())
    )
    dataset = values.map(
        lambda x: ({"padding_mask": x[None, None]}, tf.ones(1, tf.int32), tf.ones(1))
    )
    trainer, _ = line_trainer()
    with pytest.raises(UserError) as error:
        trainer.train(dataset, 3)
    assert str(error.value).startswith(
        "the training data cannot be read at step 3 (truncated record at "
    )


def test_missing_batches_after_a_restart(tmp_path):
    """The position in the data is restored, not the batches counted anew."""
    first, _ = line_trainer(str(tmp_path))
    first.train(line_batches([1.0, 2.0]), 1)
    second, _ = line_trainer(str(tmp_path))
    with pytest.raises(ValueError, match=r"^The batches ended before step 3\.$"):
        second.train(line_batches([1.0, 2.0]), 3)


def test_a_function_is_asked_for_the_batches_that_follow(tmp_path):
    values, asked = [1.0, 2.0, 0.5, 3.0], []

    def batches(step, context):
        asked.append((step, context.num_input_pipelines, context.input_pipeline_id))
        return line_batches(values[step:])

    uninterrupted, expected = line_trainer()
    uninterrupted.train(line_batches(values), 4)
    first, _ = line_trainer(str(tmp_path))
    first.train(batches, 3)
    second, model = line_trainer(str(tmp_path))
    second.train(batches, 4)
    assert_same(weights_of(model), weights_of(expected), 0)
    assert asked == [(0, 1, 0), (3, 1, 0)]


def test_an_epochs_end_is_told_and_may_be_the_last(tmp_path):
    values, told = [1.0, 2.0, 0.5, 3.0, 1.0, 2.0, 4.0, 1.0], []

    def train(is_last):
        def on_epoch_end(epoch):
            told.append(epoch)
            return is_last(epoch)

        trainer, model = line_trainer(str(tmp_path))
        trainer.train(line_batches(values), 8, None, 2, on_epoch_end)
        return trainer.step, weights_of(model)

    assert train(lambda epoch: epoch == 2)[0] == 4
    assert told == [1, 2]
    # Started again, it asks again: a kill may have come before the answer.
    step, weights = train(lambda epoch: False)
    assert (step, told) == (8, [1, 2, 2, 3, 4])
    uninterrupted, expected = line_trainer()
    uninterrupted.train(line_batches(values), 8)
    assert_same(weights, weights_of(expected), 0)
