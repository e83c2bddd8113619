"""FamilyFormat: the files of a family, which are read and written in one place."""

import abc
import os
import typing
from collections.abc import Callable, Sequence

from charbert_tf.families.example import Example
from charbert_tf.families.labelled_file import LabelledFile


class FamilyFormat(abc.ABC):
    """How a family's labelled files are read, and its predictions are written.

    Example:

    ```python
    format = ConllFormat(word_column=0, tag_column=-1)
    file = format.parse("test.txt")
    edited = edited_examples(file.examples, get_attack("mix"), seed=0)
    file.attacked(edited).write("attacked.txt")
    ```
    """

    @abc.abstractmethod
    def parse(self, path: str | os.PathLike[str]) -> LabelledFile:
        """Reads a labelled file, once.

        Args:
            path: the file; compressed if its name ends in `.gz` or `.bz2`.

        Returns:
            Its examples, and where their texts stand in it.

        Raises:
            UserError: if the file cannot be read, or a line is malformed.
        """

    @abc.abstractmethod
    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns what writes the files of predictions, by the ends of their names.

        Each takes an open text file, examples and a prediction for each. The first
        writes what the data set's own scorer reads.
        """

    def read(self, path: str | os.PathLike[str]) -> list[Example]:
        """Reads the examples of a labelled file.

        Args:
            path: as for `parse`.

        Returns:
            The examples.

        Raises:
            UserError: as for `parse`.
        """
        return self.parse(path).examples

    def read_to_predict(self, path: str | os.PathLike[str]) -> list[Example]:
        """Reads a file that may have no labels, if the family can.

        Args:
            path: as for `parse`.

        Returns:
            The examples.

        Raises:
            UserError: as for `parse`.
        """
        return self.read(path)

    def write_predictions(
        self, file: typing.TextIO, examples: Sequence, predictions: Sequence
    ) -> None:
        """Writes predictions as the data set's own scorer reads them.

        Args:
            file: an open text file.
            examples: the examples.
            predictions: a prediction for each.
        """
        write = next(iter(self.prediction_writers().values()))
        write(file, examples, predictions)
