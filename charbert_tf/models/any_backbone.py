"""AnyBackbone: what keras-hub is told that these tasks and preprocessors belong to."""

import keras

_PACKAGE = "charbert_tf>"


class _EqualsEveryBackbone(type):
    def __eq__(cls, other: object) -> bool:
        return other is cls or (
            isinstance(other, type)
            and keras.saving.get_registered_name(other).startswith(_PACKAGE)
        )

    __hash__ = type.__hash__


class AnyBackbone(metaclass=_EqualsEveryBackbone):
    """Equal to each backbone class that this library registers with Keras.

    keras-hub's doors, such as `keras_hub.models.TextClassifier.from_preset`, look for
    the subclass whose `backbone_cls` is that of the preset, and a class of keras-hub's
    own has one. Here a head or a preprocessor serves all backbones, so its
    `backbone_cls` is equal to the class of any; not to keras-hub's own, whose presets
    its doors open with its own classes.

    Example:

    ```python
    class MyHead(EncoderTask, keras_hub.models.TextClassifier):
        backbone_cls = AnyBackbone
    ```
    """
