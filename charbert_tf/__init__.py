"""CharBERT for TensorFlow and Keras: encoders that see inside words.

The names below are the library's public door; each lives in the module named after it.
"""

from charbert_tf.layers.char_encoder import CharEncoder
from charbert_tf.layers.heterogeneous_interaction import HeterogeneousInteraction
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.text_classifier import TextClassifier
from charbert_tf.models.token_classifier import TokenClassifier
from charbert_tf.preprocessing.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.preprocessing.text_classifier_preprocessor import (
    TextClassifierPreprocessor,
)
from charbert_tf.preprocessing.token_classifier_preprocessor import (
    TokenClassifierPreprocessor,
)

__all__ = [
    "CharBertBackbone",
    "CharEncoder",
    "HeterogeneousInteraction",
    "Pretrainer",
    "PretrainerPreprocessor",
    "TextClassifier",
    "TextClassifierPreprocessor",
    "TokenClassifier",
    "TokenClassifierPreprocessor",
]
