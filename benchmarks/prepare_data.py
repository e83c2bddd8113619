"""How many words a second official.prepare_data prepares, on 1 and 2 processes.

  python -m benchmarks.prepare_data --input='text/*.txt'

Prints the seconds of each stage, the start of the workers among them, and the time
that English Wikipedia would take on 100 cores. That assumes that the two pipelines
divide among the cores without loss, as they do by chunks, at the speed of one process
here, and that a cluster's shuffles keep up; learning word pieces is one process's work
and takes no longer for more text.
"""

import itertools
import os
import tempfile
import time

from absl import flags

from charbert_tf.corpus.beam_runner import run_beam
from charbert_tf.corpus.corpus_parts import corpus_parts
from charbert_tf.corpus.corpus_preparation import CorpusPreparation
from official import command

_INPUT = flags.DEFINE_list(
    "input", None, "Text as official.prepare_data takes it.", required=True
)
_SEQUENCE_LENGTH = flags.DEFINE_integer("sequence_length", 384, "As the paper's.")
_NOISE_RATE, _SHARDS = 0.15, 64
_VOCABULARY_SIZE, _CHARACTERS, _WORDS = 30_522, 1000, 30_000
_WIKIPEDIA_WORDS, _CORES = 2.5e9, 100


def main() -> None:
    """Runs the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        one, learning = _measure(os.path.join(folder, "1"), 1)
        _measure(os.path.join(folder, "2"), 2)
    hours = _WIKIPEDIA_WORDS / one / _CORES / 3600
    print(
        f"English Wikipedia, 2.5 G words, on {_CORES} cores: {60 * hours:.0f} minutes, "
        f"and {learning / 60:.1f} for word pieces"
    )


def _measure(folder: str, workers: int) -> tuple[float, float]:
    """The words a second of both pipelines, and the seconds of learning."""

    def run(transform):
        run_beam(lambda pipeline: pipeline | transform, workers)

    preparation = CorpusPreparation(folder, {})
    times = [time.perf_counter()]
    text = preparation.clean(corpus_parts(_INPUT.value), run)
    times.append(time.perf_counter())
    preparation.make_vocabularies(None, _VOCABULARY_SIZE, True, _CHARACTERS, _WORDS)
    times.append(time.perf_counter())
    index = preparation.cut_into_blocks(
        _SEQUENCE_LENGTH.value, _NOISE_RATE, _SHARDS, run
    )
    times.append(time.perf_counter())
    cleaning, learning, cutting = (b - a for a, b in itertools.pairwise(times))
    words, tokens = (
        number / (cleaning + cutting) for number in (text["words"], index["tokens"])
    )
    print(
        f"{workers} processes: cleaning {cleaning:.0f} s, word pieces {learning:.0f} "
        f"s, blocks {cutting:.0f} s; both pipelines {words:,.0f} words/s, "
        f"{tokens:,.0f} tokens/s",
        flush=True,
    )
    return words, learning


if __name__ == "__main__":
    command.run(main)
