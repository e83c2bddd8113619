from charbert_tf.encoders.bert.bert_encoder import BertEncoder as BertEncoder
from charbert_tf.encoders.huggingface_folder import (
    HuggingFaceFolder as HuggingFaceFolder,
)
from charbert_tf.encoders.roberta.roberta_encoder import (
    RobertaEncoder as RobertaEncoder,
)
from charbert_tf.encoders.transformer_encoder import (
    TransformerEncoder as TransformerEncoder,
)
