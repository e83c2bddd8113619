"""CharBERT for TensorFlow and Keras: encoders that see inside words.

The names of this package and of its parts are the library's public door. Each lives in
the module that `__init__.pyi` tells, and is imported when it is first asked for: until
then neither TensorFlow nor Keras is.
"""

from charbert_tf.keras_registration import register_lazily
from charbert_tf.lazy_names import lazy_names

__version__ = "0.1.0"

register_lazily()

__getattr__, __dir__, __all__ = lazy_names(__name__)
