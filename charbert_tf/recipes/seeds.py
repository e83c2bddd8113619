"""The rule of several seeds."""

from collections.abc import Sequence

from charbert_tf.recipes.settings import Rule


def _are_seeds(seeds: Sequence[int | str]) -> bool:
    numbers = {int(seed) for seed in map(str, seeds) if seed.isdecimal()}
    return 0 < len(seeds) == len(numbers) and max(numbers) < 1_000_000_000


SEEDS_RULE = Rule(
    ["seeds"],
    lambda values: _are_seeds(values["seeds"]),
    "must be different whole numbers of up to nine digits",
)
"""For a recipe that does its work once for each of its seeds."""
