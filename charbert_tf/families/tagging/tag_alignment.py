"""The tags of words that an attack has split or joined."""

import itertools
import os
import re
from collections.abc import Iterable, Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.families.tagging.tagging import (
    TaggedSentence,
    check_one_scheme,
    is_span_tagging,
    to_iob2,
)

# Of alternative tags, B-person,B-group, too.
_OPENING = re.compile(r"(?<![^,])B(?![^-,])")


def edits_of_sentences(
    sentences: Sequence[TaggedSentence],
    attack: Attack,
    seed: int,
    path: str | os.PathLike[str] = "examples",
) -> list[list[Edit]]:
    """Chooses what to change in the words of sentences whose tags can follow.

    Args:
        sentences: the sentences of a data set.
        attack: what to do to their words.
        seed: the same seed gives the same edits.
        path: the file that they come from, for the error.

    Returns:
        The edits of each sentence.

    Raises:
        UserError: if words are split or joined, and some tags are IOB and others are
            not, as in BIOES.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> sentence = TaggedSentence(("Rome",), ("B-LOC",), line=1)
        >>> edits_of_sentences([sentence], Drop(), seed=0)
        [[Edit(first=0, old=('Rome',), new=('Roe',), kind='drop')]]
    """
    edits = [
        attack.edits(sentence.words, seed, index, joinable_words(sentence.tags))
        for index, sentence in enumerate(sentences)
    ]
    if any(len(e.new) != len(e.old) for e in itertools.chain.from_iterable(edits)):
        # Only of IOB tags is it known which ones parted or joined words have.
        check_one_scheme(sentences, path)
    return edits


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
