"""Corpus parts: what a user names as text, cut into parts for the workers."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from charbert_tf.corpus.text_part import Document, TextPart, chunk_name, document_of
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_raw_lines
from charbert_tf.files.tfds_download import download_command

# TFDS imports pandas and more when it is imported: whoever has files need not wait.
if TYPE_CHECKING:
    import tensorflow_datasets as tfds

PREFIX = "tfds:"
_SPLIT = "train"
# A part is a second's work or two, and no part of an article is lost in it.
_CHUNK_BYTES = 1 << 20
_CHUNK_ARTICLES = 400


class TfdsPart(NamedTuple):
    """Articles of a data set with the features "title" and "text", as Wikipedia's.

    Attributes:
        file: int. The number of the data set among all inputs.
        name: such as "tfds:wikipedia/20230601.en".
        start: int. The first article.
        end: int. The article after the last.
        chunk_articles: int. Articles of each part but the last; a part is one chunk.

    Example:

    ```python
    for part in TfdsPart.all_of(0, "tfds:wikipedia/20230601.en", 1000):
        for name, documents in part.chunks():
            ...
    ```
    """

    file: int
    name: str
    start: int
    end: int
    chunk_articles: int

    @classmethod
    def all_of(cls, file: int, name: str, count: int) -> "list[TfdsPart]":
        """Cuts a data set into parts.

        Args:
            file: The number of the data set among all inputs.
            name: Such as "tfds:wikipedia/20230601.en".
            count: Articles of a part.

        Returns:
            The parts, in the order of the articles; the last may be shorter.

        Raises:
            UserError: If the data set is unknown, has no "text", or was not fetched.
        """
        builder = _builder(name)
        remedy = f"fetch it with {download_command(name.removeprefix(PREFIX))}"
        if _SPLIT not in builder.info.splits:
            raise UserError(
                f"is not in {builder.data_dir}: {remedy}, or say with TFDS_DATA_DIR "
                "where it is",
                name,
            )
        if "text" not in builder.info.features:
            raise UserError(
                'its articles have no "text": name a corpus such as '
                "tfds:wikipedia/20230601.en",
                name,
            )
        articles = builder.info.splits[_SPLIT].num_examples
        return [
            cls(file, name, start, min(start + count, articles), count)
            for start in range(0, articles, count)
        ]

    def chunks(self) -> Iterator[tuple[str, list[Document]]]:
        """Reads and cleans; see `TextPart.chunks`."""
        import tensorflow_datasets as tfds

        articles = _builder(self.name).as_dataset(
            split=f"{_SPLIT}[{self.start}:{self.end}]",
            # In the order of the files, whatever the number of the machine's cores.
            read_config=tfds.ReadConfig(interleave_cycle_length=1),
        )
        documents = [
            document_of(article.get("title", b"").decode(), article["text"].decode())
            for article in tfds.as_numpy(articles)
        ]
        documents = [document for document in documents if document]
        yield chunk_name(self.file, self.start // self.chunk_articles), documents


def _builder(name: str) -> "tfds.core.DatasetBuilder":
    import tensorflow_datasets as tfds

    try:
        return tfds.builder(name.removeprefix(PREFIX))
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"no such data set ({reason}): name one such as tfds:wikipedia/20230601.en",
            name,
        ) from error


def find_corpus_parts(
    inputs: Sequence[str], chunk_bytes: int = _CHUNK_BYTES
) -> list[TextPart | TfdsPart]:
    """Finds the files, and cuts what can be cut.

    A file whose first line begins with "{" has a JSON object a line.

    Args:
        inputs: Text files, globs, or names of tensorflow-datasets corpora such as
            "tfds:wikipedia/20230601.en".
        chunk_bytes: int. See `TextPart`.

    Returns:
        The parts, in the order of the sorted files, after these of the data sets.

    Raises:
        UserError: As `expand_patterns` and `TfdsPart.all_of`.

    Example:

    ```python
    parts = find_corpus_parts(["text/**/wiki_*.bz2"])
    ```
    """
    paths, data_sets = _paths_and_data_sets(inputs)
    parts = []
    for file, path in enumerate(paths):
        parts += _text_parts(file, path, chunk_bytes)
    for file, name in enumerate(data_sets, start=len(paths)):
        parts += TfdsPart.all_of(file, name, _CHUNK_ARTICLES)
    return parts


def describe_inputs(inputs: Sequence[str]) -> str:
    """Says which text it is, so that one can tell when it has changed.

    Args:
        inputs: As for `find_corpus_parts`.

    Returns:
        The patterns, the number of the files and their bytes together, in a line.

    Raises:
        UserError: As `expand_patterns`.

    Example:

    ```python
    describe_inputs(["text/*.txt"])  # "text/*.txt (2 files, 3,400 bytes)"
    ```
    """
    paths, _ = _paths_and_data_sets(inputs)
    size = sum(map(os.path.getsize, paths))
    return f"{','.join(inputs)} ({len(paths)} files, {size:,} bytes)"


def _paths_and_data_sets(inputs: Sequence[str]) -> tuple[list[str], list[str]]:
    data_sets = sorted({name for name in inputs if name.startswith(PREFIX)})
    patterns = [name for name in inputs if not name.startswith(PREFIX)]
    return expand_patterns(patterns) if patterns or not data_sets else [], data_sets


def _text_parts(file: int, path: str, chunk_bytes: int) -> list[TextPart]:
    _, first = next(read_raw_lines(path))
    is_json = first.removeprefix(b"\xef\xbb\xbf").startswith(b"{")
    is_compressed = path.endswith((".gz", ".bz2"))
    size = os.path.getsize(path)
    starts = [None] if is_compressed else range(0, size, chunk_bytes)
    return [TextPart(file, path, start, chunk_bytes, is_json) for start in starts]
