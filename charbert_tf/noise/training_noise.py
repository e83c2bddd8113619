"""TrainingNoise: what a preprocessor does to texts before a model learns from them."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.named_attacks import get_attack
from charbert_tf.files.errors import UserError
from charbert_tf.noise.graph_edits import graph_edit
from charbert_tf.noise.noised_texts import NoisedTexts
from charbert_tf.text.random_stream import index_below, uniform
from charbert_tf.text.rows import row_positions

# What is drawn for an example does not depend on which of its texts is noised.
_EXAMPLE_STREAM = 0
HAS_LETTER = r"(?s).*\p{L}.*"
"""A word that is not a number or a punctuation mark."""


class WordNoise:
    """Edits a share of the words of each example as one of several attacks does.

    Of an example are drawn: whether it stays clean, which attack it is noised by, and
    the share of the words that are edited. Of each word: whether it is, by which kind
    of the attack, where and how. All of it depends on the seed, the example's number
    and the word's place alone.

    Args:
        attacks: Each is as likely; one that is there twice is twice as likely.
        lowest_rate: float. The least share of the words of four letters or more.
        highest_rate: float. The highest one; all between them are as likely. Attacks
            of whole texts edit all words.
        clean_share: float. The share of the examples that stay as they are.

    Raises:
        UserError: If an attack changes the number of words, or no graph makes its
            edits.

    Example:

    ```python
    noise = WordNoise([get_attack("mix")], 0.3, 1.0, clean_share=0.3)
    words = tf.ragged.constant([["robust", "word", "recognition"]])
    noise(words, example_ids=tf.constant([0]), seed=0, text=0)
    ```
    """

    def __init__(
        self,
        attacks: Sequence[Attack],
        lowest_rate: float,
        highest_rate: float,
        clean_share: float,
    ):
        self._rates = (lowest_rate, highest_rate)
        self._clean_share = clean_share
        self._is_of_whole_texts = [
            attack.rule is not None and attack.rule.is_of_whole_texts
            for attack in attacks
        ]
        self._shortest = [attack.shortest for attack in attacks]
        kinds = [list(_kinds(attack, 1.0)) for attack in attacks]
        # The same kind of several attacks is made once.
        every = list(dict.fromkeys(kind for of in kinds for kind, _ in of))
        self._edits = [graph_edit(_rule(kind)) for kind in every]
        width = max(map(len, kinds))
        self._kinds = np.zeros((len(attacks), width), np.int32)
        # The draw below which it is the kind or one before it.
        self._limits = np.ones((len(attacks), width), np.float32)
        for row, of_attack in enumerate(kinds):
            indices, shares = zip(
                *((every.index(kind), share) for kind, share in of_attack), strict=True
            )
            self._kinds[row, : len(indices)] = indices
            self._limits[row, : len(indices) - 1] = np.cumsum(shares)[:-1]

    def __call__(
        self,
        words: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
        text: int,
    ) -> tf.RaggedTensor:
        """Edits words.

        Args:
            words: string ragged tensor `(B, words)`, valid UTF-8.
            example_ids: int tensor `(B,)`: a number for each example, another one in
                each epoch.
            seed: int.
            text: int. Which of the examples' texts it is, from 0.

        Returns:
            string ragged tensor `(B, words)`.
        """
        rate, attack = self._of_examples(example_ids, seed)
        row, _ = row_positions(words)
        rate, attack = tf.gather(rate, row), tf.gather(attack, row)
        # Draws: whether to edit, which kind, where, how.
        draws = uniform(words, example_ids, (seed, 1 + text), draws=4)
        length = tf.strings.length(words.values, "UTF8_CHAR")
        is_edited = (
            (draws[:, 0] < rate)
            & (length >= tf.gather(self._shortest, attack))
            & tf.strings.regex_full_match(words.values, HAS_LETTER)
        )
        passed = draws[:, 1:2] >= tf.gather(self._limits, attack)
        place = tf.reduce_sum(tf.cast(passed, tf.int32), axis=1)
        kind = tf.gather_nd(self._kinds, tf.stack([attack, place], axis=1))
        values = words.values
        for index, edit in enumerate(self._edits):
            chosen = tf.where(is_edited & (kind == index))[:, 0]
            edited = edit(
                tf.gather(words.values, chosen), tf.gather(draws[:, 2:], chosen)
            )
            values = tf.tensor_scatter_nd_update(values, chosen[:, None], edited)
        return words.with_values(values)

    def _of_examples(self, example_ids, seed) -> tuple[tf.Tensor, tf.Tensor]:
        """The share of each example's words, and which attack edits them."""
        count = tf.size(example_ids)
        one_each = tf.RaggedTensor.from_uniform_row_length(tf.range(count), 1)
        draws = uniform(one_each, example_ids, (seed, _EXAMPLE_STREAM), draws=3)
        lowest, highest = self._rates
        rate = lowest + draws[:, 1] * (highest - lowest)
        attack = index_below(draws[:, 2], tf.constant(len(self._is_of_whole_texts)))
        rate = tf.where(tf.gather(self._is_of_whole_texts, attack), 1.0, rate)
        return tf.where(draws[:, 0] < self._clean_share, 0.0, rate), attack


