"""Sensitivity: how far noise in a sentence moves the vectors of its words."""

import dataclasses
import math
from collections.abc import Mapping, Sequence

import keras_nlp
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from charbert_tf.analysis.edit_kinds import edited_word_by_word
from charbert_tf.attacks.attack import Attack
from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor,
)
from charbert_tf.files.paper_figure import (
    draw_grouped_bars,
    draw_legend,
    paper_axes,
    paper_style,
)
from charbert_tf.graphs.batching import RowComputation
from charbert_tf.models.charbert_backbone import is_charbert, plain_encoder
from charbert_tf.models.encoder_task import token_representation
from charbert_tf.models.model_folder import load_encoder, reading_model_folder

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


@dataclasses.dataclass(frozen=True)
class SensitivityAnalysis:
    """How far noise moved the words of a file, word by word.

    Args:
        clean: the words of each sentence.
        noisy: the same with noise, as many of each.
        word_values: what `word_sensitivities` returned of them.
    """

    clean: list[Sequence[str]]
    noisy: list[Sequence[str]]
    word_values: list[dict[str, np.ndarray]]

    @property
    def means(self) -> dict[str, Sensitivity]:
        """What `mean_sensitivities` returns: the means by the vector's name."""
        return mean_sensitivities(self.word_values, self.clean, self.noisy)


def analyze_sensitivity(
    sentences: Sequence[TaggedSentence],
    encoder: keras_nlp.models.Backbone,
    preprocessor: TokenClassifierPreprocessor,
    attack: Attack,
    seed: int = 0,
) -> SensitivityAnalysis:
    """Puts noise into the words of a file, and computes how far it moves each vector.

    Args:
        sentences: The sentences; their tags are not looked at.
        encoder: A `CharBertBackbone` or a plain encoder.
        preprocessor: The encoder's, long enough for the sentences.
        attack: What the noise is; it must keep the number of words.
        seed: int. Of the noise.

    Returns:
        The values of each word, and their means. `draw_sensitivity` draws the means,
        `draw_word_sensitivity` the words of a sentence.

    Raises:
        UserError: If the attack splits or joins some of the words.

    Example:

    ```python
    encoder, preprocessor = load_encoder_of_words("my_run/preset")
    sentences = TaggingTask().read("test.txt")
    analysis = analyze_sensitivity(sentences, encoder, preprocessor, get_attack("mix"))
    analysis.means["[T ; H]"].sensitivity
    ```
    """
    clean = [sentence.words for sentence in sentences]
    noisy = [
        edited_word_by_word(words, attack, seed, example)
        for example, words in enumerate(clean)
    ]
    values = word_sensitivities(encoder, preprocessor, clean, noisy)
    return SensitivityAnalysis(clean, noisy, values)


def load_encoder_of_words(
    folder: str,
) -> tuple[keras_nlp.models.Backbone, TokenClassifierPreprocessor]:
    """Loads an encoder, and what gives it words: as many as it takes at most.

    Args:
        folder: A preset of any task or backbone, or a Hugging Face folder.

    Returns:
        The encoder and its preprocessor.

    Raises:
        UserError: If the folder cannot be read as one.

    Example:

    ```python
    encoder, preprocessor = load_encoder_of_words("bert-base-uncased")
    ```
    """
    encoder, _ = load_encoder(folder)
    with reading_model_folder(folder):
        preprocessor = TokenClassifier.load_preprocessor(
            folder, sequence_length=plain_encoder(encoder).max_sequence_length
        )
    return encoder, preprocessor


def word_sensitivities(
    encoder: keras_nlp.models.Backbone,
    preprocessor: TokenClassifierPreprocessor,
    clean: Sequence[Sequence[str]],
    noisy: Sequence[Sequence[str]],
) -> list[dict[str, np.ndarray]]:
    """Computes 1 - cos(t, t') of each word: how far it moves between two versions.

    `t` and `t'` are the word's output vectors in the clean and in the noisy sentence,
    its subwords averaged (CharBERT, section 6, https://arxiv.org/abs/2011.01513). A
    CharBERT has two outputs for a token. Its heads read both side by side, so the
    vector is `[T ; H]`; either channel alone is given as well.

    Args:
        encoder: A `CharBertBackbone`, or a plain encoder: one of the library's or of
            keras-nlp's.
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
    encoder, preprocessor = load_encoder_of_words("my_run/preset")
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
        results: The means of `analyze_sensitivity`, by the model's name. There is no
            bar where there are no such words.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    draw_sensitivity({"BERT": analysis.means})
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
    results: Mapping[str, SensitivityAnalysis], sentence: int
) -> Figure:
    """Draws a bar for each word of one sentence and model; noisy words are marked.

    Args:
        results: What `analyze_sensitivity` returned, by the model's name; all with the
            same noise, which stands below the bars.
        sentence: int. Which sentence, from 0.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    draw_word_sensitivity({"BERT": analysis}, sentence=6)
    ```
    """
    clean, noisy = (getattr(_first(results), of)[sentence] for of in ("clean", "noisy"))
    figure, (axes,) = paper_axes(height=2.4, is_wide=True)
    for place, (old, new) in enumerate(zip(clean, noisy, strict=True)):
        if old != new:
            axes.axvspan(place - 0.5, place + 0.5, color="0.9", linewidth=0)
    draw_grouped_bars(
        axes,
        list(noisy),
        {
            name: list(_first(of_model.word_values[sentence]))
            for name, of_model in results.items()
        },
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
    outputs = encoder(own_inputs(encoder, features), training=False)
    both = token_representation(encoder, outputs)
    if is_charbert(encoder):
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
