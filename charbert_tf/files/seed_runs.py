"""Where a fine-tuning keeps its model, or with several seeds the run of each."""

import os

from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import PRESET, read_run_settings


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
    return {seed: _preset(seed_directory(directory, seed)) for seed in seeds}


def preset_of_run(directory: str) -> str:
    """Finds the model of a fine-tuning with one seed.

    Args:
        directory: its output folder; or any other folder.

    Returns:
        The preset; the folder itself if it is no such output.

    Raises:
        UserError: if the seed is not finished, or there are several.

    Example:

    ```python
    preset_of_run("my_tagger")  # "my_tagger/preset"
    ```
    """
    seeds = _seeds(directory)
    if len(seeds) > 1:
        raise UserError(
            f"holds the models of {len(seeds)} seeds: name one of them, such as "
            f"{seed_directory(directory, seeds[0])}",
            directory,
        )
    return _preset(directory) if seeds else directory


def refuse_run_of_one_seed(directory: str) -> None:
    """Refuses the folder of one seed to a fine-tuning with several.

    Args:
        directory: the output folder of the fine-tuning.

    Raises:
        UserError: if it is that of a fine-tuning with one seed.

    Example:
        >>> refuse_run_of_one_seed("my_cola")
    """
    seeds = _seeds(directory)
    if len(seeds) == 1:
        raise UserError(
            f"holds the run of the single seed {seeds[0]}, and several have a folder "
            "of another layout: choose another --output, and train this seed there too",
            directory,
        )


def _preset(directory: str) -> str:
    preset = os.path.join(directory, PRESET)
    if not os.path.isdir(preset):
        raise UserError(
            "this seed is not finished: start its official.finetune again, which goes "
            "on with it",
            preset,
        )
    return preset


def _seeds(directory: str) -> list[int]:
    try:
        return [int(seed) for seed in read_run_settings(directory)["seeds"]]
    # What others call settings.json is no run's.
    except (FileNotFoundError, UserError, ValueError, TypeError, KeyError):
        return []
