"""TokenizerFiles: how a kind of tokenizer is kept in a folder."""

import abc
from typing import Any, ClassVar

import keras_nlp


class TokenizerFiles(abc.ABC):
    """Reads and writes the files of one kind of tokenizer, as transformers names them.

    Attributes:
        mark: The file that tells the kind.
        names: All its files, for errors: "vocab.json with merges.txt".
        entries: What it is a vocabulary of, for errors: "RoBERTa's byte pairs".
        json_model: The type of model that a `tokenizer.json` names for it; `None` if
            such a file beside `mark` counts for nothing.
        json_key: A key that only such a model has, which tells it where no type does.
        transformers_class: What transformers calls its tokenizer.
        not_compared: Why its text need not be compared with that of transformers;
            `None` if it has to be.
    """

    mark: ClassVar[str]
    names: ClassVar[str]
    entries: ClassVar[str]
    json_model: ClassVar[str | None] = None
    json_key: ClassVar[str | None] = None
    transformers_class: ClassVar[str]
    not_compared: ClassVar[str | None] = None

    @abc.abstractmethod
    def load(self, folder: str) -> keras_nlp.models.Tokenizer:
        """Loads the tokenizer of a folder.

        Args:
            folder: The folder, with `mark` or a `tokenizer.json` in it.

        Returns:
            The tokenizer.

        Raises:
            UserError: If files are missing or damaged, or ask for a text that cannot be
                made here exactly.
        """

    @abc.abstractmethod
    def write(
        self, folder: str, tokenizer: keras_nlp.models.Tokenizer
    ) -> dict[str, Any]:
        """Writes a tokenizer into a folder that exists.

        Args:
            folder: The folder.
            tokenizer: The tokenizer, of this kind.

        Returns:
            What `tokenizer_config.json` has to say of it.
        """

    def transformers_options(
        self, folder: str, tokenizer: keras_nlp.models.Tokenizer
    ) -> dict[str, Any]:
        """Gives what transformers is told of a folder that does not say it.

        Args:
            folder: The folder.
            tokenizer: What was loaded from there.

        Returns:
            Arguments of the tokenizer's class in transformers; none unless a kind says
            otherwise.
        """
        return {}
