from charbert_tf.families.classification.classification_task import (
    ClassificationTask as ClassificationTask,
)
from charbert_tf.families.classification.labelled_text import (
    LabelledText as LabelledText,
)
from charbert_tf.families.classification.multi_label_task import (
    MultiLabelTask as MultiLabelTask,
)
from charbert_tf.families.classification.regression_task import (
    RegressionTask as RegressionTask,
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
from charbert_tf.families.example import Example as Example
from charbert_tf.families.family import Family as Family
from charbert_tf.families.family_head import FamilyHead as FamilyHead
from charbert_tf.families.metric import Metric as Metric
from charbert_tf.families.metric import ratios as ratios
from charbert_tf.families.named_heads import HEADS as HEADS
from charbert_tf.families.named_heads import SIGNATURES as SIGNATURES
from charbert_tf.families.named_tasks import DATA_SETS as DATA_SETS
from charbert_tf.families.named_tasks import FAMILIES as FAMILIES
from charbert_tf.families.named_tasks import HyperParameters as HyperParameters
from charbert_tf.families.named_tasks import NamedTask as NamedTask
from charbert_tf.families.named_tasks import OptionUse as OptionUse
from charbert_tf.families.named_tasks import TaskOption as TaskOption
from charbert_tf.families.named_tasks import find_metric as find_metric
from charbert_tf.families.named_tasks import find_task as find_task
from charbert_tf.families.predicted_texts import PredictedLabel as PredictedLabel
from charbert_tf.families.predicted_texts import PredictedLabels as PredictedLabels
from charbert_tf.families.predicted_texts import PredictedScore as PredictedScore
from charbert_tf.families.question_answering.answer_spans import (
    FoundAnswer as FoundAnswer,
)
from charbert_tf.families.question_answering.question_answerer import (
    QuestionAnswerer as QuestionAnswerer,
)
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor as QuestionAnswererPreprocessor,
)
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask as QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer as Answer
from charbert_tf.families.question_answering.questions import (
    PredictedAnswer as PredictedAnswer,
)
from charbert_tf.families.question_answering.questions import Question as Question
from charbert_tf.families.score_tables import SeedScores as SeedScores
from charbert_tf.families.serving_signature import ServingSignature as ServingSignature
from charbert_tf.families.tagging.signature import Entity as Entity
from charbert_tf.families.tagging.signature import TaggedText as TaggedText
from charbert_tf.families.tagging.tagged_sentence import (
    TaggedSentence as TaggedSentence,
)
from charbert_tf.families.tagging.tagging_task import TaggingTask as TaggingTask
from charbert_tf.families.tagging.token_classifier import (
    TokenClassifier as TokenClassifier,
)
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor as TokenClassifierPreprocessor,
)
