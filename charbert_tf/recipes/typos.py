"""The typos that a user asks for, and what corrects them before a model sees them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charbert_tf import attacks, word_recognition
from charbert_tf.files.text_files import read_lines
from charbert_tf.recipes.notices import Notice, print_notice
from charbert_tf.recipes.settings import Rule

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.word_recognition.word_corrector import WordCorrector

MINIMUM_LENGTH = 4
"""The least characters of a word that is attacked, unless something else is said."""

BACKOFFS = ("pass_through", "neutral", "background")
"""What becomes of a word that a recogniser does not know."""

RECOGNIZER_RULES = (
    Rule(
        ["recognizer", "backoff"],
        lambda v: v["recognizer"] is not None or v["backoff"] == BACKOFFS[0],
        "--backoff needs a recogniser: give --recognizer",
    ),
    Rule(
        ["recognizer", "attacked_text"],
        lambda v: v["recognizer"] is None or v["attacked_text"] in (None, "question"),
        "a recogniser corrects questions only: leave --attacked_text or --recognizer "
        "out",
    ),
    Rule(
        ["backoff", "background_recognizer"],
        lambda v: (
            (v["background_recognizer"] is not None) == (v["backoff"] == BACKOFFS[-1])
        ),
        "--backoff=background and --background_recognizer go together: give both",
    ),
)
"""What must hold between the settings of a recogniser."""


def make_attacks(
    names: Sequence[str],
    rate: float = 1.0,
    minimum_length: int = MINIMUM_LENGTH,
    protected_words: str | None = None,
) -> "dict[str, Attack]":
    """Makes attacks by their names.

    Args:
        names: as `get_attack` takes them.
        rate: share of the words to attack.
        minimum_length: shorter words stay, in characters.
        protected_words: a file of words that stay, one a line.

    Returns:
        The attacks by the names.

    Raises:
        UserError: if there is none of a name, or the file cannot be read.

    Example:
        >>> list(make_attacks(["drop", "ocr+keyboard"]))
        ['drop', 'ocr+keyboard']
    """
    words = () if protected_words is None else _words(protected_words)
    return {
        name: attacks.get_attack(
            name, rate=rate, minimum_length=minimum_length, protected_words=words
        )
        for name in names
    }


def load_corrector(
    recognizer: str | None,
    backoff: str = BACKOFFS[0],
    background_recognizer: str | None = None,
    notice: Notice = print_notice,
) -> "WordCorrector | None":
    """Loads a word recogniser that is to stand in front of models.

    Args:
        recognizer: a preset of official.train_word_recognizer, if there is one.
        backoff: what becomes of a word that it does not know, one of `BACKOFFS`.
        background_recognizer: one of more words, for the background.
        notice: shows what is loaded.

    Returns:
        What corrects the words, or None if there is no recogniser.

    Raises:
        UserError: if a folder holds none.

    Example:

    ```python
    load_corrector("my_recognizer/preset", backoff="neutral")
    ```
    """
    if recognizer is None:
        return None
    notice(f"Loading {recognizer}")
    loaded = word_recognition.load_word_recognizer(recognizer)
    if background_recognizer is None:
        return word_recognition.WordCorrector(loaded, backoff)
    notice(f"Loading {background_recognizer}")
    background = word_recognition.load_word_recognizer(background_recognizer)
    return word_recognition.WordCorrector(loaded, background)


def _words(file: str) -> tuple[str, ...]:
    lines = (line.strip() for _, line in read_lines(file))
    return tuple(line for line in lines if line)
