"""RobertaEncoder: RoBERTa, and its multilingual form, XLM-R."""

import keras
from keras import ops

from charbert_tf.encoders.bert.bert_encoder import BertEncoder


@keras.saving.register_keras_serializable(package="charbert_tf")
class RobertaEncoder(BertEncoder):
    """A RoBERTa encoder (Liu et al., 2019, https://arxiv.org/abs/1907.11692).

    BERT's layers with two differences: there is one segment, which is no input, and
    positions are counted over the real tokens from the row after the padding's, which
    is row 1. `keras_nlp.models.RobertaBackbone` has neither the unused rows nor the
    segment nor a pooler; here all tensors of a checkpoint have their place.

    Args:
        vocabulary_size: int. Rows of the token embedding.
        num_layers: int. Transformer layers.
        num_heads: int. Attention heads of a layer.
        hidden_dim: int. Size of a token's vector, a multiple of `num_heads`.
        intermediate_dim: int. Size inside the feed-forward blocks.
        num_segments: int. Rows of the segment embedding, of which the first is used.
        layer_norm_epsilon: float. Defaults to 1e-5.
        **kwargs: Other arguments of `BertEncoder`.

    Inputs are `token_ids` and `padding_mask`, int32 `(B, T)`. Outputs are those of
    `BertEncoder`.

    Example:

    ```python
    encoder = charbert_tf.RobertaEncoder(
        vocabulary_size=1000, num_layers=2, num_heads=2, hidden_dim=64,
        intermediate_dim=128,
    )
    outputs = encoder({
        "token_ids": np.array([[0, 17, 2]]), "padding_mask": np.array([[1, 1, 1]])
    })
    ```
    """

    first_position = 2

    _INPUTS = ("token_ids", "padding_mask")

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        intermediate_dim: int,
        num_segments: int = 1,
        layer_norm_epsilon: float = 1e-5,
        **kwargs,
    ):
        super().__init__(
            vocabulary_size,
            num_layers,
            num_heads,
            hidden_dim,
            intermediate_dim,
            num_segments=num_segments,
            layer_norm_epsilon=layer_norm_epsilon,
            **kwargs,
        )

    def _position_ids(self, inputs):
        mask = ops.cast(inputs["padding_mask"], "int32")
        return ops.cumsum(mask, axis=1) * mask + (self.first_position - 1)

    def _segment_ids(self, inputs):
        return ops.zeros_like(inputs["token_ids"])
