"""check_split_tags: whether a model has learnt the tags of words that are split."""

from collections.abc import Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.tagging.tag_alignment import continued_tag
from charbert_tf.families.tagging.tagging import (
    TaggedSentence,
    is_span_tagging,
    to_iob2,
)
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.example_edit import possible_edits


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
        edits = possible_edits(sentence, attack) if unknown else []
        for edit in (edit for of_word in edits for _, edit in of_word):
            if edit.first in unknown and len(edit.new) > 1:
                tag = tags[edit.first]
                raise UserError(
                    f"the attack {edit.kind!r} makes the tag {continued_tag(tag)!r} of "
                    f"{tag!r}, which the model has not learnt: leave {edit.kind} out, "
                    "or train with it"
                )
