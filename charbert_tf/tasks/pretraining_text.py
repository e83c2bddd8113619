"""PretrainingText: what a user names as text to pretrain on, raw or prepared."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.corpus.prepared_corpus import PreparedCorpus
from charbert_tf.errors import UserError
from charbert_tf.preprocessing.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.preprocessing.text_files import check_lines, expand_patterns
from charbert_tf.tasks.prepared_pretraining import prepared_pretraining_dataset
from charbert_tf.tasks.pretraining import pretraining_dataset


class PretrainingText:
    """Text files, or a folder that official.prepare_data made of some.

    Args:
        inputs: Names of text files or globs; or one prepared folder.

    Raises:
        UserError: If a file cannot be read as text, or the folder is damaged.

    Example:

    ```python
    text = PretrainingText(["text/*.txt.gz"])
    dataset = text.dataset(preprocessor, batch_size=8, seed=0)
    ```
    """

    def __init__(self, inputs: Sequence[str]):
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
        check_lines(self._paths)

    def check(self, preprocessor: PretrainerPreprocessor) -> None:
        """Makes sure that prepared text suits a model; see `PreparedCorpus.check`.

        Args:
            preprocessor: The model's.
        """
        if self._prepared is not None:
            self._prepared.check(preprocessor)

    def dataset(
        self,
        preprocessor: PretrainerPreprocessor,
        batch_size: int,
        seed: int,
        input_context: tf.distribute.InputContext | None = None,
    ) -> tf.data.Dataset:
        """Gives the batches.

        Args:
            preprocessor: Makes the features.
            batch_size: int. Blocks of a batch of this worker.
            seed: int. The same seed and text give the same batches.
            input_context: Which of how many workers this is; `None` if there is one.

        Returns:
            An endless dataset, see `prepared_pretraining_dataset` and
            `pretraining_dataset`.
        """
        if self._prepared is None:
            source, read = self._paths, pretraining_dataset
        else:
            source, read = self._prepared, prepared_pretraining_dataset
        return read(source, preprocessor, batch_size, seed, input_context=input_context)
