"""MLM and NLM: the batches, the start from an encoder, the warm start."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
