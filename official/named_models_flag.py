"""The flag of several models, which tables and charts call by their names."""

import os
import re

from absl import flags

from charbert_tf.files.errors import UserError
from charbert_tf.training.seed_runs import model_folder


def define(what: str) -> flags.FlagHolder[list[str]]:
    """Defines `--models`, for a command that compares models.

    Args:
        what: What the folders hold, for its help.

    Returns:
        The flag.
    """
    holder = flags.DEFINE_list(
        "models",
        None,
        f"Models, NAME=FOLDER or FOLDER: {what} Without a name a model has that of its "
        "folder.",
        required=True,
    )
    flags.register_validator(holder, bool, "must name a model")
    return holder


def folders_by_name(values: list[str]) -> dict[str, str]:
    """Returns the folders that the flag names, by the models' names.

    Args:
        values: What the flag says.

    Raises:
        UserError: If two models have the same name.
    """
    pairs = [_name_and_folder(value) for value in values]
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


def models_by_name(values: list[str]) -> dict[str, str]:
    """Returns the folders of the models, by the models' names.

    Of a fine-tuning with one seed this is the preset in its output folder.

    Args:
        values: What the flag says.

    Raises:
        UserError: If two models have the same name, a seed is not finished, or a folder
            has the models of several seeds.
    """
    return {
        name: model_folder(folder) for name, folder in folders_by_name(values).items()
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
