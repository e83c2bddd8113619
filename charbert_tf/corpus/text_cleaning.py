"""TextCleaning: the pipeline that cleans a corpus, drops copies and counts words."""

import collections
import functools
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence

import apache_beam as beam
import tensorflow as tf

from charbert_tf.corpus.corpus_parts import TfdsPart
from charbert_tf.corpus.pipeline import SumToFile
from charbert_tf.corpus.text_part import Document, TextPart, fingerprint
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.text.word_splitter import WordSplitter

# What is grouped is handed on in so many heaps, not paragraph by paragraph and word by
# word: one of English Wikipedia's fits into a worker's memory.
_HEAPS = 64
_STATISTICS = "statistics"


class TextCleaning(beam.PTransform):
    """Writes each chunk's cleaned text, and how often each word occurs in all.

    Of paragraphs that are copies of each other the first stays, in the order of the
    chunks' names; copies are told by `fingerprint`.

    Into the folder go `text/CHUNK.txt` (a paragraph a line, an empty line between
    documents), `counts/HEAP.tsv` (a word, a tab, its count) and `statistics.json`
    (numbers of documents, paragraphs, copies and words).

    Args:
        parts: What to read.
        folder: An empty folder, which all workers see at this path.

    Example:

    ```python
    cleaning = TextCleaning(find_corpus_parts(["a.txt"]), "a")
    run_beam(lambda pipeline: pipeline | cleaning)
    ```
    """

    def __init__(self, parts: Sequence[TextPart | TfdsPart], folder: str):
        super().__init__()
        self._parts = list(parts)
        self._folder = folder

    def expand(self, pipeline: beam.Pipeline) -> beam.PCollection:
        """Adds the transforms.

        Returns:
            What `SumToFile` returns of the statistics: an empty collection.
        """
        chunks = (
            pipeline
            | "Parts" >> beam.Create(self._parts, reshuffle=False)
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.FlatMap(_read)
        )
        copies = (
            chunks
            | "Fingerprint" >> beam.FlatMap(_fingerprints)
            | "Gather copies" >> beam.GroupByKey()
            | "Find copies" >> beam.FlatMap(_later_copies)
        )
        written = (
            {"documents": chunks, "copies": copies}
            | "Join" >> beam.CoGroupByKey()
            | "Write text"
            >> beam.ParDo(_WriteText(os.path.join(self._folder, "text"))).with_outputs(
                _STATISTICS, main="counts"
            )
        )
        _ = (
            written.counts
            | "Gather counts" >> beam.GroupByKey()
            | "Write counts"
            >> beam.MapTuple(
                functools.partial(_write_counts, os.path.join(self._folder, "counts"))
            )
        )
        return written[_STATISTICS] | SumToFile(
            os.path.join(self._folder, "statistics.json")
        )


def _read(part: TextPart | TfdsPart) -> Iterator[tuple[str, list[Document]]]:
    return part.chunks()


def _fingerprints(chunk: tuple[str, list[Document]]) -> Iterator[tuple[int, tuple]]:
    name, documents = chunk
    heaps = collections.defaultdict(list)
    paragraphs = (paragraph for document in documents for paragraph in document)
    for index, paragraph in enumerate(paragraphs):
        mark = fingerprint(paragraph)
        heaps[mark[0] % _HEAPS].append((index, mark))
    for heap, marks in heaps.items():
        yield heap, (name, marks)


def _later_copies(heap: tuple[int, Iterable]) -> Iterator[tuple[str, list[int]]]:
    seen = set()
    for name, marks in sorted(heap[1]):
        copies = []
        for index, mark in marks:
            if mark in seen:
                copies.append(index)
            seen.add(mark)
        if copies:
            yield name, copies


class _WriteText(beam.DoFn):
    def __init__(self, folder: str):
        self._folder = folder

    def setup(self) -> None:
        self._word_splitter = WordSplitter()

    def process(self, chunk: tuple[str, dict]) -> Iterator:
        name, joined = chunk
        (documents,) = joined["documents"]
        copies = {index for indices in joined["copies"] for index in indices}
        kept = _without(documents, copies)
        counts = self._count_words(kept)
        if kept:
            with atomic_file(os.path.join(self._folder, f"{name}.txt")) as file:
                file.write("\n".join(_lines(document) for document in kept))
        heaps = collections.defaultdict(dict)
        for word, count in counts.items():
            heaps[zlib.crc32(word) % _HEAPS][word] = count
        yield from heaps.items()
        statistics = {
            "documents": len(kept),
            "paragraphs": sum(map(len, kept)),
            "copies": len(copies),
            "words": counts.total(),
        }
        yield beam.pvalue.TaggedOutput(_STATISTICS, statistics)

    def _count_words(self, documents: list[Document]) -> collections.Counter:
        texts = tf.constant([_lines(document) for document in documents], tf.string)
        return collections.Counter(self._word_splitter(texts).values.numpy().tolist())


def _without(documents: list[Document], copies: set[int]) -> list[Document]:
    index = -1
    kept = []
    for document in documents:
        kept.append([])
        for paragraph in document:
            index += 1
            if index not in copies:
                kept[-1].append(paragraph)
    return [document for document in kept if document]


def _lines(document: Document) -> str:
    return "".join(f"{paragraph}\n" for paragraph in document)


def _write_counts(folder: str, heap: int, counts: Iterable[dict[bytes, int]]) -> None:
    sums = collections.Counter()
    for part in counts:
        sums.update(part)
    with atomic_file(os.path.join(folder, f"{heap:02d}.tsv"), "wb") as file:
        file.writelines(b"%s\t%d\n" % item for item in sorted(sums.items()))
