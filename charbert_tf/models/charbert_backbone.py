"""CharBertBackbone: a keras-nlp encoder with a character channel beside it."""

import keras
import keras_nlp
from keras import ops

from charbert_tf.constructor_arguments import constructor_arguments, refuse_unknown
from charbert_tf.encoders.encoder_contract import (
    Encoder,
    check_encoder,
    embeddings_output,
)
from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.encoders.text_vectors import EmbedsTexts
from charbert_tf.model_card import WithCard
from charbert_tf.models.char_encoder import CharEncoder
from charbert_tf.models.heterogeneous_interaction import HeterogeneousInteraction


@keras.saving.register_keras_serializable(package="charbert_tf")
class CharBertBackbone(WithCard, EmbedsTexts, keras_nlp.models.Backbone):
    """CharBERT: an encoder that also sees the characters of its tokens.

    Both channels, the encoder's token embeddings and the character encoder's output,
    go through the same transformer layers; after each of them one shared
    `HeterogeneousInteraction` lets them see each other (CharBERT, section 3,
    https://arxiv.org/abs/2011.01513).

    The encoder becomes part of this model: its weights are shared, not copied.

    Args:
        encoder: A `BertEncoder`, `RobertaEncoder`, `DistilBertEncoder` or
            `ElectraEncoder`, one of keras-nlp's own, such as
            `keras_nlp.models.BertBackbone`, or any that keeps
            `charbert_tf.encoders.encoder_contract.Encoder`.
        num_characters: int. Size of the character vocabulary.
        char_embedding_dim: int. Size of a character's embedding. Defaults to 256.
        interaction: `"paper"`, or `"released"` for the form that the authors'
            checkpoints were trained with. At base size, with 1,001 characters, the
            first has 6.68 M weights more than the encoder, the second 5.50 M: the
            paper says 5 M.
        mask_padding: bool. Whether padding is kept from the GRU and the convolution.
            If `True`, a sentence's output does not depend on what it is batched with.
        dtype: string or `keras.DTypePolicy` of the new layers. Defaults to the
            encoder's.
        **kwargs: Other model arguments, such as `name`.

    Inputs are the encoder's own (`token_ids`, `padding_mask` and maybe `segment_ids`,
    each `(B, T)`), `char_ids` `(B, C)`, and `char_starts` and `char_ends` `(B, T)`, all
    int32. Outputs are `sequence_output` and `char_sequence_output`
    `(B, T, hidden_dim)`, and, if the encoder has a pooler, `pooled_output` and
    `char_pooled_output` `(B, hidden_dim)`, all of the policy's compute dtype (float32,
    or bfloat16 under `mixed_bfloat16`).

    Example:

    ```python
    encoder = charbert_tf.BertEncoder(
        vocabulary_size=1000, num_layers=2, num_heads=2, hidden_dim=64,
        intermediate_dim=128,
    )
    backbone = charbert_tf.CharBertBackbone(encoder, num_characters=100)
    outputs = backbone({
        "token_ids": np.array([[2, 17, 3]]),
        "segment_ids": np.array([[0, 0, 0]]),
        "padding_mask": np.array([[1, 1, 1]]),
        "char_ids": np.array([[0, 0, 7, 8, 0, 0, 0]]),
        "char_starts": np.array([[0, 2, 5]]),
        "char_ends": np.array([[0, 3, 5]]),
    })
    ```
    """

    def __init__(
        self,
        encoder: Encoder,
        num_characters: int,
        char_embedding_dim: int = 256,
        interaction: str = "paper",
        mask_padding: bool = True,
        dtype: str | keras.DTypePolicy | None = None,
        **kwargs,
    ):
        # Keras ignores what it does not know.
        known = constructor_arguments(type(self), CharBertBackbone)
        refuse_unknown(type(self), kwargs, [*known, "name", "trainable"])
        check_encoder(encoder)
        # === Layers ===
        dtype = encoder.dtype_policy if dtype is None else dtype
        self.encoder = encoder
        self.token_embedding = encoder.token_embedding
        # Whatever the encoder's own inputs are, this model maps them to embeddings.
        self.embeddings = keras.Model(
            encoder.input, embeddings_output(encoder), name="embeddings"
        )
        self.embeddings.dtype_policy = encoder.dtype_policy
        self.transformer_layers = encoder.transformer_layers
        self.char_encoder = CharEncoder(
            num_characters,
            encoder.hidden_dim,
            char_embedding_dim,
            mask_padding=mask_padding,
            dtype=dtype,
            name="char_encoder",
        )
        self.heterogeneous_interaction = HeterogeneousInteraction(
            encoder.hidden_dim,
            interaction,
            mask_padding=mask_padding,
            layer_norm_epsilon=encoder.embeddings_layer_norm.epsilon,
            dtype=dtype,
            name="heterogeneous_interaction",
        )

        # === Functional Model ===
        inputs = dict(encoder.input)
        for name in ("char_ids", "char_starts", "char_ends"):
            inputs[name] = keras.Input((None,), dtype="int32", name=name)
        padding_mask = inputs["padding_mask"]
        tokens = self.embeddings(encoder.input)
        characters = self.char_encoder(
            inputs["char_ids"],
            char_starts=inputs["char_starts"],
            char_ends=inputs["char_ends"],
            padding_mask=padding_mask,
        )
        interact = self.heterogeneous_interaction
        interact.build(tokens.shape)
        folded = interact.fold(padding_mask)
        # One call a layer for both channels: they share its weights.
        mask_of_both = ops.concatenate([padding_mask, padding_mask], axis=0)
        for transformer_layer in self.transformer_layers:
            both = ops.concatenate([tokens, characters], axis=0)
            both = transformer_layer(both, padding_mask=mask_of_both)
            tokens, characters = ops.split(both, 2, axis=0)
            tokens, characters = interact(
                tokens, characters, padding_mask=padding_mask, folded=folded
            )
        outputs = {"sequence_output": tokens, "char_sequence_output": characters}
        if hasattr(encoder, "pooled_dense"):
            outputs["pooled_output"] = encoder.pooled_dense(tokens[:, 0, :])
            outputs["char_pooled_output"] = encoder.pooled_dense(characters[:, 0, :])
        super().__init__(inputs=inputs, outputs=outputs, dtype=dtype, **kwargs)

        # === Config ===
        self.num_characters = num_characters
        self.char_embedding_dim = char_embedding_dim
        self.interaction = interaction
        self.mask_padding = mask_padding
        self.vocabulary_size = encoder.vocabulary_size
        self.hidden_dim = encoder.hidden_dim
        self.num_layers = encoder.num_layers
        self.max_sequence_length = encoder.max_sequence_length

    def call(self, inputs, training=None, mask=None, **kwargs):
        """Computes the outputs.

        Args:
            inputs: The features by name; others may be among them.
            training: bool. Whether there is dropout.
            mask: Unused.
            **kwargs: Other arguments of Keras's models.

        Returns:
            The outputs by name.
        """
        inputs = own_inputs(self, inputs)
        return super().call(inputs, training=training, mask=mask, **kwargs)

    def get_config(self):
        """Returns the constructor's arguments, the encoder's configuration inside."""
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "num_characters": self.num_characters,
            "char_embedding_dim": self.char_embedding_dim,
            "interaction": self.interaction,
            "mask_padding": self.mask_padding,
        }

    @classmethod
    def from_config(cls, config):
        """Builds the encoder from its configuration, then the model around it.

        Args:
            config: dict, as `get_config` returns it.
        """
        encoder = config["encoder"]
        if isinstance(encoder, dict):
            # A policy asked of `from_preset` reaches only the outer configuration.
            inner = {**encoder["config"], "dtype": config["dtype"]}
            encoder = keras.saving.deserialize_keras_object(
                {**encoder, "config": inner}
            )
        return super().from_config({**config, "encoder": encoder})


def plain_encoder(backbone: keras_nlp.models.Backbone) -> keras_nlp.models.Backbone:
    """Returns the encoder inside a CharBERT, or the encoder itself.

    Args:
        backbone: A `CharBertBackbone` or a plain encoder.

    Example:

    ```python
    encoder = plain_encoder(charbert_tf.CharBertBackbone.from_preset("my_preset"))
    encoder.save_to_preset("plain_encoder")
    ```
    """
    return backbone.encoder if is_charbert(backbone) else backbone


def is_charbert(backbone: keras_nlp.models.Backbone) -> bool:
    """Tells whether a backbone has a channel of characters.

    Args:
        backbone: A `CharBertBackbone` or a plain encoder of any library.

    Returns:
        Whether it is the former.

    Example:

    ```python
    is_charbert(charbert_tf.TextClassifier.from_preset("my_preset").backbone)
    ```
    """
    return isinstance(backbone, CharBertBackbone)
