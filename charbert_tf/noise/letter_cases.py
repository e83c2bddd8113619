"""in_letter_case: words in small letters, in capitals and the like, in the graph."""

import tensorflow as tf


def in_letter_case(words: tf.Tensor, style: str) -> tf.Tensor:
    """Writes words in another case, as `attacks.letter_case.LetterCase` does.

    Args:
        words: string tensor `(N,)`, valid UTF-8.
        style: One of `attacks.letter_case.LETTER_CASES`.

    Returns:
        string tensor `(N,)`.

    Example:

    ```python
    in_letter_case(tf.constant(["rOME"]), "title_case")  # ["Rome"]
    ```
    """
    small, capital = (
        lambda text: tf.strings.lower(text, "utf-8"),
        lambda text: tf.strings.upper(text, "utf-8"),
    )
    first, others = {
        "small_letters": (small, small),
        "capitals": (capital, capital),
        "title_case": (capital, small),
        "inverted_case": (small, capital),
    }[style]
    if first is others:
        return first(words)
    parts = tf.strings.unicode_split(words, "UTF-8")
    start, rest = (
        tf.strings.reduce_join(part, axis=-1) for part in (parts[:, :1], parts[:, 1:])
    )
    return tf.strings.join([first(start), others(rest)])
