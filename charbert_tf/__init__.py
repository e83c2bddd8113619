"""CharBERT for TensorFlow and Keras: encoders that see inside words.

The names below are the library's public door; each lives in the module named after it.
"""

from charbert_tf import checkpoints
from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.classification.text_classifier_preprocessor import (
    TextClassifierPreprocessor,
)
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor,
)
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor,
)
from charbert_tf.models.char_encoder import CharEncoder
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.heterogeneous_interaction import HeterogeneousInteraction
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.word_recognition.word_corrector import WordCorrector
from charbert_tf.word_recognition.word_recognizer import WordRecognizer

__all__ = [
    "BertEncoder",
    "CharBertBackbone",
    "CharEncoder",
    "HeterogeneousInteraction",
    "Pretrainer",
    "PretrainerPreprocessor",
    "QuestionAnswerer",
    "QuestionAnswererPreprocessor",
    "RobertaEncoder",
    "TextClassifier",
    "TextClassifierPreprocessor",
    "TokenClassifier",
    "TokenClassifierPreprocessor",
    "WordCorrector",
    "WordRecognizer",
    "checkpoints",
]
