"""WordCorrector: a word recogniser in front of any model."""

import dataclasses
from collections.abc import Sequence

from charbert_tf.word_recognition.word_recognizer import WordRecognizer

_NEUTRAL_WORD = "a"


@dataclasses.dataclass(frozen=True)
class WordCorrector:
    """Replaces misspelt words by the words that a recogniser takes them for.

    What becomes of a word that the recogniser does not know says the back-off (Pruthi
    et al., 2019, section 3.2, https://arxiv.org/abs/1905.11268): it is passed through
    as typed, or becomes the neutral word "a", or what a background recogniser, trained
    on more text or with more words, takes it for; one that neither knows is passed
    through.

    The recogniser tells lower-cased words; the case of what was typed is kept: a word
    that it tells to be spelt right stays as typed ("McDonald"), all capitals stay
    capitals, a first capital stays one. A word without a letter, such as a number or a
    punctuation mark, always stays.

    Args:
        recognizer: The recogniser.
        backoff: `"pass_through"`, `"neutral"` or the background recogniser.

    Raises:
        ValueError: If there is no such back-off.

    Example:

    ```python
    recognizer = charbert_tf.WordRecognizer.from_preset("my_recognizer/preset")
    corrector = charbert_tf.WordCorrector(recognizer)
    corrector.correct([["A", "borign", "flim", "!"]])  # [["A", "boring", "film", "!"]]
    ```
    """

    recognizer: WordRecognizer
    backoff: str | WordRecognizer = "pass_through"

    def __post_init__(self) -> None:
        is_named = self.backoff in ("pass_through", "neutral")
        if not is_named and not hasattr(self.backoff, "recognize"):
            raise ValueError(
                '`backoff` must be "pass_through", "neutral" or a `WordRecognizer`. '
                f"Received: backoff={self.backoff}"
            )

    def correct(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Corrects sentences.

        Args:
            sentences: The words of each sentence, as they were typed.

        Returns:
            As many words for each sentence.
        """
        recognized = self.recognizer.recognize(sentences)
        if not isinstance(self.backoff, str):
            guessed = self.backoff.recognize(sentences)
            recognized = [
                [word or guess for word, guess in zip(*both, strict=True)]
                for both in zip(recognized, guessed, strict=True)
            ]
        return [
            [self._correct(*both) for both in zip(words, of_words, strict=True)]
            for words, of_words in zip(sentences, recognized, strict=True)
        ]

    def _correct(self, typed: str, recognized: str | None) -> str:
        if not any(map(str.isalpha, typed)):
            return typed
        if recognized is None:
            return _NEUTRAL_WORD if self.backoff == "neutral" else typed
        return _in_case_of(typed, recognized)


def _in_case_of(typed: str, word: str) -> str:
    if word == typed.lower():
        return typed
    # One capital letter, such as "I", is the first of a word, not all of it.
    if typed.isupper() and len(typed) > 1:
        return word.upper()
    if typed[0].isupper():
        return word[0].upper() + word[1:]
    return word
