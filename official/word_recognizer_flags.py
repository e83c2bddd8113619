"""The flags of a word recogniser in front of the models that are scored."""

from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import word_recognition
from official import attacked_text_flag

if TYPE_CHECKING:
    from charbert_tf.word_recognition.word_corrector import WordCorrector

_RECOGNIZER = flags.DEFINE_string(
    "recognizer",
    None,
    "Preset of official.train_word_recognizer that corrects the words first; of "
    "questions with contexts the questions only.",
)
_BACKOFF = flags.DEFINE_enum(
    "backoff",
    "pass_through",
    ["pass_through", "neutral", "background"],
    "What becomes of a word that the recogniser does not know: it stays as typed, "
    "becomes 'a', or what --background_recognizer takes it for.",
)
_BACKGROUND_RECOGNIZER = flags.DEFINE_string(
    "background_recognizer", None, "A recogniser of more words, for the background."
)


@flags.multi_flags_validator(
    ["recognizer", "backoff"],
    "--backoff needs a recogniser: give --recognizer",
)
def _has_recognizer(values) -> bool:
    return values["recognizer"] is not None or values["backoff"] == "pass_through"


@flags.multi_flags_validator(
    ["recognizer", *attacked_text_flag.HOLDERS],
    "a recogniser corrects questions only: leave --attacked_text or --recognizer out",
)
def _is_of_questions(values) -> bool:
    return values["recognizer"] is None or values["attacked_text"] in (None, "question")


@flags.multi_flags_validator(
    ["backoff", "background_recognizer"],
    "--backoff=background and --background_recognizer go together: give both",
)
def _has_background(values) -> bool:
    is_given = values["background_recognizer"] is not None
    return is_given == (values["backoff"] == "background")


def corrector() -> "WordCorrector | None":
    """Loads the recogniser that the flags name, if they name one.

    Returns:
        What corrects the words, or `None` if the flags name no recogniser.

    Raises:
        UserError: If a folder holds none.
    """
    if _RECOGNIZER.value is None:
        return None
    recognizer = word_recognition.load_word_recognizer(_RECOGNIZER.value)
    if _BACKOFF.value == "background":
        background = word_recognition.load_word_recognizer(_BACKGROUND_RECOGNIZER.value)
        return word_recognition.WordCorrector(recognizer, background)
    return word_recognition.WordCorrector(recognizer, _BACKOFF.value)
