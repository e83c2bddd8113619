"""What the commands do, as functions: pretrain, fine-tune, score, analyse."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
