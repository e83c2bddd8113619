from charbert_tf.families.classification.classification_task import (
    ClassificationTask as ClassificationTask,
)
from charbert_tf.families.classification.text_classifier import (
    TextClassifier as TextClassifier,
)
from charbert_tf.families.classification.text_classifier_preprocessor import (
    TextClassifierPreprocessor as TextClassifierPreprocessor,
)
from charbert_tf.families.fine_tuning_task import FineTuningTask as FineTuningTask
from charbert_tf.families.named_tasks import FAMILIES as FAMILIES
from charbert_tf.families.named_tasks import NAMED_TASKS as NAMED_TASKS
from charbert_tf.families.question_answering.question_answerer import (
    QuestionAnswerer as QuestionAnswerer,
)
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor as QuestionAnswererPreprocessor,
)
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask as QuestionAnsweringTask,
)
from charbert_tf.families.seed_scores import SeedScores as SeedScores
from charbert_tf.families.tagging.tagging_task import TaggingTask as TaggingTask
from charbert_tf.families.tagging.token_classifier import (
    TokenClassifier as TokenClassifier,
)
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor as TokenClassifierPreprocessor,
)
