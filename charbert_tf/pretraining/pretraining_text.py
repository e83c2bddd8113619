"""PretrainingText: what a user names as text to pretrain on, raw or prepared."""

import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from charbert_tf.corpus.corpus_parts import describe_inputs
from charbert_tf.corpus.prepared_corpus import PreparedCorpus
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import check_lines, expand_patterns
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.pretraining.pretraining_datasets import (
    own_rows,
    prepared_pretraining_dataset,
    pretraining_dataset,
)


class PretrainingText:
    """Text files, or a folder that official.prepare_data made of some.

    Args:
        inputs: Names of text files or globs; or one prepared folder.

    Raises:
        UserError: If a file is missing or empty, or the folder is damaged.

    Example:

    ```python
    text = PretrainingText(["text/*.txt.gz"])
    dataset = text.dataset(preprocessor, batch_size=8, seed=0)
    ```
    """

    def __init__(self, inputs: Sequence[str]):
        self._inputs = inputs
        self._prepared = None
        prepared = [name for name in inputs if PreparedCorpus.is_at(name)]
        if prepared:
            if len(inputs) > 1:
                raise UserError(
                    "is a prepared folder: name no other text beside it", prepared[0]
                )
            self._prepared = PreparedCorpus(prepared[0])
            return
        self._paths = expand_patterns(inputs)
        for path in self._paths:
            if path.endswith(".bz2"):
                raise UserError(
                    "pretraining does not read bzip2 itself: prepare the text with "
                    "official.prepare_data, or compress it with gzip",
                    path,
                )

    @property
    def description(self) -> str:
        """Which text it is, so that one can tell when it has changed."""
        if self._prepared is not None:
            return self._prepared.description
        return describe_inputs(self._inputs)

    def check_lines(self) -> None:
        """Reads text that is not prepared to its end, before hours are spent on it.

        Raises:
            UserError: If a file cannot be read as text, or there is no word in any.
        """
        if self._prepared is None:
            check_lines(self._paths)

    def check(
        self,
        preprocessor: PretrainerPreprocessor,
        batch_size: int,
        input_context: tf.distribute.InputContext | None = None,
    ) -> None:
        """Makes sure that prepared text suits a model, and a batch the workers.

        Args:
            preprocessor: The model's.
            batch_size: int. Blocks of a batch, of all workers together.
            input_context: How many workers share a batch; by default none does.

        Raises:
            UserError: See `PreparedCorpus.check` and `own_rows`.
        """
        if self._prepared is not None:
            self._prepared.check(preprocessor)
            own_rows(batch_size, input_context or tf.distribute.InputContext())

    def dataset(
        self,
        preprocessor: PretrainerPreprocessor,
        batch_size: int,
        seed: int,
    ) -> tf.data.Dataset:
        """Gives the batches, whole.

        Args:
            preprocessor: Makes the features.
            batch_size: int. Blocks of a batch.
            seed: int. The same seed and text give the same batches.

        Returns:
            An endless dataset, see `prepared_pretraining_dataset` and
            `pretraining_dataset`.
        """
        if self._prepared is None:
            source, read = self._paths, pretraining_dataset
        else:
            source, read = self._prepared, prepared_pretraining_dataset
        return read(source, preprocessor, batch_size, seed)

    def worker_dataset(
        self,
        preprocessor: PretrainerPreprocessor,
        batch_size: int,
        seed: int,
    ) -> tf.data.Dataset | Callable[..., tf.data.Dataset]:
        """Gives what makes least work for each of several workers.

        Args:
            preprocessor: Makes the features.
            batch_size: int. Blocks of a batch, of all workers together.
            seed: int. The same seed and text give the same batches.

        Returns:
            What `Trainer.train` takes. Of prepared text a function of the first batch
            and a `tf.distribute.InputContext`, for a worker's rows. Of other text whole
            batches: where a block begins depends on the noise of all that is before.
        """
        if self._prepared is None:
            return self.dataset(preprocessor, batch_size, seed)
        return functools.partial(
            prepared_pretraining_dataset,
            self._prepared,
            preprocessor,
            batch_size,
            seed,
        )
