"""Corpus parts: what a user names as text, cut into parts for the workers."""

import os
from collections.abc import Sequence

from charbert_tf.corpus.text_part import TextPart
from charbert_tf.corpus.tfds_part import PREFIX, TfdsPart
from charbert_tf.files.text_files import expand_patterns, read_raw_lines

# A part is a second's work or two, and no part of an article is lost in it.
_CHUNK_BYTES = 1 << 20
_CHUNK_ARTICLES = 400


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
