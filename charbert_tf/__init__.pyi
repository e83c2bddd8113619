from charbert_tf import analysis as analysis
from charbert_tf import attacks as attacks
from charbert_tf import checkpoints as checkpoints
from charbert_tf import corpus as corpus
from charbert_tf import encoders as encoders
from charbert_tf import export as export
from charbert_tf import families as families
from charbert_tf import files as files
from charbert_tf import models as models
from charbert_tf import noise as noise
from charbert_tf import pretraining as pretraining
from charbert_tf import recipes as recipes
from charbert_tf import robustness as robustness
from charbert_tf import text as text
from charbert_tf import training as training
from charbert_tf import vocabularies as vocabularies
from charbert_tf import word_recognition as word_recognition
from charbert_tf.encoders.bert.bert_encoder import BertEncoder as BertEncoder
from charbert_tf.encoders.distilbert.distilbert_encoder import (
    DistilBertEncoder as DistilBertEncoder,
)
from charbert_tf.encoders.electra.electra_encoder import (
    ElectraEncoder as ElectraEncoder,
)
from charbert_tf.encoders.roberta.roberta_encoder import (
    RobertaEncoder as RobertaEncoder,
)
from charbert_tf.families.classification.text_classifier import (
    TextClassifier as TextClassifier,
)
from charbert_tf.families.classification.text_classifier_preprocessor import (
    TextClassifierPreprocessor as TextClassifierPreprocessor,
)
from charbert_tf.families.embedding.sentence_embedder import (
    SentenceEmbedder as SentenceEmbedder,
)
from charbert_tf.families.embedding.sentence_embedder_preprocessor import (
    SentenceEmbedderPreprocessor as SentenceEmbedderPreprocessor,
)
from charbert_tf.families.question_answering.question_answerer import (
    QuestionAnswerer as QuestionAnswerer,
)
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor as QuestionAnswererPreprocessor,
)
from charbert_tf.families.tagging.token_classifier import (
    TokenClassifier as TokenClassifier,
)
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor as TokenClassifierPreprocessor,
)
from charbert_tf.models.char_encoder import CharEncoder as CharEncoder
from charbert_tf.models.charbert_backbone import CharBertBackbone as CharBertBackbone
from charbert_tf.models.heterogeneous_interaction import (
    HeterogeneousInteraction as HeterogeneousInteraction,
)
from charbert_tf.models.pretrainer import Pretrainer as Pretrainer
from charbert_tf.models.pretrainer_preprocessor import (
    PretrainerPreprocessor as PretrainerPreprocessor,
)
from charbert_tf.noise.training_noise import TrainingNoise as TrainingNoise
from charbert_tf.quiet_tensorflow import QuietTensorFlow as QuietTensorFlow
from charbert_tf.recipes.analysis_recipe import analyze as analyze
from charbert_tf.recipes.evaluation_recipe import evaluate as evaluate
from charbert_tf.recipes.finetuning_recipe import finetune as finetune
from charbert_tf.recipes.pretraining_recipe import pretrain as pretrain
from charbert_tf.recipes.robustness_recipe import (
    measure_robustness as measure_robustness,
)
from charbert_tf.recipes.vocabulary_recipe import build_vocabulary as build_vocabulary
from charbert_tf.recipes.word_recognizer_recipe import (
    train_word_recognizer as train_word_recognizer,
)
from charbert_tf.recipes.worst_typos_recipe import find_worst_typos as find_worst_typos
from charbert_tf.text.bert_tokenizer import BertTokenizer as BertTokenizer
from charbert_tf.word_recognition.word_corrector import WordCorrector as WordCorrector
from charbert_tf.word_recognition.word_recognizer import (
    WordRecognizer as WordRecognizer,
)
