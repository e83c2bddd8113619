"""Files: errors that name them, text files, atomic output, the folder of a run."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
