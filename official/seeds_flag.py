"""The flag of several seeds."""

from absl import flags


def define(what: str) -> flags.FlagHolder[list[str]]:
    """Defines `--seeds`, for a command that does its work once for each.

    Args:
        what: What depends on them, for its help.

    Returns:
        The flag.
    """
    holder = flags.DEFINE_list("seeds", ["0"], what)
    flags.register_validator(
        holder, _are_seeds, "must be different whole numbers of up to nine digits"
    )
    return holder


def _are_seeds(values) -> bool:
    numbers = {int(value) for value in values if value.isdecimal()}
    return 0 < len(values) == len(numbers) and max(numbers) < 1_000_000_000
