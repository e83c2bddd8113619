"""CorpusPreparation: the stages from text to blocks, each done once."""

import collections
import glob
import json
import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence

import apache_beam as beam
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.corpus.block_writing import BlockWriting
from charbert_tf.corpus.corpus_parts import TfdsPart
from charbert_tf.corpus.prepared_corpus import (
    INDEX,
    tokenizer_fingerprint,
)
from charbert_tf.corpus.text_cleaning import TextCleaning
from charbert_tf.corpus.text_part import TextPart
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object
from charbert_tf.files.run_folder import RunFolder
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.vocabularies.counted_vocabularies import (
    count_characters,
    learn_character_vocabulary,
    learn_word_vocabulary,
)
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from charbert_tf.vocabularies.word_piece_vocabulary import learn_word_piece_vocabulary

Run = Callable[[beam.PTransform], None]
# The frequent words are most of the text, and a second's work.
_MOST_WORDS = 50_000
_SEED = (0, 0)


class CorpusPreparation:
    """The output folder of official.prepare_data, filled stage by stage.

    Each stage makes a folder, which appears whole or not at all: `cleaned/` (text and
    counts), `vocabulary/`, `blocks/`. A stage whose folder is there is not done again,
    so that a run that was killed goes on after its last finished stage. The stages'
    results depend on the text and their arguments alone.

    Args:
        directory: The folder; it is made if there is none.
        settings: What the result depends on, JSON values by the names of their flags.

    Raises:
        UserError: If the folder holds something else, or a run of other settings.

    Example:

    ```python
    preparation = CorpusPreparation("prepared", {"input": "text.txt"})
    preparation.clean(find_corpus_parts(["text.txt"]), run)
    preparation.make_vocabularies(None, 30_522, True, 1000, 30_000)
    preparation.cut_into_blocks(384, 0.15, 64, run)
    preparation.close()
    ```
    """

    def __init__(self, directory: str, settings: dict):
        self.directory = directory
        self._folder = RunFolder(directory, settings, "a prepared corpus")
        self._cleaned = os.path.join(directory, "cleaned")
        self._vocabulary = os.path.join(directory, "vocabulary")
        self._blocks = os.path.join(directory, "blocks")

    @property
    def is_finished(self) -> bool:
        """Whether the result is there."""
        return os.path.exists(self._blocks)

    def clean(self, parts: Sequence[TextPart | TfdsPart], run: Run) -> dict[str, int]:
        """Cleans the text, drops copies of paragraphs, counts words.

        Args:
            parts: What to read.
            run: Runs a pipeline that consists of the transform it is given.

        Returns:
            How many "documents", "paragraphs" and "words" there are, and how many
            "copies" were left out.

        Raises:
            UserError: If the text cannot be read, or there is none, or if another run
                is going on in the folder, or has made the result meanwhile.
        """
        self._folder.begin()
        if self.is_finished:
            raise UserError(
                "another run has made the result meanwhile: there is nothing to do",
                self.directory,
            )
        if not os.path.exists(self._cleaned):
            try:
                with atomic_folder(self._cleaned) as folder:
                    run(TextCleaning(parts, folder))
                    if not _read_json(folder, "statistics.json")["words"]:
                        raise UserError("no words in the text: name files with text")
            except UserError:
                self._folder.withdraw()
                raise
        return _read_json(self._cleaned, "statistics.json")

    def make_vocabularies(
        self,
        tokenizer: keras_nlp.models.BertTokenizer | None,
        vocabulary_size: int,
        lowercase: bool,
        num_characters: int,
        num_words: int,
    ) -> VocabularyFolder:
        """Learns the vocabularies from the counts.

        Args:
            tokenizer: What to cut words into pieces with; `None` learns word pieces.
            vocabulary_size: int. Word pieces at most, if they are learnt.
            lowercase: bool. Whether they are lower-cased, if they are learnt.
            num_characters: int. Characters at most.
            num_words: int. Words at most.

        Returns:
            The vocabularies, with `word_counts.tsv` and `character_counts.tsv` (an
            entry, a tab, its count) beside them.
        """
        if not os.path.exists(self._vocabulary):
            counts = self._word_counts()
            if tokenizer is None:
                pieces = learn_word_piece_vocabulary(counts, vocabulary_size, lowercase)
            else:
                pieces, lowercase = tokenizer.get_vocabulary(), tokenizer.lowercase
            with atomic_folder(self._vocabulary) as folder:
                VocabularyFolder.write(
                    folder,
                    pieces,
                    learn_character_vocabulary(counts, num_characters),
                    learn_word_vocabulary(counts, num_words),
                    lowercase,
                )
                if tokenizer is not None:
                    # Blocks are counted, and compared with a model's, with all of its
                    # settings.
                    VocabularyFolder(folder).put_tokenizer(tokenizer)
                _write_counts(os.path.join(folder, "word_counts.tsv"), counts)
                _write_counts(
                    os.path.join(folder, "character_counts.tsv"),
                    count_characters(counts),
                )
        return VocabularyFolder(self._vocabulary)

    def cut_into_blocks(
        self, sequence_length: int, noise_rate: float, shards: int, run: Run
    ) -> dict:
        """Cuts the cleaned text into blocks, and removes it.

        Args:
            sequence_length: int. Tokens of a sequence that a block fills once noised.
            noise_rate: float. Share of the words that pretraining will noise.
            shards: int. Files of blocks at most.
            run: See `clean`.

        Returns:
            The index: how many "blocks" and "tokens" there are, "tokens_per_block" at
            most, and what the blocks were cut for.
        """
        if not self.is_finished:
            vocabularies = VocabularyFolder(self._vocabulary)
            tokenizer = vocabularies.tokenizer()
            most_tokens = tokens_before_noise(
                self._word_counts(),
                tokenizer,
                vocabularies.characters(),
                sequence_length,
                noise_rate,
            )
            with atomic_folder(self._blocks) as folder:
                texts = glob.glob(f"{glob.escape(self._cleaned)}/text/*.txt")
                run(BlockWriting(texts, self._vocabulary, most_tokens, shards, folder))
                blocks = _read_json(folder, "statistics.json")
                os.remove(os.path.join(folder, "statistics.json"))
                index = {
                    "tokenizer": tokenizer_fingerprint(tokenizer),
                    "sequence_length": sequence_length,
                    "noise_rate": noise_rate,
                    "tokens_per_block": most_tokens,
                    "tokens": blocks.pop("tokens"),
                    "blocks": sum(blocks.values()),
                    "text": _read_json(self._cleaned, "statistics.json"),
                    "shards": blocks,
                    "bytes": {
                        name: os.path.getsize(os.path.join(folder, name))
                        for name in blocks
                    },
                }
                with open(os.path.join(folder, INDEX), "w", encoding="utf-8") as file:
                    json.dump(index, file, indent=2)
        self.tidy()
        return _read_json(self._blocks, INDEX)

    def tidy(self) -> None:
        """Removes what only led to the result."""
        shutil.rmtree(self._cleaned, ignore_errors=True)
        # Its workers outlive a run that was killed by seconds, and may write meanwhile.
        self._folder.remove_unfinished()

    def close(self) -> None:
        """Lets others go on with it; from `clean` on it is this object's."""
        self._folder.close()

    def _word_counts(self) -> collections.Counter[str]:
        counts = collections.Counter()
        for path in sorted(glob.glob(f"{glob.escape(self._cleaned)}/counts/*.tsv")):
            with open(path, encoding="utf-8", newline="\n") as file:
                for line in file:
                    word, count = line.rstrip("\n").split("\t")
                    counts[word] = int(count)
        return counts


