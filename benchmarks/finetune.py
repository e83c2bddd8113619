"""An epoch of fine-tuning on CoNLL-2003, batches by length and batches padded fully.

  python -m benchmarks.finetune --train=train.txt --init=my_run/preset --steps=30

Fine-tunes with batches whose sentences are about equally long, padded to the longest of
them (what official.finetune does), and with batches of the same sentences padded to 128
tokens and 768 characters (what the authors' code does), a step of each in turn: input,
forward, backward and AdamW, float32. The batches of an epoch come in random order, so
the first `--steps` of them stand for all: the time of an epoch is the mean of these
steps times the steps of an epoch. Any CoNLL-style file will do.
"""

import statistics

import keras
from absl import flags

from benchmarks import timing
from benchmarks.pretraining_step import pretraining_step
from charbert_tf.families import DATA_SETS
from official import command

_TRAIN = flags.DEFINE_string("train", None, "Training file.", required=True)
_INIT = flags.DEFINE_string("init", None, "Preset to start from.", required=True)
_STEPS = flags.DEFINE_integer("steps", 30, "Steps that are timed.", lower_bound=2)

_SEED = 0


def main() -> None:
    """Runs the benchmark."""
    keras.utils.set_random_seed(_SEED)
    conll2003 = DATA_SETS["conll2003"]
    settings, task = conll2003.hyper_parameters, conll2003.make()
    examples = task.read(_TRAIN.value)
    labels = task.labels(examples, _TRAIN.value)
    model = task.make_model(_INIT.value, labels, settings.sequence_length)
    own = model.preprocessor
    padded = type(own).from_config(
        own.get_config() | {"tokenizer": own.tokenizer, "static_shapes": True}
    )
    datasets = {}
    for name, preprocessor in {"by length": own, "padded": padded}.items():
        model.preprocessor = preprocessor
        datasets[name] = task.training_dataset(
            model, examples, settings.batch_size, 1, _SEED
        )
    timings = timing.time_in_turn(
        {name: _training_step(model, dataset) for name, dataset in datasets.items()},
        _STEPS.value,
    )
    _report(timings, int(datasets["by length"].cardinality()), settings.batch_size)


def _training_step(model, dataset):
    step = pretraining_step(model, dataset.element_spec)
    batches = iter(dataset.repeat())
    return lambda: step(*next(batches)).numpy()


def _report(timings, epoch_steps: int, batch_size: int) -> None:
    seconds = {}
    for name, of_name in timings.items():
        seconds[name] = statistics.mean(of_name.elapsed)
        print(
            f"{name:10} {1000 * seconds[name]:8.0f} ms a step of {batch_size}, "
            f"{epoch_steps * seconds[name] / 60:6.1f} minutes an epoch of {epoch_steps}"
        )
    processor = {n: statistics.mean(t.processor) for n, t in timings.items()}
    ratio = seconds["padded"] / seconds["by length"]
    by_processor = processor["padded"] / processor["by length"]
    print(f"padded / by length: {ratio:.1f} ({by_processor:.1f} by processor time)")


if __name__ == "__main__":
    command.run(main)
