"""build_vocabulary: the vocabularies of a CharBERT, learnt from text."""

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import text, vocabularies
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.settings import make_own_settings

if TYPE_CHECKING:
    from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocabularySettings:
    """The settings of `build_vocabulary`; official.build_vocabulary has flags for them.

    Args:
        input: text files or globs, a paragraph a line; .gz and .bz2 too.
        output: the folder to make; it must not exist yet.
        vocabulary_size: word pieces at most.
        lowercase: whether word pieces are lower-cased and stripped of accents. The
            character channel sees the case all the same.
        num_characters: characters at most, `<unk>` not counted.
        num_words: words at most, `<unk>` not counted.
    """

    input: Sequence[str]
    output: str
    vocabulary_size: Annotated[int, Limits(least=100)] = 30_522
    lowercase: bool = True
    num_characters: Annotated[int, Limits(least=2)] = 1000
    num_words: Annotated[int, Limits(least=1)] = 30_000


def build_vocabulary(**settings: Any) -> "VocabularyFolder":
    """Builds the vocabularies of a CharBERT from text files.

    What official.build_vocabulary does: word pieces, which BERT reads, characters,
    which the character channel reads, and words, which the noisy language model
    restores.

    Args:
        **settings: `input`, `output` and others, see `VocabularySettings`.

    Returns:
        The folder, which `pretrain` takes as `vocabulary` by its `path`.

    Raises:
        UserError: if a file cannot be read, has no words, or the folder is there
            already.
        TypeError: if there is no such setting, or one is missing.

    Example:

    ```python
    vocabulary = charbert_tf.build_vocabulary(
        input=["text.txt"], output="vocabulary", vocabulary_size=8000
    )
    charbert_tf.pretrain(
        input=["text.txt"], vocabulary=vocabulary.path, output="my_run"
    )
    ```
    """
    values = make_own_settings(VocabularySettings, (), settings)
    paths = expand_patterns(values.input)
    # The folder is claimed first: learning takes a minute, for nothing if it is taken.
    with atomic_folder(values.output) as folder:
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
                counts, values.vocabulary_size, values.lowercase
            ),
            vocabularies.learn_character_vocabulary(counts, values.num_characters),
            vocabularies.learn_word_vocabulary(counts, values.num_words),
            values.lowercase,
        )
        summary = _summary(vocabularies.VocabularyFolder(folder), counts)
    print(f"Saved {values.output}: {summary}", flush=True)
    return vocabularies.VocabularyFolder(values.output)


def _summary(written: "VocabularyFolder", counts: Mapping[str, int]) -> str:
    import tensorflow as tf  # Not above: recipes' settings are listed without it.

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
