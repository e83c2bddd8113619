"""TaggedText: what a tagger answers, words with tags and the entities that they are."""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Entity:
    """A span of words that tags mark, such as a name.

    Args:
        text: its characters, as they stand in the text.
        label: what it is, such as "PER"; "span" if the tags do not say.
        score: the mean of its words' probabilities, in [0, 1].
        start: its first character in the text, a Unicode code point, from 0.
        end: the character after its last.
    """

    text: str
    label: str
    score: float
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class TaggedText:
    """A text with a tag for each of its words.

    Args:
        words: the words, as they stand in the text.
        tags: as many tags.
        probabilities: as many, in [0, 1].
        starts: the first character of each word in the text, from 0.
        ends: the character after its last.
        entities: the spans that the tags mark; none if they are of single words, such
            as parts of speech.

    Example:
        >>> entity = Entity("Rome", "LOC", 0.75, start=3, end=7)
        >>> each = (0.5, 0.75), (0, 3), (2, 7)
        >>> text = TaggedText(("In", "Rome"), ("O", "B-LOC"), *each, (entity,))
        >>> "In Rome"[text.entities[0].start : text.entities[0].end]
        'Rome'
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    probabilities: tuple[float, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    entities: tuple[Entity, ...]

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any]) -> "TaggedText":
        """Takes what a graph returns of a text.

        Args:
            outputs: a list by the name of each output, padded. Those of entities are
                not there if the tags mark no spans.

        Returns:
            The same as an object.
        """
        count = sum(map(bool, outputs["words"]))
        names = ("words", "tags", "probabilities", "starts", "ends")
        of_words = (tuple(outputs[name][:count]) for name in names)
        columns = [outputs.get(f"entity_{name}", ()) for name in _ENTITY_COLUMNS]
        rows = zip(*columns, strict=True)
        return cls(*of_words, tuple(Entity(*row) for row in rows if row[0]))


_ENTITY_COLUMNS = ("texts", "labels", "scores", "starts", "ends")
