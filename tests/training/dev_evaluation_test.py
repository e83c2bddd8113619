"""The best epoch's model is the result, and a kill changes nothing."""

import contextlib
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.training.dev_evaluation import DevEvaluation
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.trainer import Trainer
from charbert_tf.training.training_run import TrainingRun

TAGS = ["DT", "NN", "VB"]
TAG_OF = {"the": "DT", "a": "DT", "film": "NN", "fine": "NN", "dull": "NN", "was": "VB"}
EPOCHS, EPOCH_STEPS, BATCH_SIZE = 2, 6, 4


def sentences(seed, count):
    rng = np.random.default_rng(seed)
    texts = [tuple(rng.choice(list(TAG_OF), 5).tolist()) for _ in range(count)]
    return [TaggedSentence(t, tuple(TAG_OF[word] for word in t), 1) for t in texts]


TRAIN, DEV = sentences(0, EPOCH_STEPS * BATCH_SIZE), sentences(1, 20)


class EagerTask(TaggingTask):
    """Predicts without a graph, which takes longer to trace than to be used here."""

    def predictor(self, model):
        def predict(examples):
            words = self.head.inputs(examples)
            logits = model(model.preprocessor(words), training=False).numpy()
            positions = model.preprocessor.word_positions(words).to_list()
            return [
                [model.labels[row[position].argmax()] for position in of_words]
                for row, of_words in zip(logits, positions, strict=True)
            ]

        return predict


@pytest.fixture
def make_tagger(make_encoder, tokenizer):
    def make():
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        preprocessor = charbert_tf.TokenClassifierPreprocessor(
            tokenizer, sequence_length=32
        )
        return charbert_tf.TokenClassifier(
            make_encoder(), len(TAGS), preprocessor, labels=TAGS
        )

    return make


def always(tagger, tag):
    """Makes a tagger that gives every word the same tag."""
    kernel, bias = tagger.get_layer("logits").weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign(np.eye(len(TAGS))[TAGS.index(tag)])


def test_the_first_best_epoch_is_kept(make_tagger, tmp_path, capsys):
    task, tagger = EagerTask(), make_tagger()
    run = TrainingRun(str(tmp_path / "run"), {"seed": 0})
    run.begin()
    evaluation = DevEvaluation(task, DEV, tagger, run, patience=2, epoch_steps=7)
    shares = {
        tag: np.mean([tag in TAG_OF[w] for e in DEV for w in e.words]) for tag in TAGS
    }
    assert shares["NN"] > shares["VB"]
    is_last = []
    for epoch, tag in enumerate(["VB", "NN", "VB"], start=1):
        always(tagger, tag)
        is_last.append(evaluation(epoch))
    # A process that goes on knows what was, and does not score it again.
    evaluation = DevEvaluation(task, DEV, tagger, run, patience=2)
    is_last.append(evaluation(3))
    # As good as the best is not better.
    always(tagger, "NN")
    is_last.append(evaluation(4))
    assert is_last == [False, False, False, False, True]
    assert evaluation.best_epoch == 2
    accuracies = [shares[tag] for tag in ("VB", "NN", "VB", "NN")]
    assert [s["accuracy"] for s in evaluation.scores] == pytest.approx(accuracies)
    assert json.loads((tmp_path / "run" / "epochs.json").read_text()) == (
        evaluation.scores
    )
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        f"epoch {epoch}: accuracy {100 * accuracy:.1f}"
        for epoch, accuracy in enumerate(accuracies, start=1)
    ]
    predictions = (tmp_path / "run" / "dev_predictions.txt").read_text().splitlines()
    assert [line.split()[-1] for line in predictions if line] == ["NN"] * 100

    always(tagger, "DT")
    run.finish(tagger, evaluation.best_scores)
    card = (tmp_path / "run" / "preset" / "README.md").read_text()
    assert "--seed=0\n" in card
    assert f"| accuracy | {shares['NN']:.4f} |" in card
    assert f"| labels | {', '.join(TAGS)} |" in card
    saved = task.load_model(run.preset)
    scores = task.scores(DEV, task.predict(saved, DEV), TAGS)
    assert scores == evaluation.best_scores
    left = {path.name for path in (tmp_path / "run").iterdir()}
    files = {"preset", "settings.json", "epochs.json", "dev_predictions.txt"}
    assert left == files | {"tensorboard"}
    shown = [
        (event.step, float(tf.make_ndarray(value.tensor)))
        for path in sorted((tmp_path / "run" / "tensorboard").iterdir())
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
        if value.tag == "dev/accuracy"
    ]
    assert shown == [
        (place * epoch, pytest.approx(accuracy, abs=1e-6))
        for place, epoch, accuracy in zip(
            (7, 7, 7, 1), (1, 2, 3, 4), accuracies, strict=True
        )
    ]


class KilledError(Exception):
    """SIGKILL, as far as one process can have it."""


class KillingRun(TrainingRun):
    """Kills when the best model is there, but not yet its score."""

    def save_best(self, task, epoch):
        super().save_best(task, epoch)
        raise KilledError


def finetune(directory, tagger, run_cls=TrainingRun):
    """What a process of fine-tuning does."""
    task, run = EagerTask(), run_cls(str(directory), {"seed": 0})
    with contextlib.closing(run):
        run.begin()
        evaluation = DevEvaluation(task, DEV, tagger, run)
        trainer = Trainer(
            CrossEntropy(tagger), GroupedAdamW(0.01), directory=run.directory
        )
        dataset = task.training_dataset(tagger, TRAIN, BATCH_SIZE, EPOCHS, seed=0)
        steps = int(dataset.cardinality())
        assert steps == EPOCHS * EPOCH_STEPS
        trainer.train(dataset, steps, None, EPOCH_STEPS, evaluation)
        run.finish(tagger)
    return evaluation


@pytest.mark.slow
def test_a_kill_in_an_evaluation_changes_nothing(make_tagger, tmp_path):
    uninterrupted = finetune(tmp_path / "uninterrupted", make_tagger())
    with pytest.raises(KilledError):
        finetune(tmp_path / "killed", make_tagger(), KillingRun)
    assert not (tmp_path / "killed" / "epochs.json").exists()
    evaluation = finetune(tmp_path / "killed", make_tagger())
    assert evaluation.best_epoch == uninterrupted.best_epoch
    for name in ("epochs.json", "dev_predictions.txt"):
        one, other = (tmp_path / run / name for run in ("killed", "uninterrupted"))
        assert one.read_bytes() == other.read_bytes()
    one, other = (
        TaggingTask().load_model(str(tmp_path / run / "preset"))
        for run in ("killed", "uninterrupted")
    )
    for weight, expected in zip(one.weights, other.weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=0, atol=1e-6)
    # And it has learnt, or there would be nothing to lose.
    assert evaluation.best_scores["accuracy"] > 0.9
