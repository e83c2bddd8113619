"""The model of a folder computed by PyTorch alone, to hold the Keras model against."""

from collections.abc import Mapping

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import HeadNames
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.models.released_head import ReleasedHead


class TorchReference:
    """Computes a folder's outputs from its tensors, without Keras.

    The formulas of BERT, of its kin, and of the released CharBERT (section 3,
    https://arxiv.org/abs/2011.01513, as in the authors' code, which masks no padding)
    on PyTorch's own layers: an independent check of a conversion. The encoder's kind
    tells what its tensors are called.

    Args:
        source: The folder.

    Raises:
        ImportError: If PyTorch is not installed.

    Example:

    ```python
    reference = TorchReference(HuggingFaceFolder("bert-base-cased"))
    reference(features)["sequence_output"]
    ```
    """

    def __init__(self, source: HuggingFaceFolder):
        import torch

        self._torch = torch
        self._config = source.config
        self._kind = kind = source.kind
        self._prefix = source.prefix
        self._is_charbert = source.is_charbert
        self._tensors = {}
        for name, tensor in source.tensors.items():
            for own, berts in kind.bert_names.items():
                name = name.replace(own, berts)
            self._tensors[name] = torch.from_numpy(np.array(tensor))

    def __call__(
        self, features: Mapping[str, np.ndarray], head: ReleasedHead | None = None
    ) -> dict[str, np.ndarray]:
        """Computes the outputs of the encoder and of the heads.

        Args:
            features: As the preprocessors make them, int32.
            head: The folder's head, if there is one.

        Returns:
            Those of the backbone; `mlm_logits` `(B, T, vocabulary_size)` and
            `nlm_logits` `(B, T, words)` where the folder has these heads; and what
            `head` computes of both channels, if it is another.
        """
        torch = self._torch
        with torch.no_grad():
            inputs = {
                name: torch.as_tensor(np.array(value)).long()
                for name, value in features.items()
            }
            tokens, characters = self._encode(inputs)
            outputs = {"sequence_output": tokens, "mlm_logits": self._mlm(tokens)}
            outputs["pooled_output"] = self._pool(tokens)
            if characters is not None:
                outputs["char_sequence_output"] = characters
                outputs["char_pooled_output"] = self._pool(characters)
                outputs["nlm_logits"] = self._nlm(characters)
                if head is not None:
                    both = torch.cat([tokens, characters], dim=-1)
                    names = self._kind.released
                    outputs |= head.reference_outputs(self._linear, both, names)
        return {name: v.numpy() for name, v in outputs.items() if v is not None}

    def _encode(self, inputs):
        mask = inputs["padding_mask"]
        tokens, characters = self._embed(inputs), None
        if self._is_charbert:
            characters = self._encode_characters(inputs)
        for index in range(self._size("num_layers")):
            tokens = self._transformer_layer(tokens, mask, index)
            if characters is not None:
                characters = self._transformer_layer(characters, mask, index)
                tokens, characters = self._interact(tokens, characters, index)
        return tokens, characters

    def _embed(self, inputs):
        torch = self._torch
        token_ids, mask = inputs["token_ids"], inputs["padding_mask"]
        first = self._kind.encoder_cls.first_position
        positions = torch.arange(token_ids.shape[1]).expand_as(token_ids)
        if first:
            positions = torch.cumsum(mask, dim=1) * mask + first - 1
        segments = inputs.get("segment_ids", torch.zeros_like(token_ids))
        tables = (
            (self._tensor(f"embeddings.{name}.weight"), ids)
            for name, ids in (
                ("word_embeddings", token_ids),
                ("position_embeddings", positions),
                ("token_type_embeddings", segments),
            )
        )
        total = sum(table[ids] for table, ids in tables if table is not None)
        vectors = self._layer_norm(total, "embeddings.LayerNorm")
        if self._tensor("embeddings_project.weight") is None:
            return vectors
        return self._linear(vectors, "embeddings_project")

    def _encode_characters(self, inputs):
        torch = self._torch
        prefix = f"{self._prefix}char_embeddings.rnn_layer."
        weights = {
            name.removeprefix(prefix): tensor
            for name, tensor in self._tensors.items()
            if name.startswith(prefix)
        }
        units, size = (weights[f"weight_{kind}_l0"].shape[1] for kind in ("hh", "ih"))
        gru = torch.nn.GRU(size, units, batch_first=True, bidirectional=True)
        gru.load_state_dict(weights)
        embedded = self._tensor("char_embeddings.char_embeddings.weight")[
            inputs["char_ids"]
        ]
        states, _ = gru(embedded)
        rows = torch.arange(len(states))[:, None]
        first, last = (
            states[rows, inputs[name]] for name in ("char_starts", "char_ends")
        )
        return torch.cat([first, last], dim=-1)

    def _transformer_layer(self, x, mask, index: int):
        prefix = f"encoder.layer.{index}."
        attended = self._attention(x, mask, f"{prefix}attention.self.")
        attended = self._linear(attended, f"{prefix}attention.output.dense")
        x = self._layer_norm(x + attended, f"{prefix}attention.output.LayerNorm")
        inner = self._activate(self._linear(x, f"{prefix}intermediate.dense"))
        inner = self._linear(inner, f"{prefix}output.dense")
        return self._layer_norm(x + inner, f"{prefix}output.LayerNorm")

    def _attention(self, x, mask, prefix: str):
        batch, length, size = x.shape
        heads = self._size("num_heads")

        def split(name):
            projected = self._linear(x, f"{prefix}{name}")
            return projected.view(batch, length, heads, size // heads).transpose(1, 2)

        queries, keys, values = map(split, ("query", "key", "value"))
        attended = self._torch.nn.functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask[:, None, None, :].bool()
        )
        return attended.transpose(1, 2).reshape(batch, length, size)

    def _interact(self, tokens, characters, index: int):
        torch = self._torch
        both = torch.cat(
            [
                self._linear(tokens, "encoder.word_linear1"),
                self._linear(characters, "encoder.char_linear1"),
            ],
            dim=-1,
        )
        name = "encoder.fusion_layer"
        if self._tensor(f"{name}.weight") is None:
            name = f"encoder.fusion_layer_list.{index}"
        fused = torch.nn.functional.conv1d(
            both.transpose(1, 2),
            self._tensor(f"{name}.weight"),
            self._tensor(f"{name}.bias"),
            padding=1,
        ).transpose(1, 2)
        return (
            self._layer_norm(tokens + fused, "encoder.word_norm"),
            self._layer_norm(characters + fused, "encoder.char_norm"),
        )

    def _pool(self, x):
        if self._tensor("pooler.dense.weight") is None:
            return None
        return self._torch.tanh(self._linear(x[:, 0], "pooler.dense"))

    def _mlm(self, tokens):
        names = self._kind.mlm_head
        if self._tensor(names.bias) is None:
            return None
        table = self._tensor("embeddings.word_embeddings.weight").T
        return self._transform(tokens, names) @ table + self._tensor(names.bias)

    def _nlm(self, characters):
        names = self._kind.released.nlm_head
        if self._tensor(f"{names.decoder}.weight") is None:
            return None
        return self._linear(self._transform(characters, names), names.decoder)

    def _transform(self, x, names: HeadNames):
        x = self._activate(self._linear(x, names.dense), self._kind.head_activation)
        return self._layer_norm(x, names.layer_norm)

    def _tensor(self, name: str):
        """A tensor of the encoder, or of a head, whose names have no prefix."""
        return self._tensors.get(f"{self._prefix}{name}", self._tensors.get(name))

    def _linear(self, x, name: str):
        return self._torch.nn.functional.linear(
            x, self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias")
        )

    def _layer_norm(self, x, name: str):
        return self._torch.nn.functional.layer_norm(
            x,
            x.shape[-1:],
            self._tensor(f"{name}.weight"),
            self._tensor(f"{name}.bias"),
            # Where no configuration tells it, it is BERT's.
            self._config.get("layer_norm_eps", 1e-12),
        )

    def _size(self, name: str) -> int:
        return self._config[self._kind.config_keys[name]]

    def _activate(self, x, name: str | None = None):
        functional = self._torch.nn.functional
        name = name or self._config[self._kind.activation_key]
        if name in ("gelu_new", "gelu_pytorch_tanh"):
            return functional.gelu(x, approximate="tanh")
        return getattr(functional, {"swish": "silu"}.get(name, name))(x)


