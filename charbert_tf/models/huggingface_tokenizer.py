"""load_huggingface_tokenizer: the tokenizer of a folder, held against its encoder."""

import importlib.util
import itertools
import os
from collections.abc import Sequence

import keras_nlp
import tensorflow as tf

from charbert_tf.encoders.huggingface_config import CONFIG_FILE
from charbert_tf.files.errors import UserError, warn_once
from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.subword_tokenizers import (
    make_subword_tokenizer,
    of_keras_nlp_class,
)
from charbert_tf.vocabularies.tokenizer_folder import TOKENIZER_FILES, load_tokenizer
from charbert_tf.vocabularies.tokenizer_settings import TOKENIZER_JSON, read_settings

_ODD = (
    *("naïve", "Ünïted", "e\u0301te\u0301", "İstanbul", "ΣΊΣΥΦΟΣ", "Straße", "ǅungla"),
    *("ﬁne", "…", "½", "™", "№", "①", "Ⅷ", "ª", "ſ", "K", "co\u00adop", "a\u200bb"),
    *("a\u200db", "\ufeffword", "a\u2060b", "a\x01b", "\x7f"),
    *(
        "\u00a0",
        "\u3000",
        "\u2028",
        "\t",
        "\r\n",
        "\u0085",
        "\ufffd",
        "日本語",
        "漢字a",
    ),
    *("カタカナ", "한국어", "각", "ไทยภาษา", "हिन्दी", "العربية", "עִבְרִית", "Русский"),
    *("ёлка", "ħ", "đ", "ł", "Å", "Ω", "≠", "≮", "¡hola!", "“quoted”", "it’s", "don't"),
    *("a_b", "x²", "10,000.50", "#tag", "@user", "https://a.b/c?d=e", "C++", "&amp;"),
    *(
        "😀",
        "👩\u200d👩\u200d👧",
        "🏳️\u200d🌈",
        "\U0001d54f",
        "\ue000",
        "\u0378",
        "`^~|",
    ),
    *("x" * 100, "x" * 101, "б" * 51, "ก" * 34, "##ing", "<s", "[UNK", "a" * 30),
)
_TEMPLATES = ("{}", "The {} film", "a{}b", "{}.", "({}) {}")


def load_huggingface_tokenizer(
    folder: str, vocabulary: str | None = None
) -> keras_nlp.models.Tokenizer:
    """Loads the tokenizer of a Hugging Face folder.

    Args:
        folder: The folder of the encoder.
        vocabulary: The folder of the tokenizer, if not the same.

    Returns:
        As `load_tokenizer` does.

    Raises:
        UserError: If its files are missing, damaged or not supported, or it has more
            subwords than the encoder.

    Example:

    ```python
    tokenizer = load_huggingface_tokenizer("bert-base-cased")
    ```
    """
    tokenizer = load_tokenizer(vocabulary or folder)
    rows = read_settings(folder, CONFIG_FILE).get("vocab_size")
    # A folder of a tokenizer alone says nothing of an encoder.
    if isinstance(rows, int):
        check_vocabulary_size(tokenizer, rows, vocabulary or folder)
    return tokenizer


def check_vocabulary_size(
    tokenizer: keras_nlp.models.Tokenizer, rows: int, folder: str
) -> None:
    """Makes sure that a tokenizer's ids are rows of an embedding.

    Warns if there are more rows, as where the files of added tokens were left behind.

    Args:
        tokenizer: The tokenizer.
        rows: int. Rows of the encoder's token embedding.
        folder: Where the tokenizer comes from, for errors.

    Raises:
        UserError: If there are fewer rows than ids.

    Example:

    ```python
    check_vocabulary_size(tokenizer, encoder.vocabulary_size, "bert-base-cased")
    ```
    """
    size = tokenizer.vocabulary_size()
    if size > rows:
        raise UserError(
            f"the tokenizer has {size} subwords, the model only {rows}: these files "
            "are of two models",
            folder,
        )
    if size < rows:
        warn_once(
            f"the tokenizer has {size} subwords, the model {rows}: the last "
            f"{rows - size} are never used; if tokens were added to the model, put "
            "its tokenizer.json or added_tokens.json here",
            folder,
        )


def verify_text(folder: str, tokenizer: keras_nlp.models.Tokenizer) -> str:
    """Compares the ids of some hundred odd sentences with those of transformers.

    Args:
        folder: The Hugging Face folder that the tokenizer was loaded from.
        tokenizer: The tokenizer.

    Returns:
        What was compared, or why nothing was.

    Raises:
        UserError: If a sentence has other ids.

    Example:

    ```python
    print(verify_text("bert-base-cased", load_tokenizer("bert-base-cased")))
    ```
    """
    if importlib.util.find_spec("transformers") is None:
        return "Text not compared with transformers, which is not installed"
    files = of_keras_nlp_class(TOKENIZER_FILES, tokenizer)
    if files.not_compared is not None:
        return f"Text not compared with transformers: {files.not_compared}"
    subword_tokenizer = make_subword_tokenizer(tokenizer)
    sentences = _sentences(getattr(subword_tokenizer, "added_tokens", ()))
    expected = _transformers_ids(folder, tokenizer, sentences)
    actual = subword_tokenizer(tf.constant(sentences)).token_ids.to_list()
    differing = [
        sentence
        for sentence, ids, theirs in zip(sentences, actual, expected, strict=True)
        if ids != theirs
    ]
    if differing:
        raise UserError(
            f"{len(differing)} of {len(sentences)} sentences get other ids than from "
            f"transformers, such as {differing[0]!r}: check tokenizer_config.json and "
            "tokenizer.json, and fetch the model's files again",
            folder,
        )
    return f"The text of {len(sentences)} odd sentences is that of transformers"


def _sentences(added_tokens: Sequence[AddedToken]) -> list[str]:
    added = [token.content for token in added_tokens]
    return [
        template.format(*[odd] * 2)
        for odd, template in itertools.product((*_ODD, *added), _TEMPLATES)
    ]


def _transformers_ids(folder, tokenizer, sentences) -> list[list[int]]:
    import transformers

    path = os.path.join(folder, TOKENIZER_JSON)
    if os.path.exists(path):
        # The file as it stands, which AutoTokenizer rebuilds from the configuration.
        theirs = transformers.PreTrainedTokenizerFast(tokenizer_file=path)
    else:
        files = of_keras_nlp_class(TOKENIZER_FILES, tokenizer)
        options = files.transformers_options(folder, tokenizer)
        cls = getattr(transformers, files.transformers_class)
        theirs = cls.from_pretrained(folder, local_files_only=True, **options)
    # It would tell that some sentences are too long for the model.
    theirs.model_max_length = 2 * max(len(text.encode()) for text in sentences)
    return theirs(sentences, add_special_tokens=False)["input_ids"]
