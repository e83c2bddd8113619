"""The private parts of TensorFlow, Keras and keras-hub that are used, all of them.

Private parts may change with any release. Whoever upgrades one of `TESTED_WITH` runs
tests/third_party_internals_test.py first: it says which of them has changed.
"""

import contextlib
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import keras
    import keras_hub

TESTED_WITH = {"keras": "3.15.1", "keras-hub": "0.32.0", "tensorflow": "2.21.0"}
"""The versions that the tests last passed with."""

REGISTERED_OBJECTS = ("keras.src.saving.object_registration", "GLOBAL_CUSTOM_OBJECTS")
"""The module and the name of Keras's dictionary of registered classes and functions."""

_PRESET_UTILS = "keras_hub.src.utils.preset_utils"
_BACKEND_UTILS = "keras.src.utils.backend_utils"
_SERIALIZATION = "keras.src.saving.serialization_lib"
_TENSORFLOW_CONFIG = "tensorflow.python.framework.config"


class TransformerParts(NamedTuple):
    """The layers inside a `keras_hub.layers.TransformerEncoder`.

    Attributes:
        attention: Its `keras.layers.MultiHeadAttention`.
        shares_dropout: The dropout of that one's softmax.
        attention_dropout: The dropout of what it returns.
        attention_layer_norm: The layer norm after it.
        intermediate_dense: The first dense layer of the feed-forward block.
        output_dense: The second.
        output_dropout: The dropout after it.
        layer_norm: The layer norm after that.
    """

    attention: "keras.layers.MultiHeadAttention"
    shares_dropout: "keras.layers.Dropout"
    attention_dropout: "keras.layers.Dropout"
    attention_layer_norm: "keras.layers.LayerNormalization"
    intermediate_dense: "keras.layers.Dense"
    output_dense: "keras.layers.Dense"
    output_dropout: "keras.layers.Dropout"
    layer_norm: "keras.layers.LayerNormalization"


class HeadParts(NamedTuple):
    """What a `keras_hub.layers.MaskedLMHead` is made of.

    Attributes:
        dense: Its dense layer.
        layer_norm: Its layer norm.
        bias: The output's bias.
        kernel: The output's matrix; `None` if it is the token embedding's.
    """

    dense: "keras.layers.Dense"
    layer_norm: "keras.layers.LayerNormalization"
    bias: "keras.Variable"
    kernel: "keras.Variable | None"


def preset_loader(preset: str) -> Any:
    """Returns keras-hub's loader of a preset.

    Args:
        preset: The preset's folder or name.

    Returns:
        The loader, with `load_task`, `load_backbone`, `load_preprocessor`,
        `load_tokenizer` and `check_backbone_class`.

    Raises:
        ValueError: If it is no preset.

    Example:

    ```python
    tokenizer = preset_loader("my_run/preset").load_tokenizer(
        keras_hub.models.Tokenizer
    )
    ```
    """
    return _preset_utils().get_preset_loader(preset)


def is_keras_preset(loader: Any) -> bool:
    """Tells whether a preset is in keras-hub's own format.

    Args:
        loader: What `preset_loader` returned.

    Returns:
        Whether it is, not one of another library's that keras-hub converts.
    """
    return isinstance(loader, _preset_utils().KerasPresetLoader)


def saved_dtype(preset: str) -> "keras.DTypePolicy | None":
    """Returns the policy of the backbone that a preset holds.

    Args:
        preset: The preset's folder or name.

    Returns:
        The policy, which for a quantised model is a map of its layers; `None` if the
        preset is another library's.
    """
    loader = preset_loader(preset)
    if not is_keras_preset(loader):
        return None
    keras = importlib.import_module("keras")
    return keras.dtype_policies.get(loader.config["config"].get("dtype"))


def in_grain_pipeline() -> bool:
    """Tells whether this runs inside of a pipeline of the package grain.

    Returns:
        Whether it does; its elements have to be NumPy's arrays.
    """
    return importlib.import_module(_BACKEND_UTILS).in_grain_data_pipeline()


def in_safe_mode() -> bool:
    """Tells whether Keras makes objects of a file that may be anybody's.

    Returns:
        Whether it does; then no other file is opened for them.
    """
    return bool(importlib.import_module(_SERIALIZATION).in_safe_mode())


@contextlib.contextmanager
def deterministic_operations() -> Iterator[None]:
    """Turns TensorFlow's deterministic operations on.

    TensorFlow can only turn them on. They forbid random operations without a seed, and
    Keras compiles nothing with XLA while they are on, so they must not outlast a run.

    Yields:
        Nothing; they are then what they were.
    """
    config = importlib.import_module(_TENSORFLOW_CONFIG)
    if config.is_op_determinism_enabled():
        yield
        return
    config.enable_op_determinism()
    try:
        yield
    finally:
        config.disable_op_determinism()


def keep_gradients_of_devices(optimizer: "keras.optimizers.Optimizer") -> None:
    """Keeps an optimizer from summing over the devices gradients that are summed.

    Args:
        optimizer: An optimizer that is applied in a strategy's replicas.
    """
    optimizer._all_reduce_sum_gradients = lambda gradients: gradients


def transformer_parts(layer: "keras_hub.layers.TransformerEncoder") -> TransformerParts:
    """Returns the layers inside a transformer layer.

    Args:
        layer: The layer, built.
    """
    return TransformerParts(
        layer._self_attention_layer,
        layer._self_attention_layer._dropout_layer,
        layer._self_attention_dropout,
        layer._self_attention_layer_norm,
        layer._feedforward_intermediate_dense,
        layer._feedforward_output_dense,
        layer._feedforward_dropout,
        layer._feedforward_layer_norm,
    )


def head_parts(head: "keras_hub.layers.MaskedLMHead") -> HeadParts:
    """Returns what a language model's head is made of.

    Args:
        head: The head, built.
    """
    return HeadParts(
        head._intermediate_dense,
        head._intermediate_layer_norm,
        head._bias,
        getattr(head, "_kernel", None),
    )


def _preset_utils():
    # Not imported above: `import charbert_tf` reads this file, and imports no Keras.
    return importlib.import_module(_PRESET_UTILS)
