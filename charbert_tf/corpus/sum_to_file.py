"""SumToFile: the end of a pipeline that adds up numbers."""

import collections
import json
from collections.abc import Iterable, Iterator

import apache_beam as beam

from charbert_tf.files.atomic_output import atomic_file


class SumToFile(beam.PTransform):
    """Adds up dictionaries of numbers and writes the sums as one JSON object.

    Args:
        path: The file to write. There is none if there is no dictionary.

    Example:

    ```python
    pipeline | beam.Create([{"words": 2}, {"words": 3}]) | SumToFile("sums.json")
    ```
    """

    def __init__(self, path: str):
        super().__init__()
        self._path = path

    def expand(self, dictionaries: beam.PCollection) -> beam.PCollection:
        """Adds the transforms.

        Returns:
            An empty collection: the file is all that there is.
        """
        return (
            dictionaries
            | "Together" >> beam.Map(lambda numbers: (0, numbers))
            | "Gather" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(_WriteSums(self._path))
        )


class _WriteSums(beam.DoFn):
    def __init__(self, path: str):
        self._path = path

    def process(self, gathered: tuple[int, Iterable[dict]]) -> Iterator[None]:
        sums = collections.Counter()
        for numbers in gathered[1]:
            sums.update(numbers)
        with atomic_file(self._path) as file:
            json.dump(sums, file, indent=2, sort_keys=True)
        return iter(())
