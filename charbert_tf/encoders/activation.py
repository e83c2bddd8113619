"""The activations of encoders, by the names that their configurations give them."""

from collections.abc import Callable

import keras


@keras.saving.register_keras_serializable(package="charbert_tf")
def gelu_new(x: keras.KerasTensor) -> keras.KerasTensor:
    """Approximates GELU with tanh, as GPT-2 and keras-nlp's BERT do.

    Args:
        x: float tensor.

    Returns:
        float tensor of the same shape.
    """
    return keras.activations.gelu(x, approximate=True)


# Hugging Face's names; "gelu_pytorch_tanh" and "gelu_new" are one formula.
_ACTIVATIONS = {
    "gelu": keras.activations.gelu,
    "gelu_new": gelu_new,
    "gelu_pytorch_tanh": gelu_new,
    "relu": keras.activations.relu,
    "silu": keras.activations.silu,
    "swish": keras.activations.silu,
    "tanh": keras.activations.tanh,
}


def get_activation(name: str) -> Callable:
    """Returns the activation of a name in `config.json`'s `hidden_act`.

    Args:
        name: string, one of Hugging Face's names.

    Raises:
        ValueError: If the name is unknown.

    Example:

    ```python
    get_activation("gelu")(np.array([1.0]))  # exactly: x times Gauss's integral
    ```
    """
    if name not in _ACTIVATIONS:
        raise ValueError(
            f"`activation` must be one of {', '.join(_ACTIVATIONS)}, got {name!r}."
        )
    return _ACTIVATIONS[name]
