"""TaggedSentence: a sentence with a tag a word (named entities, parts of speech)."""

import dataclasses
import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.example import (
    Edited,
    Example,
    SentenceOfWords,
    TextName,
)
from charbert_tf.families.tagging.tag_scheme import (
    aligned_tags,
    continued_tag,
    is_span_tagging,
    joinable_words,
    to_iob2,
)
from charbert_tf.files.errors import UserError

_WORDS = None


@dataclasses.dataclass(frozen=True)
class TaggedSentence(Example):
    """A sentence with one tag a word.

    Args:
        words: the words.
        tags: as many tags, as they stand in the file.
        line: the line of the first word, from 1; the other words follow it line by
            line.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    line: int

    place_fields = ("line",)

    def texts(self) -> Mapping[TextName, SentenceOfWords]:
        """Returns the words, which have no name; see the base class."""
        return {_WORDS: SentenceOfWords(self.words, self._joinable)}

    def with_texts(self, edited: Mapping[TextName, Edited]) -> Self:
        """Gives split and joined words their tags; see the base class."""
        if _WORDS not in edited:
            return self
        words = edited[_WORDS]
        return dataclasses.replace(
            self,
            words=tuple(words.words),
            tags=tuple(aligned_tags(self.tags, words.edits)),
        )

    def marked(self, prediction: Sequence[str] | None) -> list[tuple[str, str]]:
        """Returns the spans and the words between; see the base class."""
        tags = self.tags if prediction is None else prediction
        return marked_words(self.words, tags)

    @classmethod
    def check_parting(
        cls, examples: Iterable[Self], path: str | os.PathLike[str]
    ) -> None:
        """Refuses other tags of spans than IOB; see the base class."""
        # Only of IOB tags is it known which ones parted or joined words have.
        check_one_scheme(list(examples), path)

    @functools.cached_property
    def _joinable(self) -> set[int]:
        return joinable_words(self.tags)


def marked_words(words: Sequence[str], tags: Sequence[str]) -> list[tuple[str, str]]:
    """Joins the words of each span, and those between spans.

    Args:
        words: the words of a sentence.
        tags: as many tags, IOB1 or IOB2 or of another kind.

    Returns:
        Pieces of text, each with the kind of the span (`""` between spans); of tags
        that mark no spans each word with its tag.

    Example:
        >>> marked_words(["In", "New", "York"], ["O", "B-LOC", "I-LOC"])
        [('In', ''), ('New York', 'LOC')]
    """
    has_spans = is_span_tagging(tags)
    pieces: list[tuple[str, str]] = []
    for word, tag in zip(words, to_iob2(tags), strict=True):
        mark = _kind(tag) if has_spans else tag
        goes_on = has_spans and not tag.startswith("B")
        if goes_on and pieces and pieces[-1][1] == mark:
            pieces[-1] = (f"{pieces[-1][0]} {word}", mark)
        else:
            pieces.append((word, mark))
    return pieces


def tag_names(
    sentences: Iterable[TaggedSentence], path: str | os.PathLike[str]
) -> list[str]:
    """Gives the labels of a training file: what a model learns to predict.

    Args:
        sentences: the sentences of the file.
        path: the file, for the error.

    Returns:
        The tags, in IOB2 if they mark spans, sorted, with `O` first.

    Raises:
        UserError: if some tags are IOB and others are not.

    Example:
        >>> tag_names([TaggedSentence(("Rome", "wins"), ("I-LOC", "O"), 1)], "a.txt")
        ['O', 'B-LOC']
    """
    sentences = list(sentences)
    check_one_scheme(sentences, path)
    tags = {tag for sentence in sentences for tag in to_iob2(sentence.tags)}
    return sorted(tags, key=lambda tag: (tag != "O", tag))


def check_one_scheme(
    sentences: Sequence[TaggedSentence], path: str | os.PathLike[str]
) -> None:
    """Refuses a file of spans whose tags are not all IOB, such as BIOES.

    Args:
        sentences: the sentences of the file.
        path: the file, for the error.

    Raises:
        UserError: if some tags are IOB and others are not.

    Example:
        >>> check_one_scheme([TaggedSentence(("Rome",), ("B-LOC",), 1)], "a.txt")
    """
    tags = {tag for sentence in sentences for tag in sentence.tags}
    if not any(tag.startswith(("B-", "I-")) for tag in tags):
        return
    for sentence in sentences:
        for number, tag in enumerate(sentence.tags, start=sentence.line):
            if not is_span_tagging([tag]):
                raise UserError(
                    f"the tag {tag!r} stands among IOB tags: correct it, or convert "
                    "the file to IOB1 or IOB2",
                    path,
                    number,
                )


def check_tags(
    sentences: Iterable[TaggedSentence],
    labels: Sequence[str],
    path: str | os.PathLike[str],
    are_the_data_sets: bool = False,
) -> None:
    """Checks that a file has tags that are known, and no others.

    Args:
        sentences: the sentences of the file, IOB1 or IOB2.
        labels: the labels of the model, from `tag_names`, or of the data set.
        path: the file, for the error.
        are_the_data_sets: whether these are all tags of the data set, not those that a
            model has happened to learn.

    Raises:
        UserError: if a tag of the file is not among the labels.

    Example:
        >>> check_tags([TaggedSentence(("Rome",), ("I-LOC",), 1)], ["O", "B-LOC"], "a")
    """
    known = frozenset(labels)
    for sentence in sentences:
        # A reader finds the tag as it stands in the file.
        tags = zip(sentence.tags, to_iob2(sentence.tags), strict=True)
        for number, (tag, in_iob2) in enumerate(tags, start=sentence.line):
            if in_iob2 in known:
                continue
            owner, remedy = (
                (
                    "this data set",
                    "take --task=tagging, which has any tags, from any column",
                )
                if are_the_data_sets
                else ("the training data", "train with it")
            )
            raise UserError(
                f"the tag {tag!r} is not in {owner}, which has "
                f"{', '.join(labels)}: correct it, or {remedy}",
                path,
                number,
            )


def check_split_tags(
    sentences: Sequence[TaggedSentence], attack: Attack, labels: Sequence[str]
) -> None:
    """Refuses an attack that splits a word of a span whose kind is always one word.

    The parts of a word with the tag `B-PER` have `B-PER` and `I-PER`. A model whose
    training data had no person of two names does not know the second.

    Args:
        sentences: The sentences to attack; they have only tags that the model knows.
        attack: The attack.
        labels: The tags that the model knows, in IOB2 if they mark spans.

    Raises:
        UserError: If the attack may make a tag that is not among them.

    Example:
        >>> from charbert_tf.attacks import Drop, Split
        >>> sentence = TaggedSentence(("Maria",), ("B-PER",), line=1)
        >>> check_split_tags([sentence], Split(), ["O", "B-PER", "I-PER"])
        >>> check_split_tags([sentence], Drop(), ["O", "B-PER"])
    """
    known = frozenset(labels)
    for sentence in sentences:
        if not is_span_tagging(sentence.tags):
            continue
        tags = to_iob2(sentence.tags)
        unknown = {i for i, tag in enumerate(tags) if continued_tag(tag) not in known}
        # Few words have such a tag, and the edits of all take long to list.
        words = sentence.texts()[_WORDS]
        edits = words.possible_edits(attack) if unknown else []
        for edit in (edit for of_word in edits for edit in of_word):
            if edit.first in unknown and len(edit.new) > 1:
                tag = tags[edit.first]
                raise UserError(
                    f"the attack {edit.kind!r} makes the tag {continued_tag(tag)!r} of "
                    f"{tag!r}, which the model has not learnt: leave {edit.kind} out, "
                    "or train with it"
                )


def _kind(tag: str) -> str:
    # A bare B or I marks a span of no kind.
    return "" if tag == "O" else tag[2:] or "span"
