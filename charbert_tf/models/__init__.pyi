from charbert_tf.models.char_encoder import CharEncoder as CharEncoder
from charbert_tf.models.charbert_backbone import CharBertBackbone as CharBertBackbone
from charbert_tf.models.charbert_backbone import plain_encoder as plain_encoder
from charbert_tf.models.encoder_task import EncoderTask as EncoderTask
from charbert_tf.models.encoder_task import token_representation as token_representation
from charbert_tf.models.heterogeneous_interaction import (
    HeterogeneousInteraction as HeterogeneousInteraction,
)
from charbert_tf.models.model_folder import check_labels as check_labels
from charbert_tf.models.model_folder import load_encoder as load_encoder
from charbert_tf.models.model_folder import load_head as load_head
from charbert_tf.models.model_folder import load_model_tokenizer as load_model_tokenizer
from charbert_tf.models.model_folder import load_one_of as load_one_of
from charbert_tf.models.model_folder import reading_model_folder as reading_model_folder
from charbert_tf.models.pretrainer import Pretrainer as Pretrainer
from charbert_tf.models.pretrainer_preprocessor import (
    PretrainerPreprocessor as PretrainerPreprocessor,
)
