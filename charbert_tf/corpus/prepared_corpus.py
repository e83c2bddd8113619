"""PreparedCorpus: a folder of blocks, and what they were cut for."""

import hashlib
import json
import os
from typing import NamedTuple

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import parse_json
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.text.own_tokenizers import own_tokenizer

INDEX = "index.json"
_BLOCKS = "blocks"
_REMEDY = "prepare it again with official.prepare_data"


class Shard(NamedTuple):
    """A file of blocks.

    Attributes:
        path: str. The TFRecord file.
        blocks: int. How many it holds.
    """

    path: str
    blocks: int


class PreparedCorpus:
    """Reads the index of a folder that official.prepare_data made.

    Args:
        folder: The folder.

    Raises:
        UserError: If it is none, or is damaged.

    Attributes:
        folder: The folder.
        shards: The files of blocks, a list of `Shard`.
        sequence_length: int. The sequences that the blocks fill once they are noised.
        noise_rate: float. The noise that they leave room for.

    Example:

    ```python
    corpus = PreparedCorpus("prepared")
    corpus.check(preprocessor)
    sum(shard.blocks for shard in corpus.shards)
    ```
    """

    def __init__(self, folder: str):
        self.folder = folder
        path = os.path.join(folder, _BLOCKS, INDEX)
        try:
            with open(path, encoding="utf-8") as file:
                self._index = file.read()
            index = parse_json(self._index)
            # Which older ones lack.
            sizes = dict(index.get("bytes", {}))
            self.sequence_length = int(index["sequence_length"])
            self.noise_rate = float(index["noise_rate"])
            self._tokenizer = index["tokenizer"]
            self.shards = [
                Shard(os.path.join(folder, _BLOCKS, name), int(blocks))
                for name, blocks in sorted(index["shards"].items())
            ]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"cannot be read ({error}): {_REMEDY}", path) from error
        for shard in self.shards:
            if not os.path.exists(shard.path):
                raise UserError(f"is missing: {_REMEDY}", shard.path)
            size = os.path.getsize(shard.path)
            expected = sizes.get(os.path.basename(shard.path), size)
            if size != expected:
                raise UserError(
                    f"is damaged, it has {size:,} bytes of {expected:,}: {_REMEDY}",
                    shard.path,
                )

    @property
    def description(self) -> str:
        """Which blocks these are, so that one can tell when they have changed."""
        digest = hashlib.sha256(self._index.encode()).hexdigest()
        return f"{self.folder} ({len(self.shards)} files, index {digest[:16]})"

    @staticmethod
    def is_at(path: str) -> bool:
        """Tells whether a path is a folder of prepared blocks.

        Args:
            path: What a user named as text.

        Returns:
            Whether it is.
        """
        return os.path.exists(os.path.join(path, _BLOCKS, INDEX))

    def check(self, preprocessor: PretrainerPreprocessor) -> None:
        """Makes sure that the blocks suit a model, so that none is cut off unseen.

        Args:
            preprocessor: The model's.

        Raises:
            UserError: If the blocks were cut for another tokenizer, for longer
                sequences, or for less noise.
        """
        if tokenizer_fingerprint(preprocessor.tokenizer) != self._tokenizer:
            raise UserError(
                "was cut into blocks for another tokenizer: prepare the text with "
                "--tokenizer naming this model's folder",
                self.folder,
            )
        if preprocessor.sequence_length < self.sequence_length:
            raise UserError(
                f"has blocks for --sequence_length={self.sequence_length}, which "
                f"{preprocessor.sequence_length} would cut: give that, or prepare "
                "shorter ones",
                self.folder,
            )
        if preprocessor.noise_rate > self.noise_rate:
            raise UserError(
                f"has blocks with room for --noise_rate={self.noise_rate}, which "
                f"{preprocessor.noise_rate} would overfill: give that, or prepare the "
                "text for more noise",
                self.folder,
            )


def tokenizer_fingerprint(tokenizer: keras_nlp.models.Tokenizer) -> str:
    """Gives what tokenizers that cut alike have in common.

    Args:
        tokenizer: The tokenizer.

    Returns:
        A hash of its vocabulary and of how it normalises text, if it says so.
    """
    identity = [tokenizer.get_vocabulary(), getattr(tokenizer, "lowercase", None)]
    identity += getattr(own_tokenizer(tokenizer), "text_settings", [])
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()
