"""What is done to the texts of examples, the same for every family."""

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import edited_share
from charbert_tf.families.example import Edited, Example, ExampleText, TextName
from charbert_tf.files.errors import UserError

BOTH = "both"
"""What names all texts of an example."""


class Corrector(Protocol):
    """What tells words that were meant, such as a `charbert_tf.WordCorrector`."""

    def correct(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Corrects sentences.

        Args:
            sentences: The words of each sentence, as they were typed.

        Returns:
            As many words for each sentence.
        """


def attacked_texts(
    example: Example, attacked_text: str | None = None
) -> dict[TextName, ExampleText]:
    """Chooses the texts of an example that an attack is of.

    Args:
        example: The example.
        attacked_text: The name of one of its texts, or `"both"`; by default those that
            the example says.

    Returns:
        The texts by their names.

    Raises:
        UserError: If it has no such text.

    Example:
        >>> from charbert_tf.families import Question
        >>> question = Question("1", "Where is Rome?", "In Italy.", ())
        >>> list(attacked_texts(question)), list(attacked_texts(question, "both"))
        (['question'], ['question', 'context'])
    """
    texts = example.texts()
    if attacked_text is None:
        return {name: text for name, text in texts.items() if text.is_attacked}
    if attacked_text == BOTH:
        return dict(texts)
    if attacked_text not in texts:
        choices = ", ".join([*filter(None, texts), BOTH])
        raise UserError(f"attacked_text {attacked_text!r}: choose one of {choices}")
    return {attacked_text: texts[attacked_text]}


def edited_examples(
    examples: Sequence[Example],
    attack: Attack,
    seed: int,
    attacked_text: str | None = None,
    path: str | os.PathLike[str] = "examples",
) -> list[dict[TextName, Edited]]:
    """Attacks the texts of examples.

    Args:
        examples: The examples.
        attack: What to do to their words.
        seed: int. The same seed gives the same edits.
        attacked_text: As for `attacked_texts`.
        path: The file that they come from, for errors.

    Returns:
        For each example the attacked texts. A text that several examples share is one
        object, edited once: characters that one of them keeps stay.

    Raises:
        UserError: If an example has no such text, or its labels cannot follow words
            that are split or joined.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> from charbert_tf.families import LabelledText
        >>> example = LabelledText("two words", None, "1", line=2)
        >>> edited_examples([example], Drop(), seed=0)[0]["text"].text
        'two wrds'
    """
    chosen = [attacked_texts(example, attacked_text) for example in examples]
    shared = {
        key: text.attacked(attack, seed, index)
        for key, (index, text) in _shared_texts(chosen).items()
    }
    edited = [
        {
            name: shared[name, text.text]
            if text.is_shared
            else text.attacked(attack, seed, text.index(index))
            for name, text in texts.items()
        }
        for index, texts in enumerate(chosen)
    ]
    edits = itertools.chain.from_iterable(of.edits for of in _once(edited))
    if any(len(edit.new) != len(edit.old) for edit in edits):
        type(examples[0]).check_parting(examples, path)
    return edited


def with_texts(
    examples: Sequence[Example], edited: Iterable[Mapping[TextName, Edited]]
) -> list[Example]:
    """Gives examples edited texts.

    Args:
        examples: The examples.
        edited: The texts of each.

    Returns:
        The examples with them.

    Example:
        >>> from charbert_tf.families import LabelledText
        >>> example = LabelledText("two words", None, "1", line=2)
        >>> with_texts([example], [{}]) == [example]
        True
    """
    return [
        example.with_texts(texts)
        for example, texts in zip(examples, edited, strict=True)
    ]


def share_of_edited_words(
    examples: Sequence[Example],
    attack: Attack,
    seed: int,
    attacked_text: str | None = None,
) -> float:
    """Tells how much of the attacked texts is edited.

    Args:
        examples: As for `edited_examples`.
        attack: As for `edited_examples`.
        seed: As for `edited_examples`.
        attacked_text: As for `edited_examples`; other texts do not count.

    Returns:
        The share of their words that are edited, in [0, 1]. A text that examples share
        counts once.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> from charbert_tf.families import LabelledText
        >>> example = LabelledText("two words", None, "1", line=2)
        >>> share_of_edited_words([example], Drop(), seed=0)
        0.5
    """
    edited = list(_once(edited_examples(examples, attack, seed, attacked_text)))
    edits = itertools.chain.from_iterable(of.edits for of in edited)
    return edited_share(sum(of.num_words for of in edited), edits)


def corrected_examples(
    examples: Sequence[Example], corrector: Corrector
) -> list[Example]:
    """Corrects the words of texts that somebody typed; all else stays as it is.

    Args:
        examples: The examples.
        corrector: Tells what each word was meant to be.

    Returns:
        The examples with their words corrected, and the same labels.

    Example:

    ```python
    corrector = WordCorrector(WordRecognizer.from_preset("my_recognizer/preset"))
    corrected_examples([LabelledText("A  borign flim!", None, "bad", 1)], corrector)
    ```
    """
    typed = [
        {name: text for name, text in example.texts().items() if text.is_corrected}
        for example in examples
    ]
    tokens = [text.tokens() for texts in typed for text in texts.values()]
    corrected = iter(corrector.correct(tokens))
    return with_texts(
        examples,
        [
            {name: text.corrected(next(corrected)) for name, text in texts.items()}
            for texts in typed
        ],
    )


def _shared_texts(
    chosen: Sequence[Mapping[TextName, ExampleText]],
) -> dict[tuple[TextName, str], tuple[int, ExampleText]]:
    """Each shared text with its index for attacks, and all that it keeps."""
    shared: dict[tuple[TextName, str], tuple[int, ExampleText]] = {}
    for example, texts in enumerate(chosen):
        for name, text in texts.items():
            if text.is_shared:
                key = name, text.text
                index, before = shared.get(key, (text.index(example), text))
                kept = (*before.kept, *text.kept)
                shared[key] = index, dataclasses.replace(text, kept=kept)
    return shared


def _once(edited: Iterable[Mapping[TextName, Edited]]) -> Iterator[Edited]:
    """The texts, each that examples share once."""
    texts = {id(text): text for of_example in edited for text in of_example.values()}
    return iter(texts.values())
