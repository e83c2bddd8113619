"""The flag of several models, which tables and charts call by their names."""

from absl import flags


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
