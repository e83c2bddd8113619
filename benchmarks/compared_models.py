"""A plain keras-nlp BERT and a CharBERT of the same size, and batches for them."""

import dataclasses

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

import charbert_tf

_CHARACTERS_PER_TOKEN = 6
# Of the released BERT vocabularies.
_TOKEN_IDS, _CHARACTER_IDS, _WORD_IDS = 30_522, 1_001, 30_001
# 10 % of the tokens are masked; 15 % of the words are noised, and noise splits them.
_MLM_SHARE, _NLM_SHARE = 0.10, 0.25


@dataclasses.dataclass(frozen=True)
class Size:
    """The size of a model and of a batch.

    Attributes:
        hidden_dim: int. Size of a token's vector.
        num_layers: int. Transformer layers.
        num_heads: int. Attention heads.
        batch_size: int. Sequences.
        tokens: int. Tokens of a sequence; it has six characters a token.
    """

    hidden_dim: int
    num_layers: int
    num_heads: int
    batch_size: int
    tokens: int

    @property
    def characters(self) -> int:
        """Characters of a sequence."""
        return _CHARACTERS_PER_TOKEN * self.tokens

    @property
    def labels(self) -> dict[str, int]:
        """Positions of a sequence with a label."""
        return {
            "mlm": round(_MLM_SHARE * self.tokens),
            "nlm": round(_NLM_SHARE * self.tokens),
        }


SIZES = {
    "small": Size(384, 6, 12, 8, 128),
    "base": Size(768, 12, 12, 8, 384),
}


def bert(size: Size) -> keras_nlp.models.Backbone:
    """A plain BERT with random weights.

    Args:
        size: Its size.
    """
    return keras_nlp.models.BertBackbone(**arguments(size))


def charbert(size: Size) -> charbert_tf.CharBertBackbone:
    """A CharBERT of the paper's form around a BERT of the same size.

    Args:
        size: Its size.
    """
    encoder = charbert_tf.BertEncoder(**arguments(size))
    return charbert_tf.CharBertBackbone(encoder, _CHARACTER_IDS)


def pretrainer(backbone: keras_nlp.models.Backbone) -> keras.Model:
    """MLM on a plain BERT, MLM and NLM on a CharBERT.

    Args:
        backbone: What `bert` or `charbert` returned.
    """
    has_characters = isinstance(backbone, charbert_tf.CharBertBackbone)
    return charbert_tf.Pretrainer(backbone, _WORD_IDS if has_characters else None)


def random_features(size: Size) -> dict[str, np.ndarray]:
    """A batch without padding: every token has five characters and a separator.

    Args:
        size: The size of the batch.
    """
    rng = np.random.default_rng(0)
    shape = (size.batch_size, size.tokens)
    starts = _CHARACTERS_PER_TOKEN * np.arange(size.tokens, dtype="int32")
    char_ids = rng.integers(1, _CHARACTER_IDS, (size.batch_size, size.characters))
    char_ids[:, _CHARACTERS_PER_TOKEN - 1 :: _CHARACTERS_PER_TOKEN] = 0
    return {
        "token_ids": rng.integers(0, _TOKEN_IDS, shape).astype("int32"),
        "segment_ids": np.zeros(shape, "int32"),
        "padding_mask": np.ones(shape, "int32"),
        "char_ids": char_ids.astype("int32"),
        "char_starts": np.tile(starts, (size.batch_size, 1)),
        "char_ends": np.tile(starts + _CHARACTERS_PER_TOKEN - 2, (size.batch_size, 1)),
    }


def random_labels(
    size: Size,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Labelled positions, features of a pretrainer, and their labels.

    Args:
        size: The size of the batch.

    Returns:
        `mlm_positions` and `nlm_positions`; `mlm_logits` and `nlm_logits`.
    """
    rng = np.random.default_rng(1)
    positions, labels = {}, {}
    for name, rows in (("mlm", _TOKEN_IDS), ("nlm", _WORD_IDS)):
        count = size.labels[name]
        positions[f"{name}_positions"] = np.stack(
            [
                np.sort(rng.choice(size.tokens, count, replace=False)).astype("int32")
                for _ in range(size.batch_size)
            ]
        )
        labels[f"{name}_logits"] = rng.integers(
            0, rows, (size.batch_size, count)
        ).astype("int32")
    return positions, labels


def random_batch(
    model: keras.Model, size: Size
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    """A batch to train a pretrainer on.

    Args:
        model: What `pretrainer` returned.
        size: The size of the batch.

    Returns:
        The features and labels that the model has, and weights of 1.
    """
    positions, labels = random_labels(size)
    features = random_features(size) | positions
    features = {key: tf.constant(features[key]) for key in model.input}
    labels = {key: tf.constant(labels[key]) for key in model.output}
    return features, labels, {key: tf.ones_like(labels[key]) for key in labels}


def arguments(size: Size) -> dict[str, int]:
    """The sizes as an encoder's arguments.

    Args:
        size: The size of the model.
    """
    return {
        "vocabulary_size": _TOKEN_IDS,
        "num_layers": size.num_layers,
        "num_heads": size.num_heads,
        "hidden_dim": size.hidden_dim,
        "intermediate_dim": 4 * size.hidden_dim,
    }


def forward_operations(size: Size, has_characters: bool, has_heads: bool) -> float:
    """Floating-point operations of the matrix products of a forward pass.

    Only what the formulas cannot do without counts: two operations a multiplication,
    W1, W2 and the convolution as one linear map, a character's embedding and its
    projection as one row of a table, logits at labelled positions alone. Softmax, layer
    norms, activations and dropout do not count.

    Args:
        size: The size of the model and of the batch.
        has_characters: bool. Whether it is a CharBERT.
        has_heads: bool. Whether the pretraining heads are counted.
    """
    hidden, positions = size.hidden_dim, size.batch_size * size.tokens
    # Query, key, value, output, and the two products of the feed-forward block; the
    # attention's two products.
    layer = 2 * positions * (12 * hidden**2 + 2 * size.tokens * hidden)
    operations = size.num_layers * layer
    if has_characters:
        operations *= 2
        # Three taps of both channels, then W4 and W5.
        operations += size.num_layers * 2 * positions * (6 + 2) * hidden**2
        units = hidden // 4
        characters = size.batch_size * size.characters
        operations += 2 * 2 * characters * units * 3 * units
    if has_heads:
        heads = {"mlm": _TOKEN_IDS} | ({"nlm": _WORD_IDS} if has_characters else {})
        for name, rows in heads.items():
            labels = size.batch_size * size.labels[name]
            operations += 2 * labels * (hidden**2 + hidden * rows)
    return float(operations)
