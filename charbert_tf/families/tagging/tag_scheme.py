"""Tag schemes: how tags mark a span of words, and follow words that are edited.

In IOB2 every span opens with a B- tag; in IOB1, which the original CoNLL-2003 files
use, a span opens with I- unless it follows another one of its type directly. Everything
here takes both and works in IOB2.
"""

import re
from collections.abc import Iterable, Sequence

from charbert_tf.attacks.edit import Edit

_IOB_TAG = re.compile(r"O|[BI](-.+)?")
# Of alternative tags, B-person,B-group, too.
_OPENING = re.compile(r"(?<![^,])B(?![^-,])")


def is_span_tagging(tags: Iterable[str]) -> bool:
    """Tells whether tags mark spans (IOB1 or IOB2), not single words.

    Args:
        tags: the tags of a data set.

    Returns:
        True if every tag is `O`, `B-...` or `I-...` (or a bare `B` or `I`).

    Example:
        >>> is_span_tagging(["O", "B-PER"]), is_span_tagging(["NN", "VBZ"])
        (True, False)
    """
    return all(_IOB_TAG.fullmatch(tag) for tag in tags)


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Turns the IOB1 or IOB2 tags of a sentence into IOB2, with the same spans.

    Args:
        tags: the tags of one sentence.

    Returns:
        As many tags. Tags of another kind, such as parts of speech, are unchanged.

    Example:
        >>> to_iob2(["I-PER", "I-PER", "I-ORG", "O", "I-ORG", "B-ORG"])
        ['B-PER', 'I-PER', 'B-ORG', 'O', 'B-ORG', 'B-ORG']
    """
    if not is_span_tagging(tags):
        return list(tags)
    converted = []
    for previous, tag in zip(["O", *tags], tags, strict=False):
        goes_on = previous != "O" and previous[1:] == tag[1:]
        opens = tag.startswith("I") and not goes_on
        converted.append("B" + tag[1:] if opens else tag)
    return converted


def spans_of_tags(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Finds the spans that IOB tags mark, as CoNLL's `conlleval` does.

    Args:
        tags: the tags of a sentence, IOB1 or IOB2.

    Returns:
        The kind of each span, its first word and the word after its last.

    Example:
        >>> sorted(spans_of_tags(["I-PER", "I-PER", "O", "B-LOC"]))
        [('LOC', 3, 4), ('PER', 0, 2)]
    """
    spans, kind, first = set(), None, 0
    for place, tag in enumerate([*to_iob2(tags), "O"]):
        if kind is not None and not tag.startswith("I"):
            spans.add((kind, first, place))
            kind = None
        if tag.startswith("B"):
            kind, first = tag[2:], place
    return spans


def joinable_words(tags: Sequence[str]) -> set[int]:
    """Finds the words that may be joined with the next one without harm to the tags.

    Args:
        tags: the tags of a sentence.

    Returns:
        The indices of the words that are of one span with the next, in no span as the
        next is not, or of the same part of speech.

    Example:
        >>> joinable_words(["B-LOC", "I-LOC", "B-LOC", "O", "O"])
        {0, 3}
    """
    if not is_span_tagging(tags):
        return {i for i, tag in enumerate(tags[1:]) if tag == tags[i]}
    following = enumerate(to_iob2(tags)[1:])
    return {
        i for i, tag in following if tag[0] == "I" or (tag == "O" and tags[i] == "O")
    }


def aligned_tags(tags: Sequence[str], edits: Iterable[Edit]) -> list[str]:
    """Gives the words of an attacked sentence their tags.

    Args:
        tags: the tags of the sentence before the attack.
        edits: what was done to its words.

    Returns:
        A tag for each word after the attack. Of a word that was split, the parts are
        one span or of one part of speech; two words that were joined have the tag of
        the first.

    Example:
        >>> aligned_tags(["O", "B-LOC"], [Edit(1, ("Rome",), ("Ro", "me"), "split")])
        ['O', 'B-LOC', 'I-LOC']
    """
    aligned, done, is_span = [], 0, is_span_tagging(tags)
    for edit in edits:
        aligned += tags[done : edit.first + 1]
        if is_span:
            aligned += [continued_tag(tags[edit.first])] * (len(edit.new) - 1)
        else:
            aligned += [tags[edit.first]] * (len(edit.new) - 1)
        done = edit.indices.stop
    return [*aligned, *tags[done:]]


def continued_tag(tag: str) -> str:
    """Gives the tag of a word that goes on with the span of the word before.

    Args:
        tag: the IOB tag of the word before, or alternatives with commas between.

    Returns:
        The tag with I for B.

    Example:
        >>> continued_tag("B-LOC"), continued_tag("O"), continued_tag("B-LOC,B-ORG")
        ('I-LOC', 'O', 'I-LOC,I-ORG')
    """
    return _OPENING.sub("I", tag)
