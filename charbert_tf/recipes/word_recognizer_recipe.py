"""train_word_recognizer: what corrects typos in front of any model, from text."""

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import corpus, training, word_recognition
from charbert_tf.files.text_files import check_lines
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import Notice, load_tensorflow, print_notice
from charbert_tf.recipes.settings import HIGHEST_SEED, make_own_settings
from charbert_tf.recipes.training_setup import TrainingSetup

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.word_recognition.recognizer_vocabulary import RecognizerVocabulary


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordRecognizerSettings(TrainingSetup):
    """The settings of `train_word_recognizer`; its command has a flag for each.

    Args:
        input: text files or globs, a paragraph a line.
        output: the folder to write to.
        num_words: words that it knows, `<unk>` not counted.
        hidden_dim: units of the LSTM in each direction.
        noise_rate: share of words of four letters or more with a typo.
        steps: training steps.
        learning_rate: the peak.
        batch_size: sentences of a batch.
        sequence_length: words, not tokens, of a sentence at most.
        seed: of new weights, order and typos.
    """

    input: Sequence[str]
    output: str
    num_words: Annotated[int, Limits(least=1)] = 10_000
    hidden_dim: Annotated[int, Limits(least=1)] = 50
    noise_rate: Annotated[float, Limits(0, 1)] = 0.9
    steps: Annotated[int, Limits(least=1)] = 100_000
    learning_rate: Annotated[float, Limits(least=0)] = 1e-3
    batch_size: Annotated[int, Limits(least=1)] = 32
    sequence_length: Annotated[int, Limits(least=8)] = 32
    seed: Annotated[int, Limits(0, HIGHEST_SEED)] = 0


@dataclasses.dataclass(frozen=True)
class WordRecognizerResult:
    """What the training of a recogniser has made.

    Args:
        preset: the folder of the recogniser.
        was_finished: whether it was there already.
        history: the progress since the start or the restart, as `Progress.reports` has
            it.
    """

    preset: str
    was_finished: bool = False
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)


def train_word_recognizer(
    *, notice: Notice = print_notice, **settings: Any
) -> WordRecognizerResult:
    """Trains a word recogniser, which corrects typos in front of any model, on text.

    What official.train_word_recognizer does. It learns to tell the most frequent words
    of the text from themselves with a typo. Called again with the same settings it goes
    on from the last checkpoint, whoever began it.

    Args:
        notice: shows what is loaded and traced, and on which device.
        **settings: `input`, `output` and others, see `WordRecognizerSettings`.

    Returns:
        Where the recogniser is, and how training went.

    Raises:
        UserError: if an input cannot be read, or the output holds anything else.
        TypeError: if there is no such setting, or one is missing.
        TrainingTerminatedError: after SIGTERM or Ctrl-C, with a checkpoint.

    Example:

    ```python
    result = charbert_tf.train_word_recognizer(
        input=["text.txt"], output="my_recognizer", steps=20_000
    )
    recognizer = charbert_tf.WordRecognizer.from_preset(result.preset)
    charbert_tf.WordCorrector(recognizer).correct([["A", "borign", "flim"]])
    ```
    """
    values = make_own_settings(WordRecognizerSettings, (), settings)
    notice(f"Reading {', '.join(values.input)}")
    load_tensorflow(notice)
    paths = word_recognition.word_recognition_files(values.input)
    described = values.record() | {"input": corpus.describe_inputs(values.input)}
    run = training.TrainingRun(values.output, described)
    if run.tidy_if_finished():
        return WordRecognizerResult(run.preset, was_finished=True)
    strategy = values.make_strategy(notice)
    with values.session(values.seed), contextlib.closing(run):
        history = _train(values, paths, run, strategy, notice)
    return WordRecognizerResult(run.preset, history=history)


def _train(
    values: WordRecognizerSettings,
    paths: list[str],
    run: "training.TrainingRun",
    strategy: "tf.distribute.Strategy",
    notice: Notice,
) -> list[dict[str, float]]:
    file = os.path.join(run.directory, "vocabulary.json")
    vocabulary = _vocabulary(file, paths, values.num_words)
    with training.building_scope(strategy):
        recognizer = word_recognition.WordRecognizer(
            *vocabulary, hidden_dim=values.hidden_dim
        )
    if training.is_chief(strategy):
        run.begin()
        vocabulary.write(file)
    history = values.fit(
        training.CrossEntropy(recognizer),
        word_recognition.word_recognition_dataset(
            paths,
            recognizer,
            values.batch_size,
            values.sequence_length,
            values.noise_rate,
            values.seed,
        ),
        values.steps,
        run.directory,
        values.learning_rate,
        strategy,
        notice,
    )
    if training.is_chief(strategy):
        run.finish(recognizer)
    return history


def _vocabulary(file: str, paths: list[str], num_words: int) -> "RecognizerVocabulary":
    """That of the run that is gone on with, or else learnt from the text."""
    if os.path.exists(file):
        return word_recognition.RecognizerVocabulary.read(file)
    check_lines(paths)
    return word_recognition.RecognizerVocabulary.learn(paths, num_words)
