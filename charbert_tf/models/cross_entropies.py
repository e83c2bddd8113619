"""loss_on_outputs: cross-entropies that know whether a head returns logits."""

import inspect
from typing import Any

import keras

CROSS_ENTROPIES = {
    keras.losses.binary_crossentropy: keras.losses.BinaryCrossentropy,
    keras.losses.binary_focal_crossentropy: keras.losses.BinaryFocalCrossentropy,
    keras.losses.categorical_crossentropy: keras.losses.CategoricalCrossentropy,
    keras.losses.categorical_focal_crossentropy: (
        keras.losses.CategoricalFocalCrossentropy
    ),
    keras.losses.sparse_categorical_crossentropy: (
        keras.losses.SparseCategoricalCrossentropy
    ),
}
"""Keras's functions, which names stand for too, and the objects that can be told."""

# Keras chooses when it sees labels, and then one of probabilities.
_UNDECIDED = ("crossentropy", "ce")


def loss_on_outputs(loss: Any, from_logits: bool | None) -> Any:
    """Makes the cross-entropies that `compile` is given those of a head's outputs.

    A name or a function says nothing of logits, and Keras takes it for one of
    probabilities: logits below 0 and above 1 would have no gradient.

    Args:
        loss: What `keras.Model.compile` takes: a Keras loss, its name, its class or its
            function, or several of them, by output name or in a list.
        from_logits: bool. Whether the outputs are logits; `None` where that is unknown:
            then objects are what they are told to be, and others of probabilities.

    Returns:
        The same, with an object for each cross-entropy; other losses stay.

    Raises:
        ValueError: If an object is one of what the head does not return, or a name
            leaves open which cross-entropy is meant.

    Example:
        >>> loss_on_outputs("binary_crossentropy", from_logits=True).from_logits
        True
    """
    return keras.tree.map_structure(lambda one: _on_outputs(one, from_logits), loss)


def refuse_other_outputs(entropy: Any, from_logits: bool | None) -> None:
    """Refuses a cross-entropy of probabilities on logits, and the other way round.

    Args:
        entropy: A loss or a metric that knows whether it is `from_logits`.
        from_logits: bool. Whether the outputs are logits; `None` where that is unknown:
            then nothing is refused.

    Raises:
        ValueError: If it is one of what the head does not return.

    Example:
        >>> refuse_other_outputs(keras.losses.BinaryCrossentropy(), from_logits=False)
    """
    if from_logits is None or entropy.from_logits == from_logits:
        return
    outputs = ["probabilities", "logits"]
    raise ValueError(
        f"The head returns {outputs[from_logits]}, and this {type(entropy).__name__} "
        f"takes {outputs[not from_logits]}: make it with from_logits={from_logits}."
    )


def _on_outputs(loss: Any, from_logits: bool | None) -> Any:
    kind = _kind(loss)
    if kind is None:
        return loss
    if not isinstance(loss, kind):
        return kind(from_logits=bool(from_logits))
    refuse_other_outputs(loss, from_logits)
    return loss


def _kind(loss: Any) -> type | None:
    """The class of a cross-entropy, however it was given."""
    if isinstance(loss, str):
        if loss in _UNDECIDED:
            raise ValueError(
                f"The loss {loss!r} may be any cross-entropy: name "
                '"sparse_categorical_crossentropy" for numbers of classes, '
                '"categorical_crossentropy" or "binary_crossentropy" for 1 or 0.'
            )
        loss = keras.losses.get(loss)
    if inspect.isfunction(loss):
        return CROSS_ENTROPIES.get(loss)
    cls = loss if inspect.isclass(loss) else type(loss)
    return cls if issubclass(cls, tuple(CROSS_ENTROPIES.values())) else None
