"""sentence_starts: where the sentences of a text begin."""

import re

# The mark, quotes or brackets that close after it, white space, and the beginning of
# something that is not the same sentence going on: no small letter.
_END = re.compile(r"""[.!?…]['"”’)\]»]*[^\S\n]+(?=[^\sa-z])|(?P<line>\n+)""")
_IDEOGRAPHIC_END = re.compile(r"[。！？]['”’」』）]*")
# An initial, or a word that hardly ever ends a sentence, or not before a number.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘\[])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Messrs|Dr|Prof|Rev|"
    r"Hon|Gen|Col|Capt|Lt|Sgt|Maj|Sen|Rep|Gov|Pres|St|Mt|Jr|Sr|vs|cf)$"
)
_ABBREVIATION_BEFORE_NUMBER = re.compile(
    r"\b(?:[a-z]|[Nn]os?|[Vv]ols?|[Ff]igs?|[Cc]h|pp|ca|approx|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec)$"
)
_LONGEST_ABBREVIATION = 12


def sentence_starts(text: str) -> list[int]:
    r"""Splits a text into sentences, by rules for languages with such marks.

    A line always ends a sentence. A sentence that is cut in two at an unlisted
    abbreviation does no harm: the two stay neighbours, mostly in one block.

    Args:
        text: the text; lines are paragraphs.

    Returns:
        The places at which sentences begin, ascending. White space belongs to the
        sentence before it, so that the sentences together are the text.

    Example:
        >>> text = "Mr. Hill left. \"Why?\" she asked.\n3.5 million! Yes."
        >>> starts = sentence_starts(text)
        >>> [text[i:j] for i, j in zip(starts, [*starts[1:], None])]
        ['Mr. Hill left. ', '"Why?" she asked.\n', '3.5 million! ', 'Yes.']
    """
    starts = {0} if text else set()
    for end in _END.finditer(text):
        if end["line"] or not _is_abbreviation(text, end.start(), end.end()):
            starts.add(end.end())
    if not text.isascii():
        starts.update(end.end() for end in _IDEOGRAPHIC_END.finditer(text))
    starts.discard(len(text))
    return sorted(starts)


def _is_abbreviation(text: str, end: int, following: int) -> bool:
    if text[end] != ".":
        return False
    before = text[max(end - _LONGEST_ABBREVIATION, 0) : end]
    if text[following].isdigit() and _ABBREVIATION_BEFORE_NUMBER.search(before):
        return True
    return _ABBREVIATION.search(before) is not None
