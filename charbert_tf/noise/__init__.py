"""Noise in fine-tuning: the edits of the attacks, in the graph, drawn anew."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
