"""How many tokens a second the input pipeline makes, and whether training waits.

  python -m benchmarks.input_pipeline

Takes the text and the vocabularies of --folder, and makes what it lacks from the
standard library's documentation. Makes pretraining features in the graph and, in turn
with it, in plain Python with the same steps (`PlainPythonFeatures`; its WordPiece is a
plain loop, too), and prints tokens a second of each and their ratio. Then trains a
CharBERT with 6 layers and hidden size 384 from the pipeline, and prints what share of
the time a step waits for its batch.
"""

import itertools
import time
from collections.abc import Generator

import keras
from absl import flags

import charbert_tf
from benchmarks import compared_models
from benchmarks.plain_python_features import PlainPythonFeatures
from benchmarks.pretraining_step import pretraining_step
from benchmarks.text_and_vocabulary import FOLDER, make
from charbert_tf.files.text_files import read_lines
from charbert_tf.pretraining.pretraining_datasets import pretraining_dataset
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from official import command

_FOLDER = flags.DEFINE_string(
    "folder", FOLDER, "Text and vocabularies; made where they are missing."
)
_STEPS = flags.DEFINE_integer("steps", 40, "Training steps that are timed.")
_NOISE_RATE = 0.15
_ROUNDS, _BATCHES_OF_A_ROUND, _WARM_UP_STEPS = 3, 200, 3


def main() -> None:
    """Runs the benchmark."""
    make(_FOLDER.value)
    size = compared_models.SIZES["small"]
    text = f"{_FOLDER.value}/corpus/text.txt"
    preprocessor = _preprocessor(size.tokens)
    dataset = pretraining_dataset([text], preprocessor, size.batch_size, seed=0)
    lines = [line for _, line in read_lines(text) if line]
    in_python = PlainPythonFeatures(
        preprocessor.tokenizer.vocabulary,
        preprocessor.characters,
        preprocessor.words,
        _NOISE_RATE,
        size.tokens,
        preprocessor.tokenizer.lowercase,
    )
    sources = {
        "in the graph": lambda: (
            features for features, *_ in dataset.as_numpy_iterator()
        ),
        "plain Python": lambda: in_python.batches(
            itertools.cycle(lines), size.batch_size
        ),
    }
    speeds = {name: 0.0 for name in sources}
    for _ in range(_ROUNDS):
        for name, source in sources.items():
            speeds[name] = max(speeds[name], _speed(source()))
    for name, speed in speeds.items():
        print(f"{name:16}{speed:10,.0f} tokens/s")
    print(f"{'ratio':16}{speeds['in the graph'] / speeds['plain Python']:10.1f}")
    waiting, speed = _train(size, dataset)
    print(f"{'training':16}{speed:10,.0f} tokens/s, {waiting:.1%} of the time waiting")


def _preprocessor(sequence_length: int) -> charbert_tf.PretrainerPreprocessor:
    vocabularies = VocabularyFolder(f"{_FOLDER.value}/vocabulary")
    return charbert_tf.PretrainerPreprocessor(
        vocabularies.tokenizer(),
        vocabularies.characters(),
        vocabularies.words(),
        noise_rate=_NOISE_RATE,
        sequence_length=sequence_length,
    )


def _speed(batches: Generator) -> float:
    next(batches)  # fills the shuffle buffer
    begin, tokens = time.perf_counter(), 0
    for features in itertools.islice(batches, _BATCHES_OF_A_ROUND):
        tokens += int(features["padding_mask"].sum())
    seconds = time.perf_counter() - begin
    # Or the graph goes on to make batches while Python is timed.
    batches.close()
    return tokens / seconds


def _train(size, dataset) -> tuple[float, float]:
    """The share of the time in which a step waits, and tokens a second."""
    keras.utils.set_random_seed(0)
    model = compared_models.pretrainer(compared_models.charbert(size))
    step = pretraining_step(model, dataset.element_spec)
    batches = iter(dataset)
    for _ in range(_WARM_UP_STEPS):
        step(*next(batches))
    begin, waited = time.perf_counter(), 0.0
    for _ in range(_STEPS.value):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        step(*batch).numpy()
    seconds = time.perf_counter() - begin
    tokens = _STEPS.value * size.batch_size * size.tokens
    return waited / seconds, tokens / seconds


if __name__ == "__main__":
    command.run(main)
