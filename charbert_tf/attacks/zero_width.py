"""The attack that puts in a character that is not seen."""

from charbert_tf.attacks.attack import Attack

# Zero width space, non-joiner and joiner, and word joiner.
_INVISIBLE = "\u200b\u200c\u200d\u2060"


class ZeroWidth(Attack):
    r"""Inserts a character without width between two characters of a word.

    It is one of U+200B, U+200C, U+200D and U+2060. First and last characters stay. What
    becomes of it is for a tokenizer to say: that of keras-nlp's BERT takes it for a
    space.

    Example:
        >>> ZeroWidth().possible_edits("is")
        ['i\u200bs', 'i\u200cs', 'i\u200ds', 'i\u2060s']
    """

    kind = "zero_width"
    # For those who read it, it is one word still.
    parts_words = True

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + character + word[i:] for character in _INVISIBLE]
            for i in range(1, len(word))
        ]
