"""make_noise: what a recipe's settings say of noise in training."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from charbert_tf.files.errors import UserError
from charbert_tf.recipes.settings import Rule

if TYPE_CHECKING:
    from charbert_tf.noise.training_noise import TrainingNoise

NOISE_RULES = (
    Rule(
        ["noise_rate", "noise_attacks", "clean_share"],
        lambda v: (
            v["noise_rate"] is not None
            or (v["noise_attacks"] is None and v["clean_share"] is None)
        ),
        "--noise_attacks and --clean_share need --noise_rate",
    ),
)
"""What must hold between the settings."""

_NUMBER = r"(\d+\.?\d*|\.\d+)"
_RANGE = re.compile(f"{_NUMBER}(?:-{_NUMBER})?")


def make_noise(
    rate: str | None, attacks: Sequence[str] | None, clean_share: float | None
) -> "TrainingNoise | None":
    """Makes the noise that settings describe.

    Args:
        rate: a number from 0 to 1, or two with "-" between them.
        attacks: names of attacks; by default the mix.
        clean_share: share of the examples that stay clean; by default none.

    Returns:
        The noise; None without a rate.

    Raises:
        UserError: if the rate is none, or there is no such attack, or training cannot
            take it.

    Example:

    ```python
    make_noise("0.3-1.0", ["mix", "small_letters"], clean_share=0.3)
    ```
    """
    if rate is None:
        return None
    # Not above: it imports TensorFlow, and --help must not.
    from charbert_tf.noise.training_noise import TrainingNoise

    return TrainingNoise(_parsed(rate), attacks or ["mix"], clean_share or 0.0)


def _parsed(rate: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(str(rate))
    if match:
        lowest, highest = float(match[1]), float(match[2] or match[1])
        if lowest <= highest <= 1:
            return lowest, highest
    raise UserError(
        f"--noise_rate={rate}: give a number from 0 to 1, or a lower and a higher one "
        "with '-' between, such as 0.3-1.0"
    )
