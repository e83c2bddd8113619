"""BlockWriting: the pipeline that cuts cleaned text into blocks and stores them."""

import collections
import functools
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator

import apache_beam as beam
import tensorflow as tf

from charbert_tf.corpus.blocks import BlockPacker, encode_block
from charbert_tf.corpus.pipeline import SumToFile
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


class BlockWriting(beam.PTransform):
    """Writes `blocks-I-of-N.tfrecord` files, and `statistics.json` about them.

    A block's file, and its place there, are drawn by a hash of its position in the
    corpus: neighbours are apart, and every file is the same on any number of workers.
    A file that would be empty is not written.

    Args:
        texts: The files that `TextCleaning` wrote.
        vocabulary: The folder of the vocabulary that counts tokens.
        most_tokens: int. Tokens of a block at most.
        shards: int. Files at most.
        folder: An empty folder, which all workers see at this path.

    Example:

    ```python
    writing = BlockWriting(paths, "prepared/vocabulary", 310, 64, "prepared/blocks")
    run_beam(lambda pipeline: pipeline | writing)
    ```
    """

    def __init__(
        self,
        texts: Iterable[str],
        vocabulary: str,
        most_tokens: int,
        shards: int,
        folder: str,
    ):
        super().__init__()
        self._texts = sorted(texts)
        self._cut = _CutIntoBlocks(vocabulary, most_tokens, shards)
        self._shards = shards
        self._folder = folder

    def expand(self, pipeline: beam.Pipeline) -> beam.PCollection:
        """Adds the transforms.

        Returns:
            What `SumToFile` returns of the statistics: an empty collection.
        """
        return (
            pipeline
            | "Texts" >> beam.Create(self._texts, reshuffle=False)
            | "Spread" >> beam.Reshuffle()
            | "Cut" >> beam.ParDo(self._cut)
            | "Gather" >> beam.GroupByKey()
            | "Write"
            >> beam.MapTuple(functools.partial(_write, self._folder, self._shards))
            | SumToFile(os.path.join(self._folder, "statistics.json"))
        )


class _CutIntoBlocks(beam.DoFn):
    def __init__(self, vocabulary: str, most_tokens: int, shards: int):
        self._vocabulary = vocabulary
        self._most_tokens = most_tokens
        self._shards = shards

    def setup(self) -> None:
        tokenizer = VocabularyFolder(self._vocabulary).tokenizer()
        self._pack = BlockPacker(tokenizer, self._most_tokens)

    def process(self, path: str) -> Iterator[tuple[int, list]]:
        name = os.path.basename(path).removesuffix(".txt")
        with open(path, encoding="utf-8", newline="\n") as file:
            blocks = self._pack(file.read())
        shards = collections.defaultdict(list)
        for number, block in enumerate(blocks):
            position = (*map(int, name.split("-")), number)
            shard, place = divmod(_draw(position), 2**64 // self._shards)
            record = encode_block(block, position)
            shards[shard % self._shards].append((place, record, block.tokens))
        yield from shards.items()


def _draw(position: tuple[int, ...]) -> int:
    """A number below 2 ** 64."""
    digest = hashlib.blake2b(str(position).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _write(folder: str, shards: int, shard: int, gathered: Iterable[list]) -> dict:
    blocks = sorted(block for part in gathered for block in part)
    name = f"blocks-{shard:05d}-of-{shards:05d}.tfrecord"
    # Runners may try a thing twice, at the same time.
    unfinished = os.path.join(folder, f"{name}.{uuid.uuid4().hex}.partial")
    with tf.io.TFRecordWriter(unfinished) as writer:
        for _, record, _ in blocks:
            writer.write(record)
    os.replace(unfinished, os.path.join(folder, name))
    return {name: len(blocks), "tokens": sum(tokens for _, _, tokens in blocks)}
