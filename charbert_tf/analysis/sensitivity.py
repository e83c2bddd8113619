"""Sensitivity: how far noise in a sentence moves the vectors of its words."""

import dataclasses
import math
from collections.abc import Mapping, Sequence

import keras_nlp
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.encoder_task import token_representation
from charbert_tf.paper_figure import (
    draw_grouped_bars,
    draw_legend,
    paper_axes,
    paper_style,
)
from charbert_tf.preprocessing.token_classifier_preprocessor import (
    TokenClassifierPreprocessor,
)
from charbert_tf.tasks.row_computation import RowComputation

_BOTH_CHANNELS, _TOKENS, _CHARACTERS = "[T ; H]", "T", "H"


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """Means of 1 - cos(t, t') over the words of a file; None over no words.

    Args:
        words: how many words it is of.
        left_out: how many more lay beyond the model's longest sequence.
        sensitivity: S, the mean over all words.
        of_noisy_words: the mean over those that have noise in them.
        of_other_words: the mean over those that have not, but noise around them.
    """

    words: int
    left_out: int
    sensitivity: float | None
    of_noisy_words: float | None
    of_other_words: float | None


def word_sensitivities(
    encoder: keras_nlp.models.Backbone,
    preprocessor: TokenClassifierPreprocessor,
    clean: Sequence[Sequence[str]],
    noisy: Sequence[Sequence[str]],
) -> list[dict[str, np.ndarray]]:
    """Computes 1 - cos(t, t') of each word.

    `t` and `t'` are the word's output vectors in the clean and in the noisy sentence,
    its subwords averaged (CharBERT, section 6, https://arxiv.org/abs/2011.01513). A
    CharBERT has two outputs for a token. Its heads read both side by side, so the
    vector is `[T ; H]`; either channel alone is given as well.

    Args:
        encoder: A `CharBertBackbone` or a plain encoder.
        preprocessor: The encoder's, long enough for the sentences.
        clean: The words of each sentence.
        noisy: As many words of as many sentences, some of them with noise.

    Returns:
        For each sentence, float32 `(words,)` in [0, 2] by the vector's name, which
        comes first: `"[T ; H]"`, `"T"` and `"H"` of a CharBERT, `"T"` of a plain
        encoder. NaN where a word lies beyond the preprocessor's longest sequence.

    Raises:
        ValueError: If a sentence has not as many noisy words as clean ones.

    Example:

    ```python
    encoder, _ = load_encoder("my_run/preset")
    preprocessor = charbert_tf.TokenClassifier.load_preprocessor("my_run/preset")
    word_sensitivities(encoder, preprocessor, [["Rome", "wins"]], [["Rmoe", "wins"]])
    ```
    """
    lengths = [len(words) for words in clean]
    if lengths != [len(words) for words in noisy]:
        raise ValueError("Every sentence needs as many noisy words as clean ones.")

    def features_and_counts(clean_words, noisy_words):
        words = tf.concat([clean_words, noisy_words], axis=0)
        return preprocessor(words), preprocessor.subword_counts(words).to_tensor()

    def distances(batch):
        vectors = _word_vectors(encoder, preprocessor, *batch)
        return {
            name: _cosine_distance(*tf.split(of, 2)) for name, of in vectors.items()
        }

    computation = RowComputation(features_and_counts, distances)
    rows = computation((_ragged(clean), _ragged(noisy)), lengths)
    return [
        {name: values[:length] for name, values in row.items()}
        for length, row in zip(lengths, rows, strict=True)
    ]


def mean_sensitivities(
    word_values: Sequence[Mapping[str, np.ndarray]],
    clean: Sequence[Sequence[str]],
    noisy: Sequence[Sequence[str]],
) -> dict[str, Sensitivity]:
    """Averages over the words of all sentences.

    Args:
        word_values: What `word_sensitivities` returned.
        clean: The words of each sentence.
        noisy: The same with noise.

    Returns:
        The means by the vector's name, in the same order.

    Example:
        >>> values = [{"T": np.array([0.5, 0.1])}]
        >>> clean, noisy = [["Rome", "wins"]], [["Rmoe", "wins"]]
        >>> mean_sensitivities(values, clean, noisy)["T"].of_noisy_words
        0.5
    """
    is_noisy = np.array(
        [
            old != new
            for old_words, new_words in zip(clean, noisy, strict=True)
            for old, new in zip(old_words, new_words, strict=True)
        ],
        bool,
    )
    means = {}
    for name in word_values[0]:
        values = np.concatenate([of_sentence[name] for of_sentence in word_values])
        is_seen = ~np.isnan(values)
        means[name] = Sensitivity(
            words=int(is_seen.sum()),
            left_out=int((~is_seen).sum()),
            sensitivity=_mean(values[is_seen]),
            of_noisy_words=_mean(values[is_seen & is_noisy]),
            of_other_words=_mean(values[is_seen & ~is_noisy]),
        )
    return means


