"""The flag of several seeds."""

from absl import flags


def define(what: str) -> flags.FlagHolder[list[str]]:
    """Defines `--seeds`, for a command that does its work once for each.

    Args:
        what: What depends on them, for its help.

    Returns:
        The flag; `SEEDS_RULE` is among the rules of the command's recipe.
    """
    return flags.DEFINE_list("seeds", ["0"], what)


def given(settings: dict[str, object]) -> dict[str, object]:
    """Returns settings with the seeds as numbers, if they are among them.

    Args:
        settings: As `command.given` returns them.
    """
    if "seeds" not in settings:
        return settings
    return settings | {"seeds": [int(seed) for seed in settings["seeds"]]}
