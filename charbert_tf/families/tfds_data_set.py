"""TfdsDataSet: the examples of a task as tensorflow-datasets has them."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.files.tfds_download import download_command

# TFDS imports pandas and more when it is imported: whoever has files need not wait.

Records = Sequence[Mapping[str, Any]]
"""Examples as NumPy values by the features' names."""


@dataclasses.dataclass(frozen=True)
class TfdsDataSet:
    """A data set of tensorflow-datasets, which gives what a task's files give.

    Args:
        name: its name, configuration and version, such as "glue/cola:2.0.0".
        read_records: makes a split's examples of its records and of the data set's
            `tfds.features.FeaturesDict`.

    Example:

    ```python
    sst2 = TfdsDataSet(
        "glue/sst2:2.0.0",
        lambda records, _: labelled_texts(records, ["sentence"], str),
    )
    sst2.read("validation")
    ```
    """

    name: str
    read_records: Callable[[Records, Mapping], list]

    def read(self, split: str) -> list:
        """Reads a split that was downloaded before.

        Args:
            split: its name, or a part of it: "train", "validation[:500]".

        Returns:
            The examples, in the order of TFDS's files or, for GLUE, of the original
            ones. The line of an example is its place in that order, from 1.

        Raises:
            UserError: if the data set is not there or has no such split.
        """
        import tensorflow_datasets as tfds

        builder = tfds.builder(self.name)
        if not builder.is_prepared():
            raise UserError(
                f"is not in {builder.data_dir}: fetch it with "
                f"{download_command(self.name)}, or say with TFDS_DATA_DIR where it is",
                self.name,
            )
        try:
            # In the order of the files, whatever the number of the machine's cores.
            dataset = builder.as_dataset(
                split=split, read_config=tfds.ReadConfig(interleave_cycle_length=1)
            )
        except (ValueError, AssertionError) as error:
            raise UserError(
                f"has no split {split!r}: name one of {', '.join(builder.info.splits)}",
                self.name,
            ) from error
        examples = self.read_records(
            list(tfds.as_numpy(dataset)), builder.info.features
        )
        if not examples:
            raise UserError(f"its split {split!r} has no example", self.name)
        return examples
