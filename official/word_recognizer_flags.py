"""The flags of a word recogniser in front of the models that are scored."""

from absl import flags

from charbert_tf.recipes.typos import BACKOFFS

flags.DEFINE_string(
    "recognizer",
    None,
    "Preset of official.train_word_recognizer that corrects the words first; of "
    "questions with contexts the questions only.",
)
flags.DEFINE_enum(
    "backoff",
    BACKOFFS[0],
    list(BACKOFFS),
    "What becomes of a word that the recogniser does not know: it stays as typed, "
    "becomes 'a', or what --background_recognizer takes it for.",
)
flags.DEFINE_string(
    "background_recognizer", None, "A recogniser of more words, for the background."
)
