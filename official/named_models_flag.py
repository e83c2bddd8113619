"""The flag of several models, which tables and charts call by their names."""

from absl import flags

from charbert_tf.recipes.scoring_setup import MODELS_RULE
from official import command


def define(what: str) -> flags.FlagHolder[list[str]]:
    """Defines `--models`, for a command that compares models.

    Args:
        what: What the folders hold, for its help.

    Returns:
        The flag, which keeps `MODELS_RULE`.
    """
    holder = flags.DEFINE_list(
        "models",
        None,
        f"Models, NAME=FOLDER or FOLDER: {what} Without a name a model has that of its "
        "folder.",
        required=True,
    )
    command.keep_rules([MODELS_RULE])
    return holder
