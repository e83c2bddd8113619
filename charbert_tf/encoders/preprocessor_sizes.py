"""check_sizes: a preprocessor's numbers, held against the rows of an encoder."""

from typing import Any

import keras


def check_sizes(preprocessor: Any, backbone: keras.Model) -> None:
    """Refuses a preprocessor that gives numbers for which an encoder has no rows.

    A processor stops at such a number; a GPU takes zeros for its row, and trains and
    predicts on.

    Args:
        preprocessor: The preprocessor of any head. What it does not say is not
            compared, and nothing while its tokenizer has no vocabulary yet, as that of
            a model that is being loaded.
        backbone: A `CharBertBackbone` or a plain encoder.

    Raises:
        ValueError: If its sequences are longer than the encoder takes, or it has more
            subwords or characters than the encoder.

    Example:

    ```python
    check_sizes(classifier.preprocessor, classifier.backbone)
    ```
    """
    tokenizer = getattr(preprocessor, "tokenizer", None)
    if tokenizer is None or not has_vocabulary(tokenizer):
        return
    length = getattr(preprocessor, "sequence_length", None)
    longest = getattr(backbone, "max_sequence_length", None)
    if length is not None and longest is not None and length > longest:
        raise ValueError(
            f"The preprocessor makes sequences of up to {length} tokens, and the "
            f"model takes {longest} at most: give it sequence_length={longest} or less."
        )
    characters = getattr(preprocessor, "characters", None) or ()
    check_rows(tokenizer.vocabulary_size(), "subwords", backbone, "vocabulary_size")
    check_rows(len(characters), "characters", backbone, "num_characters")


def check_rows(size: int, entries: str, model: keras.Model, argument: str) -> None:
    """Refuses more entries of a vocabulary than a model has rows for.

    Args:
        size: int. How many entries the preprocessor has.
        entries: What they are, for the error.
        model: The model.
        argument: The name of the model's argument that says how many rows it has; if
            it has none, or it is `None`, nothing is refused.

    Raises:
        ValueError: If there are fewer rows.

    Example:

    ```python
    check_rows(len(preprocessor.words), "words", pretrainer, "num_words")
    ```
    """
    rows = getattr(model, argument, None)
    if rows is not None and size > rows:
        raise ValueError(
            f"The preprocessor has {size} {entries}, and the model rows for {rows}: "
            "give it those that the model was made with, or make a model with "
            f"{argument}={size}."
        )


def check_pairs(preprocessor: Any, backbone: keras.Model) -> None:
    """Refuses pairs of texts where an encoder has no row for the second one's segment.

    Args:
        preprocessor: The preprocessor of any head. Nothing is refused while it cannot
            tell, or where it makes no segments.
        backbone: A `CharBertBackbone` or a plain encoder.

    Raises:
        ValueError: If the encoder reads segments, and has a row for one of them only.

    Example:

    ```python
    check_pairs(answerer.preprocessor, answerer.backbone)
    ```
    """
    tokenizer = getattr(preprocessor, "tokenizer", None)
    if tokenizer is None or not has_vocabulary(tokenizer):
        return
    rows = getattr(getattr(backbone, "encoder", backbone), "num_segments", None)
    # A RoBERTa has one row, which it takes for all tokens, whatever their segments.
    reads_segments = "segment_ids" in backbone.input
    if preprocessor.subword_tokenizer.has_segment_ids and reads_segments and rows == 1:
        raise ValueError(
            "The second text of a pair has the segment 1, and the model a row for "
            "segment 0 alone: give it single texts, or take an encoder of "
            "num_segments=2 (type_vocab_size in a config.json)."
        )


def has_vocabulary(tokenizer: Any) -> bool:
    """Tells whether a tokenizer's vocabulary is there already.

    Args:
        tokenizer: A tokenizer; a preset's vocabulary is loaded after its configuration.

    Returns:
        Whether it is.

    Example:

    ```python
    has_vocabulary(classifier.preprocessor.tokenizer)
    ```
    """
    names = ("vocabulary", "proto")
    return any(getattr(tokenizer, name, None) is not None for name in names)
