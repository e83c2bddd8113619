"""Models that are on disk already: presets, Hugging Face's and the authors' folders."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
