"""The baseline that corrects words before a model sees them (Pruthi et al., 2019)."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
