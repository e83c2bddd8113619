"""The models that are compared, by the names that tables and charts call them."""

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from charbert_tf import robustness
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.notices import Notice, telling_of_its_graph
from charbert_tf.training.seed_runs import model_folder

if TYPE_CHECKING:
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.evaluated_model import EvaluatedModel

NamedModels = Sequence[str] | Mapping[str, str]
"""Folders, `"FOLDER"` or `"NAME=FOLDER"`; or folders by the models' names."""


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
        name: model_folder(folder) for name, folder in folders_by_name(models).items()
    }


def load_models(
    folders: Mapping[str, str],
    task: "Family",
    examples: Sequence,
    path: str,
    notice: Notice,
) -> "list[EvaluatedModel]":
    """Loads models, and makes sure that each can be scored on the examples.

    Args:
        folders: presets and SavedModels by the models' names.
        task: the task.
        examples: the examples that they will be scored on.
        path: where these come from.
        notice: shows which model is loaded, and later whose graph is traced.

    Returns:
        The models, in order.

    Raises:
        UserError: as `EvaluatedModel.from_folder` does.

    Example:

    ```python
    load_models({"BERT": "bert/preset"}, task, examples, "test.txt", print_notice)
    ```
    """
    models = []
    for name, folder in folders.items():
        notice(f"Loading {folder}")
        model = robustness.EvaluatedModel.from_folder(
            name, folder, task, examples, path
        )
        models.append(telling_of_its_graph(model, notice))
    return models


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
