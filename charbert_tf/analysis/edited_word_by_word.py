"""edited_word_by_word: an attack after which each word can be compared with itself."""

from collections.abc import Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import edited_words
from charbert_tf.files.errors import UserError


def edited_word_by_word(
    words: Sequence[str], attack: Attack, seed: int, example: int
) -> list[str]:
    """Attacks a sentence that is split into words, and keeps their number.

    Args:
        words: The words.
        attack: What to do to them.
        seed: The seed of the whole attack.
        example: The index of the sentence in its data set, from 0.

    Returns:
        As many words, in the same order.

    Raises:
        UserError: If the attack splits or joins some of them.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> edited_word_by_word(["in", "Rome"], Drop(), seed=0, example=0)
        ['in', 'Rme']
    """
    edits = attack.edits(words, seed, example)
    for edit in edits:
        if len(edit.old) != len(edit.new):
            raise UserError(
                f"attack {edit.kind}: it splits or joins words, and the analysis "
                "compares each with itself: choose another attack"
            )
    return edited_words(words, edits)
