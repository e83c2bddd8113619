from charbert_tf.training.dev_evaluation import DevEvaluation as DevEvaluation
from charbert_tf.training.distribution import building_scope as building_scope
from charbert_tf.training.distribution import input_context as input_context
from charbert_tf.training.distribution import is_chief as is_chief
from charbert_tf.training.distribution import make_strategy as make_strategy
from charbert_tf.training.objective import CrossEntropy as CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW as GroupedAdamW
from charbert_tf.training.optimizer import (
    WarmupLinearDecay as WarmupLinearDecay,
)
from charbert_tf.training.progress import Progress as Progress
from charbert_tf.training.trainer import Trainer as Trainer
from charbert_tf.training.trainer import (
    TrainingTerminatedError as TrainingTerminatedError,
)
from charbert_tf.training.training_run import TrainingRun as TrainingRun