@paper_style()
def draw_sensitivity(results: Mapping[str, Mapping[str, Sensitivity]]) -> Figure:
    """Draws S of each model: over all words, over the noisy and over the others.

    Args:
        results: What `mean_sensitivities` returned, by the model's name. There is no
            bar where there are no such words.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    draw_sensitivity({"BERT": mean_sensitivities(values, clean, noisy)})
    ```
    """
    figure, (axes,) = paper_axes()
    fields = {
        "all words": "sensitivity",
        "with noise": "of_noisy_words",
        "without": "of_other_words",
    }
    values = {
        name: [
            math.nan if mean is None else mean
            for mean in (getattr(_first(of_model), of) for of in fields.values())
        ]
        for name, of_model in results.items()
    }
    draw_grouped_bars(axes, list(fields), values, "%.3f")
    axes.set_ylabel("S, mean of 1 - cos")
    draw_legend(figure, axes)
    return figure


@paper_style()
def draw_word_sensitivity(
    clean: Sequence[str],
    noisy: Sequence[str],
    word_values: Mapping[str, Mapping[str, np.ndarray]],
) -> Figure:
    """Draws a bar for each word of one sentence and model; noisy words are marked.

    Args:
        clean: The words of the sentence.
        noisy: The same with noise: what stands below the bars.
        word_values: What `word_sensitivities` returned of this sentence, by the
            model's name.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    clean, noisy = ["Rome", "wins"], ["Rmoe", "wins"]
    values = word_sensitivities(encoder, preprocessor, [clean], [noisy])
    draw_word_sensitivity(clean, noisy, {"BERT": values[0]})
    ```
    """
    figure, (axes,) = paper_axes(height=2.4, is_wide=True)
    for place, (old, new) in enumerate(zip(clean, noisy, strict=True)):
        if old != new:
            axes.axvspan(place - 0.5, place + 0.5, color="0.9", linewidth=0)
    draw_grouped_bars(
        axes,
        list(noisy),
        {name: list(_first(of_model)) for name, of_model in word_values.items()},
        form="",
    )
    axes.tick_params(axis="x", rotation=90 if len(clean) > 8 else 0)
    for label, old, new in zip(axes.get_xticklabels(), clean, noisy, strict=True):
        label.set_fontweight("bold" if old != new else "normal")
    axes.set_xlim(-0.6, len(clean) - 0.4)
    axes.set_ylabel("1 - cos")
    draw_legend(figure, axes)
    return figure


def _word_vectors(encoder, preprocessor, features, counts) -> dict[str, tf.Tensor]:
    """Each word's vectors `(B, words, H)`, NaN beyond the sequence."""
    outputs = encoder(features, training=False)
    both = token_representation(encoder, outputs)
    if isinstance(encoder, CharBertBackbone):
        tokens = {
            _BOTH_CHANNELS: both,
            _TOKENS: outputs["sequence_output"],
            _CHARACTERS: outputs["char_sequence_output"],
        }
    else:
        tokens = {_TOKENS: both}
    # The subwords stand between the start token and the end.
    ends = 1 + tf.cumsum(counts, axis=1)
    starts = ends - counts
    position = tf.range(tf.shape(features["token_ids"])[1])
    is_of_word = (starts[:, :, None] <= position) & (position < ends[:, :, None])
    share = tf.cast(is_of_word, tf.float32) / tf.cast(counts, tf.float32)[:, :, None]
    is_seen = (ends <= 1 + preprocessor.room)[:, :, None]
    return {
        name: tf.where(is_seen, tf.matmul(share, tf.cast(of, tf.float32)), np.nan)
        for name, of in tokens.items()
    }


def _cosine_distance(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    first, second = (tf.math.l2_normalize(vector, -1) for vector in (first, second))
    # Not 1 minus the product, which for vectors that hardly differ is all rounding.
    return 0.5 * tf.reduce_sum(tf.square(first - second), -1)


def _ragged(sentences: Sequence[Sequence[str]]) -> tf.RaggedTensor:
    words = [word for sentence in sentences for word in sentence]
    return tf.RaggedTensor.from_row_lengths(
        tf.constant(words, tf.string, shape=[len(words)]), list(map(len, sentences))
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean(dtype=np.float64)) if values.size else None


def _first(of_model: Mapping):
    return next(iter(of_model.values()))
