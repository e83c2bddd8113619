"""What a graph is for, and what was computed before it."""

import contextlib
import threading
from collections.abc import Iterator

import keras
import tensorflow as tf

_state = threading.local()


@contextlib.contextmanager
def local_graph(jit_compile: bool = False) -> Iterator[None]:
    """Says that what is computed inside runs in this process, and is never saved.

    Only there may a layer use operations that one kind of device alone has, such as
    cuDNN's. Everywhere else, wherever it is traced, a graph may be exported and loaded
    by a machine with other devices. It holds for the thread that enters it, so a
    function that a distribution strategy runs enters it itself.

    Args:
        jit_compile: bool. Whether XLA compiles what is inside.

    Yields:
        Nothing.

    Example:

    ```python
    @tf.function
    def step(features):
        with local_graph():
            return model(features, training=True)
    ```
    """
    before = getattr(_state, "purpose", None)
    _state.purpose = "XLA" if jit_compile else "TensorFlow"
    try:
        yield
    finally:
        _state.purpose = before


def may_use_cudnn() -> bool:
    """Whether what is computed now runs on GPUs, in this process and nowhere else.

    Returns:
        Whether it does.
    """
    if getattr(_state, "purpose", None) != "TensorFlow":
        return False
    replica = tf.distribute.get_replica_context()
    if not tf.distribute.has_strategy():
        return bool(tf.config.list_logical_devices("GPU"))
    if replica is None:
        return False
    # This process's devices: a replica's own are counted over those of all workers.
    devices = replica.strategy.extended.worker_devices
    return all("GPU" in device for device in devices)


def is_compiled() -> bool:
    """Whether XLA compiles what is computed now, which makes many small steps one.

    Returns:
        Whether it does.
    """
    return getattr(_state, "purpose", None) == "XLA"


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
