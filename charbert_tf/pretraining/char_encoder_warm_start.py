"""CharEncoderWarmStart: teaches the character encoder the encoder's embeddings."""

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.models.charbert_backbone import CharBertBackbone, is_charbert
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.text.subword_tokenizer import SubwordTokenizer
from charbert_tf.training.objective import Term

_TEMPERATURE = 0.05
# Positions that a token's embedding is averaged over, for it must not tell where the
# token stands: characters do not know. The first is left out: it is [CLS]'s.
_POSITIONS = range(1, 9)


class CharEncoderWarmStart:
    """An objective for the character encoder alone, before joint pretraining.

    At each subword of a noised word the character encoder shall give the frozen
    embedding of the original word (the mean of its subwords'), at any other subword
    that subword's own: then the character channel starts as a second, typo-proof copy
    of the token channel, and the transformer understands it from the first step. The
    loss is a softmax over the cosines with all targets of the batch, plus a squared
    error. It is cheap: no transformer layer runs. This stage is not in the paper.

    Its batches come from its own `preprocessor`, which masks nothing: every word's
    characters can be learnt from.

    Constructing it also starts the NLM head where the character channel will be: its
    output rows from the words' embeddings, its dense layer from the identity.

    Args:
        pretrainer: The `Pretrainer` to warm up, with its preprocessor attached.

    Raises:
        ValueError: If the pretrainer has no characters or no preprocessor.

    Example:

    ```python
    objective = CharEncoderWarmStart(pretrainer)
    Trainer(objective, GroupedAdamW(1e-3)).train(dataset, total_steps=500)
    ```
    """

    def __init__(self, pretrainer: Pretrainer):
        backbone, preprocessor = pretrainer.backbone, pretrainer.preprocessor
        if not is_charbert(backbone) or preprocessor is None:
            raise ValueError("The pretrainer needs characters and a preprocessor.")
        self.preprocessor = PretrainerPreprocessor.from_config(
            preprocessor.get_config()
            | {"tokenizer": preprocessor.tokenizer, "mask_rate": 0.0}
        )
        names = ("char_ids", "char_starts", "char_ends", "padding_mask")
        inputs = {
            name: keras.Input((None,), dtype="int32", name=name) for name in names
        }
        self.model = keras.Model(inputs, backbone.char_encoder(**inputs))
        tokens = _token_embeddings(backbone)
        words = _word_embeddings(
            tokens, preprocessor.words, preprocessor.subword_tokenizer
        )
        _start_nlm_head(pretrainer.nlm_head, words)
        self._targets = tf.constant(np.concatenate([tokens, words]))
        self._first_word = len(tokens)
        self._unknown_word = len(words) - 1
        self._mask_token_id = preprocessor.tokenizer.mask_token_id

    def weights(self, batch: tuple) -> dict[str, tf.Tensor]:
        """Counts the batch's noised and its other subwords.

        Args:
            batch: As `self.preprocessor` makes it.

        Returns:
            A float32 scalar for each term.
        """
        return {
            name: tf.cast(tf.size(target), tf.float32)
            for name, (_, target) in self._targets_in(batch).items()
        }

    def __call__(
        self, batch: tuple, training: bool, whole: tuple | None = None
    ) -> dict[str, Term]:
        """Computes the loss at the batch's noised and at its other subwords.

        Args:
            batch: As `self.preprocessor` makes it.
            training: Whether dropout is on.
            whole: The global batch, whose targets are the candidates.

        Returns:
            The terms `"noised"` and `"clean"`.
        """
        features = batch[0]
        vectors = self.model(
            {name: features[name] for name in self.model.input}, training=training
        )
        vectors = tf.cast(vectors, tf.float32)
        candidates = self._targets_in(batch if whole is None else whole)
        return {
            name: self._term(tf.gather_nd(vectors, where), target, candidates[name][1])
            for name, (where, target) in self._targets_in(batch).items()
        }

    def _targets_in(self, batch):
        """Where each term's vectors are, and the ids of what they shall be."""
        features, labels, weights = batch
        return {
            "noised": self._at_noised(
                features, labels["nlm_logits"], weights["nlm_logits"]
            ),
            "clean": self._at_clean(features),
        }

    def _at_noised(self, features, words, weights):
        is_known = (weights > 0) & (words != self._unknown_word)
        row = tf.where(is_known)[:, 0]
        position = tf.boolean_mask(features["nlm_positions"], is_known)
        where = tf.stack([row, tf.cast(position, tf.int64)], axis=1)
        return where, self._first_word + tf.boolean_mask(words, is_known)

    def _at_clean(self, features):
        # A special or masked token shows one character, the separator's id.
        is_word = features["padding_mask"] > 0
        first = tf.gather(features["char_ids"], features["char_starts"], batch_dims=1)
        is_word &= first != 0
        row_count = tf.shape(is_word, tf.int64)[0]
        is_noised = tf.math.unsorted_segment_max(
            tf.ones_like(tf.reshape(features["nlm_positions"], [-1])),
            tf.reshape(
                tf.range(row_count)[:, None] * tf.shape(is_word, tf.int64)[1]
                + tf.cast(features["nlm_positions"], tf.int64),
                [-1],
            ),
            tf.size(is_word, tf.int64),
        )
        is_clean = is_word & (tf.reshape(is_noised, tf.shape(is_word)) < 1)
        return tf.where(is_clean), tf.boolean_mask(features["token_ids"], is_clean)

    def _term(self, vectors, target_ids, candidate_ids) -> Term:
        # One candidate for each different target: equal ones are not wrong answers.
        candidates, label = tf.unique(tf.concat([candidate_ids, target_ids], axis=0))
        label = label[tf.size(candidate_ids) :]
        targets = tf.gather(self._targets, candidates)
        cosines = tf.matmul(
            tf.math.l2_normalize(vectors, axis=1),
            tf.math.l2_normalize(targets, axis=1),
            transpose_b=True,
        )
        logits = cosines / _TEMPERATURE
        # Not TensorFlow's own cross-entropy, which refuses a batch without labels.
        of_label = tf.gather(logits, label, batch_dims=1)
        loss = tf.reduce_logsumexp(logits, axis=1) - of_label
        error = tf.reduce_mean(
            tf.math.squared_difference(vectors, tf.gather(targets, label)), axis=1
        )
        is_right = of_label >= tf.reduce_max(logits, axis=1)
        return Term(
            tf.reduce_sum(loss + error),
            tf.reduce_sum(tf.cast(is_right, tf.float32)),
            tf.cast(tf.size(label), tf.float32),
        )


