from charbert_tf.recipes.analysis_recipe import AnalysisResult as AnalysisResult
from charbert_tf.recipes.analysis_recipe import AnalysisSettings as AnalysisSettings
from charbert_tf.recipes.analysis_recipe import analyze as analyze
from charbert_tf.recipes.evaluation_recipe import EvaluationResult as EvaluationResult
from charbert_tf.recipes.evaluation_recipe import (
    EvaluationSettings as EvaluationSettings,
)
from charbert_tf.recipes.evaluation_recipe import evaluate as evaluate
from charbert_tf.recipes.finetuning_recipe import FinetunedSeed as FinetunedSeed
from charbert_tf.recipes.finetuning_recipe import FinetuningResult as FinetuningResult
from charbert_tf.recipes.finetuning_recipe import (
    FinetuningSettings as FinetuningSettings,
)
from charbert_tf.recipes.finetuning_recipe import finetune as finetune
from charbert_tf.recipes.notices import load_tensorflow as load_tensorflow
from charbert_tf.recipes.notices import print_aside as print_aside
from charbert_tf.recipes.notices import print_notice as print_notice
from charbert_tf.recipes.notices import tell_device as tell_device
from charbert_tf.recipes.pretraining_recipe import (
    PretrainingResult as PretrainingResult,
)
from charbert_tf.recipes.pretraining_recipe import pretrain as pretrain
from charbert_tf.recipes.pretraining_settings import (
    PretrainingSettings as PretrainingSettings,
)
from charbert_tf.recipes.robustness_recipe import (
    RobustnessSettings as RobustnessSettings,
)
from charbert_tf.recipes.robustness_recipe import (
    measure_robustness as measure_robustness,
)
from charbert_tf.recipes.task_data import TaskData as TaskData
from charbert_tf.recipes.training_setup import TrainingSetup as TrainingSetup
from charbert_tf.recipes.vocabulary_recipe import (
    VocabularySettings as VocabularySettings,
)
from charbert_tf.recipes.vocabulary_recipe import build_vocabulary as build_vocabulary
from charbert_tf.recipes.word_recognizer_recipe import (
    WordRecognizerResult as WordRecognizerResult,
)
from charbert_tf.recipes.word_recognizer_recipe import (
    WordRecognizerSettings as WordRecognizerSettings,
)
from charbert_tf.recipes.word_recognizer_recipe import (
    train_word_recognizer as train_word_recognizer,
)
from charbert_tf.recipes.worst_typos_recipe import WorstTypos as WorstTypos
from charbert_tf.recipes.worst_typos_recipe import WorstTyposResult as WorstTyposResult
from charbert_tf.recipes.worst_typos_recipe import (
    WorstTyposSettings as WorstTyposSettings,
)
from charbert_tf.recipes.worst_typos_recipe import find_worst_typos as find_worst_typos
