"""What noise in training costs: steps of fine-tuning with it and without, in turn.

  python -m benchmarks.training_noise --train=train.txt --init=my_run/preset --steps=30

Fine-tunes on CoNLL-2003 with the same batches, clean and with a typo in every word of
four letters or more: input, forward, backward and AdamW, float32. Noise makes more
subwords of a word, so its steps have more tokens: the time of the input alone, without
any model, is printed beside, as a share of a clean step. Any CoNLL-style file will do.
"""

import statistics

import keras
from absl import flags

from benchmarks import timing
from benchmarks.pretraining_step import pretraining_step
from charbert_tf.families import DATA_SETS
from charbert_tf.noise.training_noise import TrainingNoise
from official import command

_TRAIN = flags.DEFINE_string("train", None, "Training file.", required=True)
_INIT = flags.DEFINE_string("init", None, "Preset to start from.", required=True)
_STEPS = flags.DEFINE_integer("steps", 30, "Steps that are timed.", lower_bound=2)

_SEED = 0
_NOISES = {"clean": None, "noised": TrainingNoise(1.0)}
# Many, for a batch is made ahead while another is waited for.
_BATCHES_OF_A_CALL = 10


def main() -> None:
    """Runs the benchmark."""
    keras.utils.set_random_seed(_SEED)
    conll2003 = DATA_SETS["conll2003"]
    settings, task = conll2003.hyper_parameters, conll2003.make()
    examples = task.read(_TRAIN.value)[: 2 * _STEPS.value * settings.batch_size]
    labels = task.labels(examples, _TRAIN.value)
    model = task.make_model(_INIT.value, labels, settings.sequence_length)
    functions = {}
    for name, noise in _NOISES.items():
        model.preprocessor.training_noise = noise
        dataset = task.training_dataset(model, examples, settings.batch_size, 1, _SEED)
        functions[f"{name} step"] = _training_step(model, dataset)
        functions[f"{name} input"] = _reading(dataset)
    timings = timing.time_in_turn(functions, _STEPS.value)
    _report(timings)


def _training_step(model, dataset):
    step = pretraining_step(model, dataset.element_spec)
    batches = iter(dataset.repeat())
    return lambda: step(*next(batches)).numpy()


def _reading(dataset):
    batches = iter(dataset.repeat())
    return lambda: [next(batches) for _ in range(_BATCHES_OF_A_CALL)]


def _report(timings) -> None:
    processor = {name: statistics.median(of.processor) for name, of in timings.items()}
    for name in _NOISES:
        processor[f"{name} input"] /= _BATCHES_OF_A_CALL
    for name, seconds in processor.items():
        print(f"{name:14}{1000 * seconds:8.1f} ms of processor time")
    clean = processor["clean step"]
    added = processor["noised input"] - processor["clean input"]
    print(f"noise in the input: {added / clean:.1%} of a clean step")
    print(f"all of the step: {processor['noised step'] / clean - 1:+.1%}")


if __name__ == "__main__":
    command.run(main)
