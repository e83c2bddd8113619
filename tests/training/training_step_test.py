"""A step is the same on any number of replicas, and in any number of parts."""

import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Logical devices can only be made before TensorFlow starts, so it runs on its own, and
# a process can have one MirroredStrategy. Its arguments are the replicas, the file for
# what it finds, and what to find: a name and the parts each replica computes its share
# in.
DIVIDED = """
import functools
import pickle
import sys

import official
import keras
import keras_nlp
import numpy as np
import tensorflow as tf

import charbert_tf
from charbert_tf.pretraining.char_encoder_warm_start import CharEncoderWarmStart
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.objective import Term
from charbert_tf.training.progress import Progress
from charbert_tf.training.trainer import Trainer
from charbert_tf.training.training_step import TrainingStep

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 4,
)
replicas = int(sys.argv[1])
devices = [f"CPU:{number}" for number in range(replicas)]
strategy = tf.distribute.get_strategy()
if replicas > 1:
    strategy = tf.distribute.MirroredStrategy(devices)

letters = "abcdefghijklmnopqrstuvwxyz"
tokenizer = keras_nlp.models.BertTokenizer(
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    + ["##" + letter for letter in letters]
)
charbert, bert = (
    charbert_tf.PretrainerPreprocessor(tokenizer, characters, words, 0.5, 0.3)
    for characters, words in [
        ([" ", *letters, "<unk>"], ["dull", "film", "<unk>"]),
        (None, None),
    ]
)
# Some replicas have far fewer labels than others; in the last batch some have no row.
texts = ["a fine one", "no", "it was a very long and rather dull film", "dull film"]
texts *= 3


class Reports(Progress):
    def __init__(self):
        super().__init__(None, is_printed=False)
        self.losses, self.counts = [], []

    def add(self, step, terms, tokens, gradient_norm=None):
        super().add(step, terms, tokens, gradient_norm)
        self.losses.append([float(term.loss) for term in terms.values()])
        counts = [float(x) for t in terms.values() for x in (t.correct, t.weight)]
        self.counts.append([*counts, float(tokens)])


def begin(make_objective, preprocessor):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        encoder = keras_nlp.models.BertBackbone(57, 1, 2, 16, 32, dropout=0.0)
        if preprocessor is charbert:
            backbone = charbert_tf.CharBertBackbone(encoder, 28, 8)
            pretrainer = charbert_tf.Pretrainer(backbone, 3, preprocessor)
        else:
            pretrainer = charbert_tf.Pretrainer(encoder, None, preprocessor)
        objective = make_objective(pretrainer)
        optimizer = GroupedAdamW(
            1e-3, multiplier=2.0, new_variables=pretrainer.mlm_head.variables
        )
    return objective, optimizer


def found_by(reports, model):
    weights = [variable.numpy() for variable in model.trainable_variables]
    return reports.losses, reports.counts, weights


def train(make_objective, preprocessor, accumulation_steps):
    objective, optimizer = begin(make_objective, preprocessor)
    dataset = tf.data.Dataset.from_tensor_slices(texts[:9]).batch(4).map(preprocessor)
    reports = Reports()
    Trainer(
        objective, optimizer, strategy, accumulation_steps=accumulation_steps
    ).train(dataset, 3, reports)
    return found_by(reports, objective.model)


def train_as_workers(accumulation_steps):
    '''Each replica is given its rows of a batch alone.'''
    objective, optimizer = begin(CrossEntropy, bert)
    step = TrainingStep(
        objective, optimizer, strategy, accumulation_steps=accumulation_steps
    )
    step = functools.partial(step, input_pipelines=replicas)
    step = tf.function(step, autograph=False)
    batches = tf.data.Dataset.from_tensors(bert(texts)).unbatch().batch(4)
    reports = Reports()
    reports.start(0, 3)
    for number, batch in enumerate(batches, 1):
        rows = strategy.experimental_distribute_values_from_function(
            lambda context: tf.nest.map_structure(
                lambda value: value[context.replica_id_in_sync_group :: replicas], batch
            )
        )
        report = step(rows, tf.constant(number, tf.int64), tf.constant(False))
        reports.add(number, report.terms, report.tokens)
    return found_by(reports, objective.model)


class LabelledLogits:
    # Its gradient, by column of the kernel, is the input of the row of that label.
    def __init__(self, model):
        self.model = model

    def weights(self, batch):
        return {"logit": tf.reduce_sum(batch[2])}

    def __call__(self, batch, training, whole=None):
        logits = self.model(batch[0], training=training)
        logits = tf.gather(logits, batch[1], batch_dims=1)
        return {"logit": Term(tf.reduce_sum(logits), tf.constant(0.0), 1.0)}


def dropped_inputs(accumulation_steps):
    '''What dropout leaves of each row, step by step.'''
    keras.utils.set_random_seed(0)
    with strategy.scope():
        inputs = keras.Input((64,), name="padding_mask")
        dropped = keras.layers.Dropout(0.5)(inputs)
        dense = keras.layers.Dense(4, use_bias=False, kernel_initializer="zeros")
        model = keras.Model({"padding_mask": inputs}, dense(dropped))
        optimizer = keras.optimizers.SGD(-1.0)
    batch = ({"padding_mask": tf.ones((4, 64))}, tf.range(4), tf.ones(4) / 4)
    ones = tf.data.Dataset.from_tensors(batch).repeat()
    arguments = {"clip_norm": 1e9, "accumulation_steps": accumulation_steps}
    trainer = Trainer(LabelledLogits(model), optimizer, strategy, **arguments)
    kernels = [np.zeros((64, 4))]
    for step in (1, 2):
        trainer.train(ones, step)
        kernels.append(dense.kernel.numpy())
    return np.diff(kernels, axis=0).transpose(0, 2, 1)


FINDERS = {
    "bert": lambda steps: train(CrossEntropy, bert, steps),
    "charbert": lambda steps: train(CrossEntropy, charbert, steps),
    "workers": train_as_workers,
    "warm_start": lambda steps: train(CharEncoderWarmStart, charbert, steps),
    "dropped_inputs": dropped_inputs,
}
tasks = zip(sys.argv[3::2], map(int, sys.argv[4::2]))
found = {(name, steps): FINDERS[name](steps) for name, steps in tasks}
with open(sys.argv[2], "wb") as file:
    pickle.dump(found, file)
"""
# What to find, by the number of replicas.
TASKS = {
    1: "charbert 1 dropped_inputs 4",
    2: "charbert 1 dropped_inputs 2",
}
SLOW_TASKS = {
    1: "bert 1 workers 1 warm_start 1 warm_start 2 dropped_inputs 4",
    2: "workers 2",
    4: "bert 1 dropped_inputs 1",
}