def largest_difference(
    model: keras_nlp.models.Backbone | keras_nlp.models.Task,
    source: HuggingFaceFolder,
    features: Mapping[str, tf.Tensor],
) -> float:
    """Compares all outputs with PyTorch's, computed from a folder's tensors.

    On a GPU `tensor_float_32_note` says what of the difference is the GPU's.

    Args:
        model: The backbone or head that was read from the folder, or written to it.
        source: The folder.
        features: As the preprocessors make them. Padding counts where the model masks
            it and the authors' code does not.

    Returns:
        The largest absolute difference of any output at any position.

    Raises:
        ImportError: If PyTorch is not installed.

    Example:

    ```python
    source = HuggingFaceFolder("bert-base-cased")
    assert largest_difference(source.load_encoder()[0], source, features) < 1e-4
    ```
    """
    expected = TorchReference(source)(features, getattr(model, "released_head", None))
    tensors = {name: tf.convert_to_tensor(value) for name, value in features.items()}
    actual = _outputs(model, tensors)
    return max(
        float(np.abs(np.asarray(value) - expected[name]).max())
        for name, value in actual.items()
    )


def _outputs(model, features: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    backbone = getattr(model, "backbone", model)
    outputs = backbone({name: features[name] for name in backbone.input})
    if not isinstance(outputs, dict):
        outputs = {"sequence_output": outputs}
    head = getattr(model, "released_head", None)
    if head is None:
        return outputs
    shape = tf.shape(features["token_ids"])
    everywhere = tf.broadcast_to(tf.range(shape[1]), shape)
    features = features | {"mlm_positions": everywhere, "nlm_positions": everywhere}
    return outputs | head.outputs(model, {name: features[name] for name in model.input})
