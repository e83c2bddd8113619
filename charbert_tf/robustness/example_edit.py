"""ExampleEdit: the edits that an example may get, and the example with some of them."""

import itertools
from collections.abc import Iterable
from typing import NamedTuple

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.families.edited_examples import attacked_texts
from charbert_tf.families.example import Example, TextName


class ExampleEdit(NamedTuple):
    """An edit of one of an example's texts.

    Attributes:
        text: str. Which of them: `"text"` or `"text_pair"`, of a question `"question"`
            or `"context"`. None of a tagged sentence, which has one only.
        edit: `Edit`. What is done to which of its words.
    """

    text: TextName
    edit: Edit


def possible_edits(
    example: Example, attack: Attack, attacked_text: str | None = None
) -> list[list[ExampleEdit]]:
    """Lists the edits that an example may get without breaking its label.

    Args:
        example: An example of any family.
        attack: Which words may be edited and what the edits are.
        attacked_text: As `attacked_texts` takes it: of a question `"question"`, which
            is the default, `"context"` or `"both"`. Words of the context that have some
            of an answer are never edited.

    Returns:
        For each word that may be edited, in order, its edits.

    Raises:
        UserError: If the example has no such text.

    Example:
        >>> from charbert_tf.attacks import Swap
        >>> from charbert_tf.families.classification.classification import LabelledText
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> possible_edits(example, Swap())[0][0].edit
        Edit(first=1, old=('fine',), new=('fnie',), kind='swap')
    """
    return [
        [ExampleEdit(name, edit) for edit in of_word]
        for name, text in attacked_texts(example, attacked_text).items()
        for of_word in text.possible_edits(attack)
    ]


def with_edits(example: Example, edits: Iterable[ExampleEdit]) -> Example:
    """Edits words of an example; its label and answers stay, tags follow their words.

    Args:
        example: The example.
        edits: Some of those that `possible_edits` listed, in order, one a word.

    Returns:
        An example of the same kind.

    Example:
        >>> from charbert_tf.families.classification.classification import LabelledText
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> edit = Edit(1, ("fine",), ("fnie",), "swap")
        >>> with_edits(example, [ExampleEdit("text", edit)]).text
        'a fnie film'
    """
    texts = example.texts()
    by_text = itertools.groupby(edits, key=lambda edit: edit.text)
    return example.with_texts(
        {
            name: texts[name].edited([edit for _, edit in of_text])
            for name, of_text in by_text
        }
    )