def _read_json(folder: str, name: str) -> dict:
    return read_json_object(os.path.join(folder, name), "name another --output")


def _write_counts(path: str, counts: collections.Counter[str]) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for entry in sorted(counts, key=lambda entry: (-counts[entry], entry)):
            file.write(f"{entry}\t{counts[entry]}\n")


def tokens_before_noise(
    word_counts: Mapping[str, int],
    tokenizer: keras_nlp.models.BertTokenizer,
    characters: Sequence[str],
    sequence_length: int,
    noise_rate: float,
) -> int:
    """Gives the tokens of a block that will just fill a sequence once it is noised.

    A typo splits a word into more subwords. How many is measured on the text's frequent
    words, the same number of typos of each, with the noise that pretraining uses; the
    words of a block are taken to be noised independently. The block's noised length
    then has a mean and a standard deviation, and their sum is to be the room of the
    sequence. What is longer is cut when it is read, in that epoch.

    Args:
        word_counts: How often each word of the text occurs.
        tokenizer: The tokenizer.
        characters: The character vocabulary, whose first ones noise inserts.
        sequence_length: int. The tokens of a sequence, `[CLS]` and `[SEP]` among them.
        noise_rate: float. Share of the words that pretraining will noise.

    Returns:
        int, at least 1.

    Example:

    ```python
    tokens_before_noise(counts, tokenizer, characters, 384, noise_rate=0.15)
    ```
    """
    room = sequence_length - 2
    words = sorted(word_counts, key=lambda word: (-word_counts[word], word))
    words = words[:_MOST_WORDS]
    weights = np.array([word_counts[word] for word in words], np.float64)
    clean, noised = _subwords(words, tokenizer, characters)
    mean_clean = np.average(clean, weights=weights)
    more = noised - clean
    added = noise_rate * np.average(more.mean(axis=0), weights=weights)
    square = noise_rate * np.average(np.square(more).mean(axis=0), weights=weights)
    growth = 1 + added / mean_clean
    variance = (square - added**2) / mean_clean
    # room = growth * tokens + sqrt(variance * tokens), solved for sqrt(tokens).
    root = math.sqrt(variance + 4 * growth * room) - math.sqrt(variance)
    return max(1, min(room, math.floor((root / (2 * growth)) ** 2)))


def _subwords(words, tokenizer, characters) -> tuple[np.ndarray, np.ndarray]:
    """How many subwords each word has: as it is `(words,)`, and `(typos, words)`."""
    preprocessor = PretrainerPreprocessor(tokenizer, characters, ["<unk>"])
    preprocessor.noise.rate = 1.0
    typos = max(1, _MOST_WORDS // len(words))
    rows = tf.RaggedTensor.from_row_lengths(
        tf.tile(tf.constant(words), [typos]), [len(words)] * typos
    )
    noised, _ = preprocessor.noise(rows, tf.range(typos), _SEED)
    clean, noised = (
        preprocessor.subword_tokenizer(values).token_ids.row_lengths().numpy()
        for values in (rows[0], noised.values)
    )
    return clean, noised.reshape([typos, len(words)])
