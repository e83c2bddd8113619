"""Where a fine-tuning with several seeds keeps the run of each."""

import json
import os

from charbert_tf.errors import UserError


def seed_directory(directory: str, seed: int) -> str:
    """Returns the folder of a seed's own run.

    Args:
        directory: the output folder of the fine-tuning.
        seed: the seed.

    Returns:
        The path.

    Example:
        >>> seed_directory("my_cola", 3)
        'my_cola/seed-3'
    """
    return os.path.join(directory, f"seed-{seed}")


def seed_presets(directory: str) -> dict[int, str]:
    """Finds the models of a fine-tuning with several seeds.

    Args:
        directory: its output folder; or any other folder.

    Returns:
        The presets by their seeds; none if the folder is no such output.

    Raises:
        UserError: if a seed is not finished.

    Example:

    ```python
    seed_presets("my_cola")  # {0: "my_cola/seed-0/preset", ...}
    ```
    """
    seeds = _seeds(directory)
    if len(seeds) < 2:
        return {}
    presets = {
        seed: os.path.join(seed_directory(directory, seed), "preset") for seed in seeds
    }
    for preset in presets.values():
        if not os.path.isdir(preset):
            raise UserError(
                "this seed is not finished: start its official.finetune again, which "
                "goes on with it",
                preset,
            )
    return presets


def _seeds(directory: str) -> list[int]:
    try:
        with open(os.path.join(directory, "settings.json"), encoding="utf-8") as file:
            return [int(seed) for seed in json.load(file)["seeds"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
