r"""Builds the vocabularies of a CharBERT from text files.

  python -m official.build_vocabulary --input='text/*.txt.gz' --output=vocabulary

The output folder then holds vocab.txt (word pieces, what BERT reads), char_vocab.txt
(characters, what the character channel reads), word_vocab.txt (words, what the noisy
language model restores) and tokenizer_config.json. It is what official.pretrain takes
as --vocabulary.
"""

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.vocabulary_recipe import VocabularySettings
from official import command

flags.DEFINE_list(
    "input",
    None,
    "Text files or globs, a paragraph a line; .gz and .bz2 too.",
    required=True,
)
flags.DEFINE_string(
    "output", None, "Folder to make; it must not exist yet.", required=True
)
flags.DEFINE_integer(
    "vocabulary_size",
    VocabularySettings.vocabulary_size,
    "Word pieces at most.",
    **flag_bounds(VocabularySettings, "vocabulary_size"),
)
flags.DEFINE_bool(
    "lowercase",
    VocabularySettings.lowercase,
    "Whether word pieces are lower-cased and stripped of accents. The character "
    "channel sees the case all the same.",
)
flags.DEFINE_integer(
    "num_characters",
    VocabularySettings.num_characters,
    "Characters at most, <unk> not counted.",
    **flag_bounds(VocabularySettings, "num_characters"),
)
flags.DEFINE_integer(
    "num_words",
    VocabularySettings.num_words,
    "Words at most, <unk> not counted.",
    **flag_bounds(VocabularySettings, "num_words"),
)


def main() -> None:
    """Runs the command."""
    recipes.build_vocabulary(**command.given())


if __name__ == "__main__":
    command.run(main)
