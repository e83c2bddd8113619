"""ask: a head in memory asked as its export is, with the same answers."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tensorflow as tf

from charbert_tf.families.serving_signature import decoded_outputs
from charbert_tf.graphs.kept_graph import kept_graph
from charbert_tf.models.encoder_task import EncoderTask

_BATCH_SIZE = 32
_TEXT = (str, bytes)
# Where a head keeps the graph that it was asked with last.
_KEPT = "_asked_graph"


def ask(
    model: EncoderTask, rows: Iterable[Sequence[str | bytes]], **options: Any
) -> list:
    """Asks a head about texts, a batch at a time, in the graph that is exported.

    The graph is kept with the head until its variables, labels or preprocessor change.

    Args:
        model: A head with its preprocessor and labels.
        rows: What it is asked: of each example a text for each of its inputs, as many
            in all rows. Read as it is needed.
        **options: Of the head's signature.

    Returns:
        What the signature's `answers` gives of each row.

    Raises:
        TypeError: If one of the texts is no string.
        ValueError: If the head lacks its preprocessor or labels.

    Example:

    ```python
    ask(classifier, [("a fine film",), ("a borign film",)], long_texts="windows")
    ```
    """
    rows, answers, predict = iter(rows), [], None
    while batch := list(itertools.islice(rows, _BATCH_SIZE)):
        columns = [_strings(of) for of in zip(*batch, strict=True)]
        predict = predict or _graph(model, len(columns), options)
        outputs = decoded_outputs(predict(*columns))
        answers += model.signature_cls.answers(outputs)
    return answers


def one_or_all(texts: object, answers: list) -> Any:
    """Gives one answer to one text, and a list of answers to several.

    Args:
        texts: What somebody asked about.
        answers: The answers.

    Returns:
        The only answer, if it was one text and no iterable of them; else all.

    Example:
        >>> one_or_all("a film", ["good"]), one_or_all(["a film"], ["good"])
        ('good', ['good'])
    """
    return answers[0] if isinstance(texts, _TEXT) else answers


def as_texts(texts: Iterable | str | bytes) -> Iterable:
    """Gives texts one by one; a string is one text, not as many as characters.

    Args:
        texts: A text, or any iterable of them.

    Returns:
        An iterable of texts.

    Example:
        >>> list(as_texts("a film")), list(as_texts(["a film"]))
        (['a film'], ['a film'])
    """
    return [texts] if isinstance(texts, _TEXT) else texts


def _strings(texts: Sequence[str | bytes]) -> tf.Tensor:
    try:
        strings = tf.convert_to_tensor(texts, tf.string)
    except (TypeError, ValueError) as error:
        others = [text for text in texts if not isinstance(text, _TEXT)]
        if not others:  # Half of a surrogate pair.
            raise
        # Such as the cells of a table that are empty.
        raise TypeError(f"Texts are strings, not {others[0]!r}.") from error
    if strings.shape.rank != 1:  # Such as lists of words.
        raise TypeError(f"Texts are strings, not {texts[0]!r}.")
    return strings


def _graph(model: EncoderTask, num_inputs: int, options: dict[str, Any]) -> Callable:
    """The graph of the head's signature."""

    def make():
        specs = [tf.TensorSpec([None], tf.string)] * num_inputs
        signature = model.signature_cls(model, **options)
        return tf.function(signature.predict, input_signature=specs)

    preprocessor = model.preprocessor
    # What a user may change.
    made_of = (
        num_inputs,
        options,
        model.labels if model.labels is None else list(model.labels),
        getattr(model, "problem_type", None),
        None if preprocessor is None else preprocessor.get_config(),
    )
    return kept_graph(model, _KEPT, made_of, make)
