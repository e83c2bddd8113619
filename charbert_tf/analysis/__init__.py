"""The analyses of section 6: segmentation, whole and split words, sensitivity."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
