r"""Prepares text of any size for pretraining: cleaned, without copies, cut into blocks.

  python -m official.prepare_data --input='text/**/wiki_*.bz2' --output=prepared \
      --workers=8
  python -m official.pretrain --input=prepared --vocabulary=prepared/vocabulary ...

Reads plain text (a paragraph a line, an empty line between documents), WikiExtractor's
JSON, both as they are or as .gz or .bz2, and tensorflow-datasets' Wikipedia
(--input=tfds:wikipedia/20230601.en). The output folder holds the vocabularies that
official.build_vocabulary would make, counts of words and characters, and TFRecord
files of blocks of text, whose noise and masks pretraining draws anew in each epoch.

The same text and flags give the same files on any number of workers. The same command
started again after an interruption goes on after the last stage that was finished.

It is an Apache Beam pipeline: --beam_options takes it to a cluster that sees the same
file system.
"""

import contextlib
import logging
import os
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import corpus, models, vocabularies
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.pretraining_settings import PretrainingSettings
from charbert_tf.recipes.vocabulary_recipe import VocabularySettings
from official import command

if TYPE_CHECKING:
    import keras_nlp

_INPUT = flags.DEFINE_list(
    "input",
    None,
    "Text files or globs, or tfds:NAME; a file whose first line begins with { has a "
    "JSON object a line.",
    required=True,
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_TOKENIZER = flags.DEFINE_string(
    "tokenizer",
    None,
    "Folder of the model to pretrain on, for its tokenizer: a preset, a Hugging Face "
    "BERT folder or a vocabulary folder. By default word pieces are learnt from the "
    "text.",
)
_SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length",
    PretrainingSettings.sequence_length,
    "As pretraining will have it.",
    **flag_bounds(PretrainingSettings, "sequence_length"),
)
_NOISE_RATE = flags.DEFINE_float(
    "noise_rate",
    PretrainingSettings.noise_rate,
    "The most that pretraining will have; blocks leave room for the subwords that "
    "noise adds.",
    **flag_bounds(PretrainingSettings, "noise_rate"),
)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size",
    VocabularySettings.vocabulary_size,
    "Word pieces at most, if learnt.",
    **flag_bounds(VocabularySettings, "vocabulary_size"),
)
_LOWERCASE = flags.DEFINE_bool(
    "lowercase",
    VocabularySettings.lowercase,
    "Whether word pieces, if learnt, have neither case nor accents.",
)
_NUM_CHARACTERS = flags.DEFINE_integer(
    "num_characters",
    VocabularySettings.num_characters,
    "Characters at most, <unk> not counted.",
    **flag_bounds(VocabularySettings, "num_characters"),
)
_NUM_WORDS = flags.DEFINE_integer(
    "num_words",
    VocabularySettings.num_words,
    "Words at most, <unk> not counted.",
    **flag_bounds(VocabularySettings, "num_words"),
)
_SHARDS = flags.DEFINE_integer(
    "shards",
    64,
    "Files of blocks.",
    lower_bound=1,
    upper_bound=99_999,
)
_WORKERS = flags.DEFINE_integer(
    "workers", os.cpu_count(), "Processes on this machine.", lower_bound=1
)
_BEAM_OPTIONS = flags.DEFINE_list(
    "beam_options",
    [],
    "Options of Apache Beam, such as --runner=FlinkRunner,--flink_master=host:8081.",
)

# What the result does not depend on.
_NOT_SETTINGS = ("output", "workers", "beam_options")


def main() -> None:
    """Runs the command."""
    # Beam would log, stack trace and all, what is raised here anyway.
    logging.disable(logging.CRITICAL)
    try:
        # Not above: it need not be installed for --help.
        import apache_beam  # noqa: F401
    except ImportError as error:
        raise UserError(
            "this command needs Apache Beam: pip install '.[beam]' in this repository"
        ) from error

    if _TOKENIZER.value is not None:
        command.refuse_flags([_VOCABULARY_SIZE, _LOWERCASE], "--tokenizer decides it")
    settings = command.settings(ignored=_NOT_SETTINGS)
    settings["input"] = corpus.describe_inputs(_INPUT.value)
    preparation = corpus.CorpusPreparation(_OUTPUT.value, settings)
    with contextlib.closing(preparation):
        _prepare(preparation)


def _prepare(preparation: "corpus.CorpusPreparation") -> None:
    if preparation.is_finished:
        preparation.tidy()
        print(f"{_OUTPUT.value} is finished already.")
        return
    tokenizer = _tokenizer()

    def run(transform):
        corpus.run_beam(
            lambda pipeline: pipeline | transform, _WORKERS.value, _BEAM_OPTIONS.value
        )

    text = preparation.clean(corpus.find_corpus_parts(_INPUT.value), run)
    print(
        f"Cleaned {text['documents']:,} documents: {text['paragraphs']:,} paragraphs, "
        f"{text['words']:,} words; left out {text['copies']:,} copies of paragraphs",
        flush=True,
    )
    preparation.make_vocabularies(
        tokenizer,
        _VOCABULARY_SIZE.value,
        _LOWERCASE.value,
        _NUM_CHARACTERS.value,
        _NUM_WORDS.value,
    )
    index = preparation.cut_into_blocks(
        _SEQUENCE_LENGTH.value, _NOISE_RATE.value, _SHARDS.value, run
    )
    print(
        f"Saved {_OUTPUT.value}: {index['blocks']:,} blocks of at most "
        f"{index['tokens_per_block']} tokens, {index['tokens']:,} in all, in "
        f"{len(index['shards'])} files"
    )


def _tokenizer() -> "keras_nlp.models.BertTokenizer | None":
    import keras_nlp  # Not above: it imports TensorFlow, and --help must not.

    folder = _TOKENIZER.value
    if folder is None:
        return None
    if os.path.exists(os.path.join(folder, "config.json")):
        tokenizer = models.load_model_tokenizer(folder)
    else:
        tokenizer = vocabularies.VocabularyFolder(folder).tokenizer()
    if not isinstance(tokenizer, keras_nlp.models.BertTokenizer):
        raise UserError(
            f"has a {type(tokenizer).__name__}: blocks are cut for BERT's word pieces "
            "only; official.pretrain takes raw text for the others",
            folder,
        )
    return tokenizer


if __name__ == "__main__":
    command.run(main)
