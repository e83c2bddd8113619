r"""Builds the vocabularies of a CharBERT from text files.

  python -m official.build_vocabulary --input='text/*.txt.gz' --output=vocabulary

The output folder then holds vocab.txt (word pieces, what BERT reads), char_vocab.txt
(characters, what the character channel reads), word_vocab.txt (words, what the noisy
language model restores) and tokenizer_config.json. It is what official.pretrain takes
as --vocabulary.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import text, vocabularies
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines
from official import command

if TYPE_CHECKING:
    from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

_INPUT = flags.DEFINE_list(
    "input",
    None,
    "Text files or globs, a paragraph a line; .gz and .bz2 too.",
    required=True,
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "Folder to make; it must not exist yet.", required=True
)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size", 30_522, "Word pieces at most.", lower_bound=100
)
_LOWERCASE = flags.DEFINE_bool(
    "lowercase",
    True,
    "Whether word pieces are lower-cased and stripped of accents. The character "
    "channel sees the case all the same.",
)
_NUM_CHARACTERS = flags.DEFINE_integer(
    "num_characters", 1000, "Characters at most, <unk> not counted.", lower_bound=2
)
_NUM_WORDS = flags.DEFINE_integer(
    "num_words", 30_000, "Words at most, <unk> not counted.", lower_bound=1
)


def main() -> None:
    """Runs the command."""
    paths = expand_patterns(_INPUT.value)
    # The folder is claimed first: learning takes a minute, for nothing if it is taken.
    with atomic_folder(_OUTPUT.value) as folder:
        counts = vocabularies.count_words(
            line for path in paths for _, line in read_lines(path)
        )
        if not counts:
            raise UserError("no words in the text: name files with text", paths[0])
        print(
            f"Read {sum(counts.values()):,} words, {len(counts):,} different ones, "
            f"from {len(paths)} file{'s' if len(paths) > 1 else ''}",
            flush=True,
        )
        vocabularies.VocabularyFolder.write(
            folder,
            vocabularies.learn_word_piece_vocabulary(
                counts, _VOCABULARY_SIZE.value, _LOWERCASE.value
            ),
            vocabularies.learn_character_vocabulary(counts, _NUM_CHARACTERS.value),
            vocabularies.learn_word_vocabulary(counts, _NUM_WORDS.value),
            _LOWERCASE.value,
        )
        summary = _summary(vocabularies.VocabularyFolder(folder), counts)
    print(f"Saved {_OUTPUT.value}: {summary}")


def _summary(written: "VocabularyFolder", counts: Mapping[str, int]) -> str:
    import tensorflow as tf  # Not above: --help must not import it.

    tokenizer = written.tokenizer()
    characters = written.characters()
    words = written.words()
    subwords = text.make_subword_tokenizer(tokenizer)
    token_ids = subwords(tf.constant(list(counts))).token_ids.to_list()
    whole = {
        word
        for word, ids in zip(counts, token_ids, strict=True)
        if len(ids) == 1 and ids != [subwords.unknown_token_id]
    }
    counts_of_characters = vocabularies.count_characters(counts)
    return (
        f"{tokenizer.vocabulary_size():,} word pieces "
        f"({_share(counts, whole):.1%} of the words are one piece), "
        f"{len(characters):,} characters "
        f"({_share(counts_of_characters, characters):.2%} of the text), "
        f"{len(words):,} words "
        f"({_share(counts, words, str.lower):.1%} of the text)"
    )


def _share(
    counts: Mapping[str, int],
    listed: Collection[str],
    form: Callable[[str], str] = str,
) -> float:
    listed = frozenset(listed)
    covered = sum(count for entry, count in counts.items() if form(entry) in listed)
    return covered / sum(counts.values())


if __name__ == "__main__":
    command.run(main)
