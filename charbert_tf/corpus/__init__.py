"""From text of any size to blocks that pretraining reads, with Apache Beam."""

from charbert_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
