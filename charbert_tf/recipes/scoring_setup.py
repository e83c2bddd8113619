"""ScoringSetup: what every recipe that scores models does alike."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import robustness
from charbert_tf.files.errors import UserError
from charbert_tf.files.seed_runs import preset_of_run
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import (
    Notice,
    load_tensorflow,
    tell_device,
    telling_of_its_graph,
)
from charbert_tf.recipes.settings import Rule
from charbert_tf.recipes.task_data import SCORING_USES, SOURCES, TaskData
from charbert_tf.recipes.typos import (
    BACKOFFS,
    MINIMUM_LENGTH,
    MinimumLength,
    load_corrector,
    make_attacks,
)

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.word_recognition.word_corrector import WordCorrector

NamedModels = Sequence[str] | Mapping[str, str]
"""Folders, `"FOLDER"` or `"NAME=FOLDER"`; or folders by the models' names."""

MODELS_RULE = Rule(["models"], lambda v: bool(v["models"]), "must name a model")
"""For a recipe that compares models; the flag `--models` has it by itself."""


def folders_by_name(models: NamedModels) -> dict[str, str]:
    """Finds the folders of models by the models' names.

    A model without a name is called after its folder.

    Args:
        models: the models.

    Returns:
        The folders by the names.

    Raises:
        UserError: if two models have the same name.

    Example:
        >>> folders_by_name(["BERT=bert/preset", "my_tagger/preset"])
        {'BERT': 'bert/preset', 'my_tagger': 'my_tagger/preset'}
    """
    if isinstance(models, Mapping):
        return dict(models)
    pairs = [_name_and_folder(model) for model in models]
    short = [name or _short_name(folder) for name, folder in pairs]
    if len(set(short)) < len(short):
        # The path tells apart what the last of its folders does not.
        short = [name or folder for name, folder in pairs]
    for name in short:
        if short.count(name) > 1:
            raise UserError(
                f"--models has {name!r} twice: give each a name of its own, NAME=FOLDER"
            )
    return dict(zip(short, (folder for _, folder in pairs), strict=True))


def models_by_name(models: NamedModels) -> dict[str, str]:
    """Finds the folders of models of one seed.

    Of a fine-tuning with one seed this is the preset in its output folder.

    Args:
        models: the models.

    Returns:
        The folders by the models' names.

    Raises:
        UserError: if two models have the same name, a seed is not finished, or a folder
            has the models of several seeds.

    Example:

    ```python
    models_by_name(["my_tagger"])  # {"my_tagger": "my_tagger/preset"}
    ```
    """
    return {
        name: preset_of_run(folder) for name, folder in folders_by_name(models).items()
    }


def _name_and_folder(value: str) -> tuple[str, str]:
    name, _, folder = value.partition("=")
    # A folder's own name, or one above it, may have the sign.
    if os.path.exists(value) or not folder or os.sep in name:
        return "", value
    return name, folder


def _short_name(folder: str) -> str:
    """The last of the path's names that tells more than what every model's path has."""
    path, name = os.path.split(os.path.normpath(folder))
    # What official.finetune wrote, and a version of an exported model.
    while path and re.fullmatch(r"preset|seed-\d+|\d+", name):
        path, name = os.path.split(path)
    return name or folder


def _load_models(
    folders: Mapping[str, str],
    task: "Family",
    examples: Sequence,
    path: str,
    notice: Notice,
) -> "list[EvaluatedModel]":
    models = []
    for name, folder in folders.items():
        notice(f"Loading {folder}")
        model = robustness.EvaluatedModel.from_folder(
            name, folder, task, examples, path
        )
        models.append(telling_of_its_graph(model, notice))
    return models


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
    data: Annotated[str, Limits(choices=SOURCES)] = SOURCES[0]
    minimum_length: MinimumLength = MINIMUM_LENGTH
    protected_words: str | None = None
    metric: str | None = None
    recognizer: str | None = None
    backoff: Annotated[str, Limits(choices=BACKOFFS)] = BACKOFFS[0]
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
        return TaskData(self.task, self.data, options, SCORING_USES, self.metric)

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
        return _load_models(folders, task, examples, self.input, notice), corrector
