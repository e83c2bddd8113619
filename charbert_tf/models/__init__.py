"""The backbone and the heads on top of it, or of a plain keras-nlp encoder."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