def _kinds(attack: Attack, share: float) -> Iterator[tuple[Attack, float]]:
    """The kinds of edits that an attack makes, with the share of each."""
    if not attack.kinds:
        yield attack, share
        return
    for kind in attack.kinds:
        yield from _kinds(kind, share / len(attack.kinds))


def _rule(attack: Attack):
    if attack.splits_words or attack.joins_words:
        raise UserError(
            f"{attack.kind} changes the number of words, and labels stay: train with "
            "attacks that keep it"
        )
    if attack.rule is None:
        raise UserError(
            f"{attack.kind} has no `rule`, which noise is made by: train with other "
            "attacks, or give yours one (charbert_tf.attacks.edit_rule)"
        )
    return attack.rule


@keras.saving.register_keras_serializable(package="charbert_tf")
class TrainingNoise:
    """Noise in fine-tuning: typos and letter case, drawn anew in each epoch.

    Labels stay: no attack that splits or joins words is taken. Words are edited as by
    the attacks on test sets (Pruthi et al., 2019, section 2,
    https://arxiv.org/abs/1905.11268), with other random numbers.

    Args:
        rate: The share of the words of four letters or more that are edited; or the
            least and the highest of them, between which each example draws its own.
            Letter case is of all words of an example.
        attacks: Names of attacks, as `attacks.get_attack` takes them, one of which an
            example draws; one that is named twice is drawn twice as often. Several
            with "+" between are one attack, which draws a kind for each word. By
            default the mix of the CharBERT paper.
        clean_share: float. The share of the examples that stay clean.

    Raises:
        UserError: If a number is out of range, or an attack cannot be taken.

    Example:

    ```python
    noise = charbert_tf.TrainingNoise((0.3, 1.0), ["mix", "small_letters"], 0.3)
    classifier = charbert_tf.TextClassifier.from_preset(
        "my_preset",
        num_classes=2,
        preprocessor=charbert_tf.TextClassifierPreprocessor.from_preset(
            "my_preset", training_noise=noise
        ),
    )
    classifier.fit(x=["a fine film", "a dull one"], y=[1, 0], epochs=3)
    ```
    """

    def __init__(
        self,
        rate: float | Sequence[float],
        attacks: Sequence[str] = ("mix",),
        clean_share: float = 0.0,
    ):
        lowest, highest = rate if isinstance(rate, Sequence) else (rate, rate)
        if not 0 <= lowest <= highest <= 1:
            raise UserError(
                f"noise rate {rate}: give a number from 0 to 1, or a lower and a "
                "higher one"
            )
        if not 0 <= clean_share <= 1:
            raise UserError(f"clean share {clean_share}: give a number from 0 to 1")
        if isinstance(attacks, str) or not attacks:
            raise UserError(f"attacks {attacks!r}: give a list of names")
        self.rate = (float(lowest), float(highest))
        self.attacks = tuple(attacks)
        self.clean_share = clean_share
        self._words = WordNoise(
            [get_attack(name) for name in self.attacks], *self.rate, clean_share
        )

    def words(
        self,
        words: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
        text: int = 0,
    ) -> tf.RaggedTensor:
        """Noises sentences of words.

        Args:
            words: string ragged tensor `(B, words)`, valid UTF-8.
            example_ids: int tensor `(B,)`: a number for each example, another one in
                each epoch. An example's noise depends on it and on the seed alone.
            seed: int.
            text: int. Which of the texts of an example it is.

        Returns:
            As many words.
        """
        return self._words(words, example_ids, seed, text)

    def texts(
        self,
        texts: tf.Tensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
        text: int = 0,
    ) -> NoisedTexts:
        """Noises running text; all that stands between its words stays.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.
            example_ids: As `words` takes it.
            seed: int.
            text: int. Which of the texts of an example it is.

        Returns:
            The noised texts.
        """
        return NoisedTexts.of(
            texts, lambda words: self.words(words, example_ids, seed, text)
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "rate": list(self.rate),
            "attacks": list(self.attacks),
            "clean_share": self.clean_share,
        }

    @classmethod
    def from_config(cls, config: dict) -> "TrainingNoise":
        """Makes one again, as it was saved."""
        return cls(**config)
