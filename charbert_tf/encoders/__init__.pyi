from charbert_tf.encoders.bert.bert_encoder import BertEncoder as BertEncoder
from charbert_tf.encoders.distilbert.distilbert_encoder import (
    DistilBertEncoder as DistilBertEncoder,
)
from charbert_tf.encoders.electra.electra_encoder import (
    ElectraEncoder as ElectraEncoder,
)
from charbert_tf.encoders.encoder_contract import Encoder as Encoder
from charbert_tf.encoders.encoder_kind import EncoderKind as EncoderKind
from charbert_tf.encoders.huggingface_folder import (
    HuggingFaceFolder as HuggingFaceFolder,
)
from charbert_tf.encoders.named_encoders import ENCODERS as ENCODERS
from charbert_tf.encoders.roberta.roberta_encoder import (
    RobertaEncoder as RobertaEncoder,
)
from charbert_tf.encoders.transformer_encoder import (
    TransformerEncoder as TransformerEncoder,
)
