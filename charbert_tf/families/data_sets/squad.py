"""SQuAD 1.1 and 2.0."""

from charbert_tf.families.named_tasks import NamedTask
from charbert_tf.families.question_answering.options import (
    ANSWER_OPTIONS,
    ATTACKED_TEXT,
    FAMILY,
    NULL_THRESHOLD,
    SQUAD,
)
from charbert_tf.families.question_answering.questions import questions_of_records
from charbert_tf.families.tfds_data_set import TfdsDataSet


def _squad(version: str, *options) -> NamedTask:
    return NamedTask(
        FAMILY,
        {"version": version},
        (*options, *ANSWER_OPTIONS, ATTACKED_TEXT),
        hyper_parameters=SQUAD,
        tfds=TfdsDataSet(
            f"squad/v{version}:3.0.0", lambda records, _: questions_of_records(records)
        ),
    )


SQUAD1 = _squad("1.1")
SQUAD2 = _squad("2.0", NULL_THRESHOLD)
