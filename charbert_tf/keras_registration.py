"""Keras finds the library's classes by their registered names, imported or not.

A saved model or preset names its classes as `charbert_tf>TextClassifier`, and Keras
opens it only if that class is registered, that is imported. With `import charbert_tf`
none is; and keras-hub's doors, such as `keras_hub.models.Backbone.from_preset`, know of
no module to import. So Keras's dictionary of registered classes becomes one that
imports them all when the first name of this library is looked up: also the heads that
keras-hub searches for among the subclasses of its own are there then.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

from charbert_tf.encoders.named_encoders import ENCODERS
from charbert_tf.families.named_heads import HEADS
from charbert_tf.import_hook import around_import
from charbert_tf.third_party_internals import REGISTERED_OBJECTS

_PREFIX = "charbert_tf>"
# Private, but there is no other door.
_MODULE, _DICTIONARY = REGISTERED_OBJECTS

# Faces whose names are all the classes that are registered, with what they import.
_FACES = (
    *("charbert_tf", "charbert_tf.encoders", "charbert_tf.families"),
    *("charbert_tf.models", "charbert_tf.training"),
)


def register_lazily() -> None:
    """Makes Keras import the library's classes when it looks for one of them.

    Keras itself is not imported: if it is not there yet, it is waited for.
    """
    if _MODULE in sys.modules:
        _replace_dictionary(sys.modules[_MODULE])
    else:
        around_import(_MODULE, _with_own_dictionary)


class _RegisteredObjects(dict):
    """Keras's registered classes and functions by name."""

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str) and name.startswith(_PREFIX):
            import_registered_classes()
        return super().__contains__(name)

    def __setitem__(self, name: str, thing: object) -> None:
        if name.startswith(_PREFIX):
            _require_tensorflow()
        super().__setitem__(name, thing)


@contextlib.contextmanager
def _with_own_dictionary(module: ModuleType) -> Iterator[None]:
    yield
    _replace_dictionary(module)


def _replace_dictionary(module: ModuleType) -> None:
    setattr(module, _DICTIONARY, _RegisteredObjects(getattr(module, _DICTIONARY)))


def _require_tensorflow() -> None:
    """Refuses another backend where the first class is defined, not deep in a layer."""
    backend = importlib.import_module("keras").config.backend()
    if backend != "tensorflow":
        raise ImportError(
            f"charbert_tf is built on TensorFlow, and Keras's backend is {backend}: "
            "set KERAS_BACKEND=tensorflow before Keras is imported."
        )


def import_registered_classes() -> None:
    """Imports all modules of the library that register something with Keras."""
    for face in _FACES:
        module = importlib.import_module(face)
        for name in module.__all__:
            getattr(module, name)
    # A new kind of encoder or a new head need not be in a face.
    for registry in (ENCODERS, HEADS):
        list(registry.values())
