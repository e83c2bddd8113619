from charbert_tf.robustness.adversary import Adversary as Adversary
from charbert_tf.robustness.evaluated_model import EvaluatedModel as EvaluatedModel
from charbert_tf.robustness.losses import ModelLoss as ModelLoss
from charbert_tf.robustness.losses import PredictionLoss as PredictionLoss
from charbert_tf.robustness.losses import ProbabilityLoss as ProbabilityLoss
from charbert_tf.robustness.robustness_evaluation import (
    RobustnessEvaluation as RobustnessEvaluation,
)
from charbert_tf.robustness.robustness_report import write_report as write_report
from charbert_tf.robustness.robustness_result import (
    RobustnessResult as RobustnessResult,
)
