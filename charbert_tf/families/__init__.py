"""Families of tasks, each a room of its own, and what there is of each by name."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