def _token_embeddings(backbone: CharBertBackbone) -> np.ndarray:
    """The encoder's embedding of every token, averaged over positions: (V, H)."""
    width = _POSITIONS.stop

    def embed(token_ids):
        tokens = tf.tile(token_ids[:, None], [1, width])
        inputs = {name: tf.zeros_like(tokens) for name in backbone.embeddings.input} | {
            "token_ids": tokens,
            "padding_mask": tf.ones_like(tokens),
        }
        vectors = tf.cast(backbone.embeddings(inputs, training=False), tf.float32)
        return tf.reduce_mean(vectors[:, _POSITIONS.start :], axis=1)

    token_ids = tf.data.Dataset.range(backbone.vocabulary_size, output_type=tf.int32)
    return np.concatenate([embed(ids).numpy() for ids in token_ids.batch(1024)])


def _word_embeddings(tokens, words, tokenizer: SubwordTokenizer) -> np.ndarray:
    """The mean embedding of each word's subwords: (words, H)."""
    subwords = tokenizer.at_least_one(tf.constant(words)).token_ids
    return tf.reduce_mean(tf.gather(tokens, subwords), axis=1).numpy()


def _start_nlm_head(head, words: np.ndarray) -> None:
    dense, bias, layer_norm_gain, layer_norm_shift, output, output_bias = _head_weights(
        head
    )
    dense.assign(np.eye(dense.shape[0]))
    for variable in (bias, layer_norm_shift, output_bias):
        variable.assign(np.zeros(variable.shape))
    layer_norm_gain.assign(np.ones(layer_norm_gain.shape))
    # Rows of norm 1: cosines, times the layer norm's sqrt(H), make the logits.
    output.assign((words / np.linalg.norm(words, axis=1, keepdims=True)).T)


def _head_weights(head):
    names = (
        "intermediate_dense/kernel",
        "intermediate_dense/bias",
        "intermediate_layer_norm/gamma",
        "intermediate_layer_norm/beta",
        "output_kernel",
        "output_bias",
    )
    return [
        next(weight for weight in head.weights if weight.path.endswith(name))
        for name in names
    ]
