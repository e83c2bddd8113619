"""TrainingNoise: what a preprocessor does to texts before a model learns from them."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from charbert_tf.attacks.named_attacks import get_attack
from charbert_tf.files.errors import UserError
from charbert_tf.noise.noised_texts import NoisedTexts
from charbert_tf.noise.word_noise import WordNoise


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
