r"""Trains a word recogniser, which corrects typos in front of any model, on text.

  python -m official.train_word_recognizer --input='text/*.txt.gz' \
      --output=my_recognizer --steps=20000

It learns to tell the most frequent words of the text from themselves with a typo (drop,
add, swap, keyboard) in the middle. It is in my_recognizer/preset when it is done; give
that to official.evaluate as --recognizer. The same command started again goes on from
the last checkpoint.
"""

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.word_recognizer_recipe import WordRecognizerSettings
from official import command, training_flags

flags.DEFINE_list(
    "input", None, "Text files or globs, a paragraph a line; .gz too.", required=True
)
flags.DEFINE_string("output", None, "Folder to write to.", required=True)
flags.DEFINE_integer(
    "num_words",
    WordRecognizerSettings.num_words,
    "Words that it knows, <unk> not counted.",
    **flag_bounds(WordRecognizerSettings, "num_words"),
)
flags.DEFINE_integer(
    "hidden_dim",
    WordRecognizerSettings.hidden_dim,
    "Units of the LSTM in each direction.",
    **flag_bounds(WordRecognizerSettings, "hidden_dim"),
)
flags.DEFINE_float(
    "noise_rate",
    WordRecognizerSettings.noise_rate,
    "Share of words of four letters or more with a typo.",
    **flag_bounds(WordRecognizerSettings, "noise_rate"),
)
flags.DEFINE_integer(
    "steps",
    WordRecognizerSettings.steps,
    "Training steps.",
    **flag_bounds(WordRecognizerSettings, "steps"),
)
training_flags.define_seed("Of new weights, order and typos.")

flags.set_default(training_flags.LEARNING_RATE, WordRecognizerSettings.learning_rate)
flags.set_default(training_flags.BATCH_SIZE, WordRecognizerSettings.batch_size)
# Of words, not of tokens.
flags.set_default(
    training_flags.SEQUENCE_LENGTH, WordRecognizerSettings.sequence_length
)


def main() -> None:
    """Runs the command."""
    recipes.train_word_recognizer(**command.given(), notice=command.notice)


if __name__ == "__main__":
    command.run(main)
