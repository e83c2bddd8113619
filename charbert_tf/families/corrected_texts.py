"""corrected_texts: running text with its words corrected."""

import re
from collections.abc import Sequence

from charbert_tf.attacks.running_text import WORD
from charbert_tf.word_recognition.word_corrector import WordCorrector

# As TypedWordSplitter has it, which the recogniser's training text is split by.
_WORD_OR_MARK = re.compile(rf"{WORD.pattern}|\S")


def corrected_texts(texts: Sequence[str], corrector: WordCorrector) -> list[str]:
    """Corrects the words of texts; all that stands between them stays as it is.

    Args:
        texts: The texts. Their words are those that an attack puts typos into.
        corrector: Corrects words.

    Returns:
        As many texts.

    Example:

    ```python
    corrector = WordCorrector(WordRecognizer.from_preset("my_recognizer/preset"))
    corrected_texts(["A  borign flim!"], corrector)  # ["A  boring film!"]
    ```
    """
    words = [_WORD_OR_MARK.findall(text) for text in texts]
    replacements = map(iter, corrector.correct(words))
    return [
        _WORD_OR_MARK.sub(lambda _, words=of_text: next(words), text)
        for text, of_text in zip(texts, replacements, strict=True)
    ]
