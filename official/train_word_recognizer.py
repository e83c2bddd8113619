r"""Trains a word recogniser, which corrects typos in front of any model, on text.

  python -m official.train_word_recognizer --input='text/*.txt.gz' \
      --output=my_recognizer --steps=20000

It learns to tell the most frequent words of the text from themselves with a typo (drop,
add, swap, keyboard) in the middle. It is in my_recognizer/preset when it is done; give
that to official.evaluate as --recognizer. The same command started again goes on from
the last checkpoint.
"""

import os

from absl import flags

from charbert_tf import corpus, recipes, training, word_recognition
from charbert_tf.files.text_files import check_lines
from charbert_tf.recipes.training_setup import NOT_SETTINGS
from official import command, training_flags

_INPUT = flags.DEFINE_list(
    "input", None, "Text files or globs, a paragraph a line; .gz too.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_NUM_WORDS = flags.DEFINE_integer(
    "num_words", 10_000, "Words that it knows, <unk> not counted.", lower_bound=1
)
_HIDDEN_DIM = flags.DEFINE_integer(
    "hidden_dim", 50, "Units of the LSTM in each direction.", lower_bound=1
)
_NOISE_RATE = flags.DEFINE_float(
    "noise_rate",
    0.9,
    "Share of words of four letters or more with a typo.",
    lower_bound=0.0,
    upper_bound=1.0,
)
_STEPS = flags.DEFINE_integer("steps", 100_000, "Training steps.", lower_bound=1)
_SEED = training_flags.define_seed("Of new weights, order and typos.")

flags.set_default(training_flags.LEARNING_RATE, 1e-3)
flags.set_default(training_flags.BATCH_SIZE, 32)
# Of words, not of tokens.
flags.set_default(training_flags.SEQUENCE_LENGTH, 32)


def main() -> None:
    """Runs the command."""
    command.notice(f"Reading {', '.join(_INPUT.value)}")
    recipes.load_tensorflow(command.notice)
    paths = word_recognition.word_recognition_files(_INPUT.value)
    settings = command.settings(ignored=NOT_SETTINGS)
    settings["input"] = corpus.describe_inputs(_INPUT.value)
    run = training.TrainingRun(_OUTPUT.value, settings)
    if run.is_finished:
        run.tidy()
        print(f"{run.preset} is finished already.")
        return
    setup = training_flags.setup()
    strategy = setup.make_strategy(command.notice)
    with setup.session(_SEED.value):
        _train(run, paths, setup, strategy)


def _train(run, paths, setup, strategy):
    vocabulary = _vocabulary(run, paths)
    with training.building_scope(strategy):
        recognizer = word_recognition.WordRecognizer(
            *vocabulary, hidden_dim=_HIDDEN_DIM.value
        )
    if training.is_chief(strategy):
        run.begin()
        vocabulary.write(_vocabulary_file(run))
    setup.fit(
        training.CrossEntropy(recognizer),
        word_recognition.word_recognition_dataset(
            paths,
            recognizer,
            training_flags.BATCH_SIZE.value,
            training_flags.SEQUENCE_LENGTH.value,
            _NOISE_RATE.value,
            _SEED.value,
        ),
        _STEPS.value,
        run.directory,
        training_flags.LEARNING_RATE.value,
        strategy,
        command.notice,
    )
    if training.is_chief(strategy):
        run.finish(recognizer)
        print(f"Saved {run.preset}")


def _vocabulary(run, paths):
    """Of the run that is gone on with, or else learnt from the text."""
    path = _vocabulary_file(run)
    if os.path.exists(path):
        return word_recognition.RecognizerVocabulary.read(path)
    check_lines(paths)
    return word_recognition.RecognizerVocabulary.learn(paths, _NUM_WORDS.value)


def _vocabulary_file(run) -> str:
    return os.path.join(run.directory, "vocabulary.json")


if __name__ == "__main__":
    command.run(main)
