"""The attack that misspells a word as people do who know it by its sound."""

import re

from charbert_tf.attacks.attack import Attack

# What is written, what is written instead, and what it does to a word of lists such as
# Wikipedia's "Commonly misspelled English words", which the rules are read off. A rule
# applies to what comes after the first letter.
_RULES = (
    # A letter that is not heard twice is written once, and the other way round.
    (r"([bcdfgklmnprstz])\1", r"\1"),  # accommodate, accomodate
    (r"(?<=[aeiou])([cfglmnprst])(?=[aeiou])", r"\1\1"),  # harass, harrass
    (r"(?<=fu)l$", "ll"),  # beautiful, beautifull
    # Vowels that sound alike where there is no stress.
    (r"(i)(e)", r"\2\1"),  # believe, beleive
    (r"(e)(i)", r"\2\1"),  # receive, recieve
    (r"a(?=bl[ey]$)", "i"),  # acceptable, acceptible
    (r"i(?=bl[ey]$)", "a"),  # responsible, responsable
    (r"a(?=n(t|ts|tly|ce|ces|cy|cies)$)", "e"),  # relevant, relevent
    (r"e(?=n(t|ts|tly|ce|ces|cy|cies)$)", "a"),  # existence, existance
    (r"a(?=r(y|ies)$)", "e"),  # stationary, stationery
    (r"e(?=r(y|ies)$)", "a"),  # cemetery, cemetary
    (r"(?<=[^aeiou])[ao](?=rs?$)", "e"),  # calendar, calender
    (r"(?<=[^aeiou])e(?=rs?$)", "o"),  # adviser, advisor
    (r"(?<=[aeiou][^aeiou])[ei](?=[^aeiou][aeiou])", "a"),  # definitely, definately
    (r"(?<=[aeiou][^aeiou])[ai](?=[^aeiou][aeiou])", "e"),  # separate, seperate
    # Letters that are not heard.
    (r"n(?=ment)", ""),  # government, goverment
    (r"(?<=r)h", ""),  # rhythm, rythm
    (r"c(?=qu)", ""),  # acquire, aquire
    (r"(?<=g)u(?=[aei])", ""),  # guarantee, garantee
    (r"e(?=ly$|able$)", ""),  # noticeable, noticable
    (r"(?<=u)(?=ment|ly$)", "e"),  # argument, arguement
    # Endings and letters with the same sound.
    (r"(?<=ic)(?=ly$)", "al"),  # publicly, publically
    (r"al(?=ly$)", ""),  # accidentally, accidently
    (r"(?<=n)c(?=es?$)", "s"),  # absence, absense
    (r"s(?=ed(e|es|ed|ing)$)", "c"),  # supersede, supercede
    (r"(e)(l)$", r"\2\1"),  # pixel, pixle
)
_COMPILED = tuple(
    (re.compile(written, re.IGNORECASE), instead) for written, instead in _RULES
)


class Misspelling(Attack):
    """Makes a mistake that people make who spell an English word by its sound.

    The mistakes are rules, not a list of words: letters doubled or not (accomodate,
    harrass), "ie" and "ei" (recieve), endings that sound alike (independant,
    responsable, calender), vowels without stress (seperate), letters that are not heard
    (goverment, aquire) and endings with the same sound (publically, absense). They are
    read off lists of such mistakes, as Wikipedia's "Commonly misspelled English words",
    and hold for any word that has the letters. The first character stays, the last may
    change. Each place in the word that has a rule is as likely.

    Example:
        >>> Misspelling().possible_edits("believe")
        ['bellieve', 'beleive']
    """

    kind = "misspelling"

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        typos_at: dict[int, list[str]] = {}
        for written, instead in _COMPILED:
            for match in written.finditer(word, 1):
                letters = match.expand(instead)
                if word.isupper():
                    letters = letters.upper()
                typo = word[: match.start()] + letters + word[match.end() :]
                typos_at.setdefault(match.start(), []).append(typo)
        return [typos_at[place] for place in sorted(typos_at)]
