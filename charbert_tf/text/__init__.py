"""From text to subwords and characters, inside the graph: words, tokenizers, noise."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
