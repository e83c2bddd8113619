"""Layers whose outputs were computed before their model is called."""

import contextlib
import threading
from collections.abc import Iterator

import keras
import tensorflow as tf

_state = threading.local()


@contextlib.contextmanager
def computed_ahead(layer: keras.layers.Layer, outputs: tf.Tensor) -> Iterator[None]:
    """Lets a layer's calls inside give what has been computed for them.

    So a part of a model can stay out of a function that XLA compiles. It holds for the
    thread that enters it.

    Args:
        layer: A layer that asks `output_ahead`.
        outputs: What its call would return.

    Yields:
        Nothing.

    Example:

    ```python
    vectors = backbone.char_encoder(**characters)
    with computed_ahead(backbone.char_encoder, vectors):
        outputs = backbone(features)
    ```
    """
    before = getattr(_state, "outputs", {})
    _state.outputs = before | {id(layer): outputs}
    try:
        yield
    finally:
        _state.outputs = before


def output_ahead(layer: keras.layers.Layer) -> tf.Tensor | None:
    """What was computed for a layer.

    Args:
        layer: The layer that is called.

    Returns:
        Its outputs, or `None`.
    """
    return getattr(_state, "outputs", {}).get(id(layer))
