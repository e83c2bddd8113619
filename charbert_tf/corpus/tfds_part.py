"""TfdsPart: articles of a tensorflow-datasets corpus that one worker reads."""

from collections.abc import Iterator
from typing import NamedTuple

import tensorflow_datasets as tfds

from charbert_tf.corpus.text_part import Document, chunk_name, document_of
from charbert_tf.files.errors import UserError


def download_command(name: str) -> str:
    """Writes the command that fetches a data set once, for a message or a document.

    It is not `tfds build`, which does not start without packages that
    tensorflow-datasets does not ask for.

    Args:
        name: its name, configuration and version, such as "glue/cola:2.0.0".

    Returns:
        The command, for a shell.

    Example:
        >>> import shlex
        >>> print(shlex.split(download_command("mnist"))[2])
        import tensorflow_datasets as tfds; tfds.builder('mnist').download_and_prepare()
    """
    code = f"import tensorflow_datasets as tfds; tfds.builder('{name}')"
    return f'python -c "{code}.download_and_prepare()"'


PREFIX = "tfds:"
_SPLIT = "train"


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


def _builder(name: str) -> tfds.core.DatasetBuilder:
    try:
        return tfds.builder(name.removeprefix(PREFIX))
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"no such data set ({reason}): name one such as tfds:wikipedia/20230601.en",
            name,
        ) from error
