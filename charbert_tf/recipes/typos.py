"""The typos that a user asks for, in tests and training, and what corrects them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from charbert_tf import attacks, word_recognition
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import Notice, print_notice
from charbert_tf.recipes.settings import Rule

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.noise.training_noise import TrainingNoise
    from charbert_tf.word_recognition.word_corrector import WordCorrector

MINIMUM_LENGTH = 4
"""The least characters of a word that is attacked, unless something else is said."""

MinimumLength = Annotated[int, Limits(least=3)]
"""Such a number of characters."""

AttackRate = Annotated[float, Limits(0, 1)]
"""Share of the words that are attacked."""

AttackSeed = Annotated[int, Limits(least=0)]
"""Of the typos of an attack."""

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

NOISE_RULES = (
    Rule(
        ["noise_rate", "noise_attacks", "clean_share"],
        lambda v: (
            v["noise_rate"] is not None
            or (v["noise_attacks"] is None and v["clean_share"] is None)
        ),
        "--noise_attacks and --clean_share need --noise_rate",
    ),
)
"""What must hold between the settings of noise in training."""

_NUMBER = r"(\d+\.?\d*|\.\d+)"
_RANGE = re.compile(f"{_NUMBER}(?:-{_NUMBER})?")


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


def make_noise(
    rate: str | None, attacks: Sequence[str] | None, clean_share: float | None
) -> "TrainingNoise | None":
    """Makes the noise that settings describe.

    Args:
        rate: a number from 0 to 1, or two with "-" between them.
        attacks: names of attacks; by default the mix.
        clean_share: share of the examples that stay clean; by default none.

    Returns:
        The noise; None without a rate.

    Raises:
        UserError: if the rate is none, or there is no such attack, or training cannot
            take it.

    Example:

    ```python
    make_noise("0.3-1.0", ["mix", "small_letters"], clean_share=0.3)
    ```
    """
    if rate is None:
        return None
    # Not above: it imports TensorFlow, and --help must not.
    from charbert_tf.noise.training_noise import TrainingNoise

    return TrainingNoise(_parsed(rate), attacks or ["mix"], clean_share or 0.0)


def _parsed(rate: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(str(rate))
    if match:
        lowest, highest = float(match[1]), float(match[2] or match[1])
        if lowest <= highest <= 1:
            return lowest, highest
    raise UserError(
        f"--noise_rate={rate}: give a number from 0 to 1, or a lower and a higher one "
        "with '-' between, such as 0.3-1.0"
    )
