"""The attack that flips the case of a letter."""

from charbert_tf.attacks.attack import Attack


class Case(Attack):
    """Makes one letter of a word a capital, or a capital small.

    Any letter may be hit, the first and the last too. Letters without case, and those
    that become two in capitals, such as "ß", stay. The subwords of an uncased
    vocabulary do not show these edits.

    Example:
        >>> Case().possible_edits("Rome")
        ['rome', 'ROme', 'RoMe', 'RomE']
    """

    kind = "case"

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + letter.swapcase() + word[i + 1 :]]
            for i, letter in enumerate(word)
            if len(letter.swapcase()) == 1 and letter.swapcase() != letter
        ]
