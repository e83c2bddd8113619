"""TensorFloat-32: whether a GPU rounds the factors of float32 products."""

import os

import tensorflow as tf

_OVERRIDE = "NVIDIA_TF32_OVERRIDE"


def tensor_float_32_note() -> str:
    """Says that TensorFloat-32 is on, and how to turn it off, for checks of parity.

    GPUs from NVIDIA's Ampere on round the factors of float32 products to 10 bits,
    which is fast and good enough to train, and moves a model's outputs by some 1e-3.

    Returns:
        A clause, or the empty string where float32 is what it is called.

    Example:

    ```python
    print(f"largest difference {difference:.1e}{tensor_float_32_note()}")
    ```
    """
    if not tf.config.list_logical_devices("GPU") or os.environ.get(_OVERRIDE) == "0":
        return ""
    if not tf.config.experimental.tensor_float_32_execution_enabled():
        return ""
    return (
        f" (TensorFloat-32 is on, which alone makes some 1e-3: turn it off with "
        f"{_OVERRIDE}=0 in the environment)"
    )
