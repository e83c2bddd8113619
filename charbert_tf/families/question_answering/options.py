"""Question answering as a task of a user's own files, and the flags it has."""

from charbert_tf.families.named_tasks import (
    HyperParameters,
    NamedTask,
    OptionUse,
    TaskOption,
)

FAMILY = (
    "charbert_tf.families.question_answering.question_answering_task:"
    "QuestionAnsweringTask"
)
SQUAD = HyperParameters(3e-5, batch_size=12, epochs=2, sequence_length=384)
"""Of the authors' squad.sh."""

DOC_STRIDE = 128
"""Subwords from one window's beginning to the next's, unless something else is said."""

MAX_ANSWER_LENGTH = 30
"""The most subwords of an answer, unless something else is said."""

# TensorFlow counts tokens in 32 bits.
_MOST = (1 << 31) - 1

_ANSWERING = (OptionUse.PREDICTING, OptionUse.EXPORTING)
ANSWER_OPTIONS = (
    TaskOption(
        "doc_stride",
        int,
        "For question answering: subwords from one window of a long context to the "
        f"next, but never more than half a window's; {DOC_STRIDE} unless given.",
        least=1,
        most=_MOST,
        uses=_ANSWERING,
    ),
    TaskOption(
        "max_answer_length",
        int,
        "For question answering: the most subwords of an answer; "
        f"{MAX_ANSWER_LENGTH} unless given.",
        least=1,
        most=_MOST,
        uses=_ANSWERING,
    ),
)
"""How answers are looked for in a context."""

NULL_THRESHOLD = TaskOption(
    "null_threshold",
    float,
    "For SQuAD 2.0: by how much the score of no answer must be above that of the best "
    "answer to be predicted, a difference of logits; 0 unless given.",
    uses=(OptionUse.PREDICTING,),
)

ATTACKED_TEXT = TaskOption(
    "attacked_text",
    str,
    "For question answering: what is attacked. Words of a context that have some of an "
    "answer stay. The question, unless told.",
    choices=("question", "context", "both"),
    uses=(OptionUse.ATTACKING,),
)

QUESTION_ANSWERING = NamedTask(
    FAMILY,
    options=(NULL_THRESHOLD, *ANSWER_OPTIONS, ATTACKED_TEXT),
    hyper_parameters=SQUAD,
)
