"""ScoringSetup: what every recipe that scores models does alike."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf.recipes.named_models import NamedModels, load_models
from charbert_tf.recipes.notices import Notice, load_tensorflow, tell_device
from charbert_tf.recipes.task_data import SOURCES, TaskData
from charbert_tf.recipes.typos import (
    BACKOFFS,
    MINIMUM_LENGTH,
    load_corrector,
    make_attacks,
)

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.word_recognition.word_corrector import WordCorrector


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoringSetup:
    """Which models are scored on what, and what corrects the words for them.

    Args:
        task: a family or data set by its name, or the place of one of yours, as
            `TaskData` takes it.
        models: presets, output folders of `finetune`, or SavedModels: `"FOLDER"` or
            `"NAME=FOLDER"`, or folders by the models' names.
        input: a labelled file; of tensorflow-datasets a split.
        data: where examples come from, "files" or "tfds".
        minimum_length: of the words that are attacked, in characters; shorter ones
            stay.
        protected_words: a file of words that stay, one a line.
        metric: the place of a metric of yours that models are compared by.
        recognizer: a preset of official.train_word_recognizer that corrects the words.
        backoff: what becomes of a word that the recogniser does not know, one of
            `BACKOFFS`.
        background_recognizer: a recogniser of more words, for the background.

    Example:

    ```python
    setup = ScoringSetup(task="conll2003", models=["my_tagger"], input="test.txt")
    examples = setup.task_data({}).read(setup.input)
    ```
    """

    task: str
    models: NamedModels
    input: str
    data: str = SOURCES[0]
    minimum_length: int = MINIMUM_LENGTH
    protected_words: str | None = None
    metric: str | None = None
    recognizer: str | None = None
    backoff: str = BACKOFFS[0]
    background_recognizer: str | None = None

    def task_data(self, options: Mapping[str, Any]) -> TaskData:
        """Makes the task.

        Args:
            options: its options that are given, by their names.

        Returns:
            The task, which reads its examples.

        Example:

        ```python
        setup.task_data({"text_column": "review"})
        ```
        """
        return TaskData(self.task, self.data, options, True, self.metric)

    def make_attacks(
        self, names: Sequence[str], rate: float = 1.0
    ) -> "dict[str, Attack]":
        """Makes attacks by their names.

        Args:
            names: as `get_attack` takes them.
            rate: share of the words to attack.

        Returns:
            The attacks by the names.

        Raises:
            UserError: if there is none of a name, or a file cannot be read.

        Example:

        ```python
        setup.make_attacks(["drop", "ocr+keyboard"])
        ```
        """
        return make_attacks(names, rate, self.minimum_length, self.protected_words)

    def load(
        self,
        folders: Mapping[str, str],
        task: "Family",
        examples: Sequence,
        notice: Notice,
    ) -> "tuple[list[EvaluatedModel], WordCorrector | None]":
        """Loads the models, and what corrects the words before they see them.

        Args:
            folders: presets and SavedModels by the models' names.
            task: the task.
            examples: the examples that they will be scored on.
            notice: shows what is loaded, and on which device it runs.

        Returns:
            The models, in order, and what corrects, if there is a recogniser.

        Raises:
            UserError: if a folder holds none, or none that can be scored on these
                examples.

        Example:

        ```python
        setup.load({"BERT": "bert/preset"}, task, examples, print_notice)
        ```
        """
        load_tensorflow(notice)
        tell_device(notice)
        corrector = load_corrector(
            *(self.recognizer, self.backoff, self.background_recognizer), notice
        )
        return load_models(folders, task, examples, self.input, notice), corrector