def find(tasks, folder):
    """What each process finds, by name, replicas and parts."""
    processes = {
        replicas: subprocess.Popen(
            [
                *(sys.executable, "-c", DIVIDED, str(replicas)),
                *(folder / str(replicas), *of_replicas.split()),
            ],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for replicas, of_replicas in tasks.items()
    }
    found = {}
    for replicas, process in processes.items():
        _, errors = process.communicate(timeout=1200)
        assert process.returncode == 0, errors
        with open(folder / str(replicas), "rb") as file:
            for (name, parts), value in pickle.load(file).items():
                found[name, replicas, parts] = value
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return find(TASKS, tmp_path_factory.mktemp("found"))


@pytest.fixture(scope="module")
def found_slowly(tmp_path_factory):
    return find(SLOW_TASKS, tmp_path_factory.mktemp("found"))


def assert_same_training(found, name, replicas, parts):
    losses, counts, weights = found[name, replicas, parts]
    expected_losses, expected_counts, expected_weights = found[name, 1, 1]
    assert len(losses) == 3
    # Of few short texts one batch may have no word masked or noised.
    assert sum(max(step) > 0.1 for step in losses) >= 2
    np.testing.assert_allclose(losses, expected_losses, rtol=0, atol=1e-5)
    assert counts == expected_counts
    for weight, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=0, atol=1e-5)


def test_two_devices_train_as_one_does(found):
    assert_same_training(found, "charbert", 2, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "replicas", "parts"),
    [("bert", 4, 1), ("workers", 2, 2), ("warm_start", 1, 2)],
)
def test_losses_and_weights_are_those_of_one_device(
    found_slowly, name, replicas, parts
):
    assert_same_training(found_slowly, name, replicas, parts)


def test_each_part_has_a_dropout_of_its_own(found):
    on_two = found["dropped_inputs", 2, 2]
    # Ones, doubled: gradients are summed once, not once more by the optimizer.
    assert set(on_two.ravel()) == {0.0, 2.0}
    rows = on_two.reshape(-1, 64)
    assert 0.4 < np.mean(rows > 0) < 0.6
    for number, row in enumerate(rows):
        for other in rows[:number]:
            assert 10 < np.sum(row != other) < 54
    # Whoever computes a part, its dropout is the same.
    np.testing.assert_array_equal(found["dropped_inputs", 1, 4], on_two)


@pytest.mark.slow
def test_the_dropout_of_a_part_is_the_same_on_four_devices(found_slowly):
    on_four = found_slowly["dropped_inputs", 4, 1]
    assert set(on_four.ravel()) == {0.0, 2.0}
    np.testing.assert_array_equal(found_slowly["dropped_inputs", 1, 4], on_four)
