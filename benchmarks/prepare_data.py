"""How many words a second official.prepare_data prepares, on 1 and 2 processes.

  python -m benchmarks.prepare_data --input='text/*.txt'

The start of the workers, measured on one line of text, is taken off: a large text does
not notice it. Core-seconds are the processor time of all processes, which other work
on the machine hardly changes. The last line says what English Wikipedia would take on
100 cores, if the pipelines divide among them without loss, as their chunks do, at the
core-seconds of 2 processes here, and a cluster's shuffles keep up. Word pieces are
learnt by one process, from the most frequent words, so that more text takes no longer.

Also says how many of the blocks are too long for the sequence once they are noised,
with seed 0, and what share of the tokens is cut off.
"""

import itertools
import os
import resource
import tempfile
import time
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import flags

import charbert_tf
from charbert_tf.corpus.blocks import decode_blocks
from charbert_tf.corpus.corpus_parts import find_corpus_parts
from charbert_tf.corpus.corpus_preparation import CorpusPreparation
from charbert_tf.corpus.pipeline import run_beam
from charbert_tf.corpus.prepared_corpus import PreparedCorpus
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from official import command

_INPUT = flags.DEFINE_list(
    "input", None, "Text as official.prepare_data takes it.", required=True
)
_SEQUENCE_LENGTH = flags.DEFINE_integer("sequence_length", 384, "The paper's.")
_NOISE_RATE, _SHARDS = 0.15, 64
_VOCABULARY_SIZE, _CHARACTERS, _WORDS = 30_522, 1000, 30_000
_WIKIPEDIA_WORDS, _CORES = 2.5e9, 100
_BLOCKS_AT_ONCE = 256


class Cost(NamedTuple):
    """What a preparation took, in seconds, and what it made."""

    cleaning: float
    learning: float
    cutting: float
    core_seconds: float
    words: int
    tokens: int
    tokenizer: object


def main() -> None:
    """Runs the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        line = os.path.join(folder, "line.txt")
        with open(line, "w") as file:
            file.write("One line of text.\n")
        # Also warms up what is compiled or read once.
        tokenizer = _prepare([line], f"{folder}/first", 1).tokenizer
        learnt = _prepare(_INPUT.value, f"{folder}/learnt", 1)
        print(f"word pieces: {learnt.learning:.0f} s")
        for workers in (1, 2):
            start = _prepare([line], f"{folder}/{workers}s", workers, tokenizer)
            cost = _prepare(
                _INPUT.value, f"{folder}/{workers}", workers, learnt.tokenizer
            )
            core_seconds = _report(workers, start, cost)
        _report_overflow(f"{folder}/learnt", learnt.tokenizer)
    minutes = _WIKIPEDIA_WORDS / cost.words * core_seconds / _CORES / 60
    print(
        f"English Wikipedia, 2.5 G words, on {_CORES} cores: {minutes:.1f} minutes, "
        f"and {learnt.learning / 60:.1f} for word pieces"
    )


def _prepare(inputs, folder: str, workers: int, tokenizer=None) -> Cost:
    def run(transform):
        run_beam(lambda pipeline: pipeline | transform, workers)

    preparation = CorpusPreparation(folder, {})
    times, cores = [time.perf_counter()], [_core_seconds()]

    def lap():
        times.append(time.perf_counter())
        cores.append(_core_seconds())

    text = preparation.clean(find_corpus_parts(inputs), run)
    lap()
    vocabularies = preparation.make_vocabularies(
        tokenizer, _VOCABULARY_SIZE, True, _CHARACTERS, _WORDS
    )
    lap()
    index = preparation.cut_into_blocks(
        _SEQUENCE_LENGTH.value, _NOISE_RATE, _SHARDS, run
    )
    lap()
    cleaning_cores, _, cutting_cores = (b - a for a, b in itertools.pairwise(cores))
    return Cost(
        *(b - a for a, b in itertools.pairwise(times)),
        cleaning_cores + cutting_cores,
        text["words"],
        index["tokens"],
        vocabularies.tokenizer(),
    )


def _core_seconds() -> float:
    """The processor time of this process and of those that it started and ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _report(workers: int, start: Cost, cost: Cost) -> float:
    cleaning, cutting = cost.cleaning - start.cleaning, cost.cutting - start.cutting
    seconds = cleaning + cutting
    core_seconds = cost.core_seconds - start.core_seconds
    print(
        f"{workers} process{'es' if workers > 1 else ''}: start "
        f"{start.cleaning + start.cutting:.0f} s, cleaning {cleaning:.0f} s, blocks "
        f"{cutting:.0f} s: {cost.words / seconds:,.0f} words/s, "
        f"{cost.tokens / seconds:,.0f} tokens/s; {core_seconds:.0f} core-seconds, "
        f"{cost.words / core_seconds:,.0f} words each",
        flush=True,
    )
    return core_seconds


def _report_overflow(folder: str, tokenizer) -> None:
    vocabularies = VocabularyFolder(f"{folder}/vocabulary")
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, vocabularies.characters(), ["<unk>"], _NOISE_RATE
    )
    paths = [shard.path for shard in PreparedCorpus(folder).shards]

    def noised_tokens(numbers, records):
        texts = decode_blocks(records)["text"]
        return preprocessor.noise_subwords(texts, numbers, (0, 0)).token_ids

    records = tf.data.TFRecordDataset(paths).enumerate().batch(_BLOCKS_AT_ONCE)
    tokens = records.map(noised_tokens, num_parallel_calls=tf.data.AUTOTUNE)
    lengths = np.concatenate([row.row_lengths() for row in tokens])
    room = _SEQUENCE_LENGTH.value - 2
    print(
        f"{len(lengths):,} blocks: noised, they fill "
        f"{np.minimum(lengths, room).mean() / room:.1%} of the room; "
        f"{(lengths > room).mean():.1%} are too long, "
        f"{np.maximum(lengths - room, 0).sum() / lengths.sum():.3%} of the tokens"
    )


if __name__ == "__main__":
    command.run(main)
