"""Questions under attack: what is edited of their texts and contexts."""

import dataclasses
from collections.abc import Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edited_text import EditedText, edited_share_of_texts
from charbert_tf.families.question_answering.questions import Question

ATTACKED_TEXTS = ("question", "context", "both")
"""What may be attacked of a question."""

# For an attack the contexts are further examples, after all questions.
_CONTEXTS = 1 << 32


def edited_questions(
    questions: Sequence[Question], attack: Attack, seed: int, attacked_text: str
) -> list[EditedText]:
    """Attacks the questions' own texts.

    Args:
        questions: The questions.
        attack: What to do to their words.
        seed: The same seed gives the same edits.
        attacked_text: One of `ATTACKED_TEXTS`; if it is the context, they stay.

    Returns:
        The text of each question, before and after.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> questions = [Question("1", "Where is Rome?", "In Italy.", ())]
        >>> edited_questions(questions, Drop(), 0, "question")[0].text
        'Whre is Rme?'
    """
    if attacked_text == "context":
        return [EditedText(question.text) for question in questions]
    return [
        attack.edited_text(question.text, seed, index)
        for index, question in enumerate(questions)
    ]


def edited_contexts(
    questions: Sequence[Question], attack: Attack, seed: int, attacked_text: str
) -> dict[str, EditedText]:
    """Attacks each context once, however many questions are about it.

    Args:
        questions: The questions.
        attack: What to do to the words of their contexts. Words that have some of an
            answer to any of the questions stay.
        seed: The same seed gives the same edits.
        attacked_text: One of `ATTACKED_TEXTS`.

    Returns:
        The contexts, by what they are without the attack; none if it is of the
        questions alone.
    """
    if attacked_text == "question":
        return {}
    first, spans = {}, {}
    for index, question in enumerate(questions):
        first.setdefault(question.context, index)
        spans.setdefault(question.context, set()).update(answer_spans(question))
    return {
        context: attack.edited_text(
            context, seed, _CONTEXTS + first[context], spans[context]
        )
        for context in first
    }


def edited_share_of_questions(
    questions: Sequence[Question], attack: Attack, seed: int, attacked_text: str
) -> float:
    """Tells how much of the attacked texts is edited.

    Args:
        questions: The questions.
        attack: What is done to words.
        seed: As for `edited_questions`.
        attacked_text: One of `ATTACKED_TEXTS`; the others do not count.

    Returns:
        The share of the words that are edited. A context counts once, however many
        questions are about it.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> questions = [Question("1", "Where is Rome?", "In Italy.", ())]
        >>> edited_share_of_questions(questions, Drop(), 0, "context")
        0.5
    """
    texts = list(edited_contexts(questions, attack, seed, attacked_text).values())
    if attacked_text != "context":
        texts += edited_questions(questions, attack, seed, attacked_text)
    return edited_share_of_texts(texts)


def answer_spans(question: Question) -> list[tuple[int, int]]:
    """Tells where the answers to a question stand.

    Args:
        question: The question.

    Returns:
        The start and end of each answer's characters in the context.
    """
    return [
        (answer.start, answer.start + len(answer.text)) for answer in question.answers
    ]


def asked_about(question: Question, text: str, context: EditedText | None) -> Question:
    """Puts a question in other words, about a context with typos if there is one.

    Args:
        question: The question.
        text: Its words.
        context: Its context, edited; None if it stays.

    Returns:
        The question, its answers where they stand in the edited context.
    """
    if context is None:
        return dataclasses.replace(question, text=text)
    answers = []
    for answer in question.answers:
        start, _ = context.moved(answer.start, answer.start + len(answer.text))
        answers.append(dataclasses.replace(answer, start=start))
    return Question(question.id, text, context.text, tuple(answers))
