from charbert_tf.pretraining.char_encoder_warm_start import (
    CharEncoderWarmStart as CharEncoderWarmStart,
)
from charbert_tf.pretraining.held_out_evaluation import (
    HeldOutEvaluation as HeldOutEvaluation,
)
from charbert_tf.pretraining.initial_pretrainer import (
    InitialPretrainer as InitialPretrainer,
)
from charbert_tf.pretraining.pretraining_text import PretrainingText as PretrainingText
