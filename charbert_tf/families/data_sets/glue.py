"""The tasks of GLUE: those that the paper has, and the others that are of its kinds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.classification.options import (
    FAMILY,
    LONG_TEXTS,
    REGRESSION_FAMILY,
)
from charbert_tf.families.embedding.options import FAMILY as EMBEDDING_FAMILY
from charbert_tf.families.embedding.options import HYPER_PARAMETERS, MODEL
from charbert_tf.families.example import Label
from charbert_tf.families.named_tasks import HyperParameters, NamedTask
from charbert_tf.families.tfds_data_set import Records, TfdsDataSet

GLUE_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "cola": {"text_column": 3, "label_column": 1, "header": False},
    "sst2": {"text_column": "sentence", "label_column": "label"},
    "mrpc": {
        "text_column": "#1 String",
        "text_pair_column": "#2 String",
        "label_column": "Quality",
    },
    "qqp": {
        "text_column": "question1",
        "text_pair_column": "question2",
        "label_column": "is_duplicate",
        # GLUE's own file has some: github.com/nyu-mll/GLUE-baselines/issues/5.
        "skips_short_rows": True,
    },
    "qnli": {
        "text_column": "question",
        "text_pair_column": "sentence",
        "label_column": "label",
    },
    "rte": {
        "text_column": "sentence1",
        "text_pair_column": "sentence2",
        "label_column": "label",
    },
    "stsb": {
        "text_column": "sentence1",
        "text_pair_column": "sentence2",
        "label_column": "score",
    },
    "mnli": {
        "text_column": "sentence1",
        "text_pair_column": "sentence2",
        "label_column": "gold_label",
    },
}
"""The columns of GLUE's files, by task: arguments of `TsvFormat`."""

GLUE_TEST_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "cola": {"text_column": "sentence"}
}
"""Those of the test sets, where they are not the same but for the label."""

_SMALL = HyperParameters(3e-5, batch_size=32, epochs=8)
_LARGE = HyperParameters(3e-5, batch_size=32, epochs=3)

# What GLUE's files call the classes; TFDS has the same order.
_NUMBERS = ("0", "1")
_ENTAILMENT = ("entailment", "not_entailment")
_INFERENCE = ("entailment", "neutral", "contradiction")


def labelled_texts(
    records: Records,
    text_features: Sequence[str],
    read_label: Callable[[Any], Label],
) -> list[LabelledText]:
    """Makes examples of GLUE's records, in the order of the original files.

    Args:
        records: with an index, texts and a label.
        text_features: the name of the text, or of both texts of a pair.
        read_label: makes of TFDS's label what GLUE's files have.

    Returns:
        The examples; their label is None where there is none, as in GLUE's test sets.

    Example:
        >>> record = {"idx": 0, "sentence": b"good", "label": 1}
        >>> labelled_texts([record], ["sentence"], ["0", "1"].__getitem__)
        [LabelledText(text='good', text_pair=None, label='1', line=1, index=0)]
    """
    examples = []
    for record in sorted(records, key=lambda record: record["idx"]):
        first, *second = (record[feature].decode() for feature in text_features)
        examples.append(
            LabelledText(
                text=first,
                text_pair=second[0] if second else None,
                label=None if record["label"] < 0 else read_label(record["label"]),
                line=int(record["idx"]) + 1,
                index=int(record["idx"]),
            )
        )
    return examples


def _glue(
    name: str,
    text_features: tuple[str, ...],
    labels: tuple[str, ...],
    hyper_parameters: HyperParameters,
    columns: str = "",
    **arguments: Any,
) -> NamedTask:
    return _named_task(
        FAMILY,
        name,
        {**GLUE_COLUMNS[columns or name], "labels": labels, **arguments},
        hyper_parameters,
        lambda records, _: labelled_texts(records, text_features, labels.__getitem__),
    )


def _named_task(
    family: str,
    name: str,
    arguments: Mapping[str, Any],
    hyper_parameters: HyperParameters,
    read_records: Callable[..., list],
) -> NamedTask:
    return NamedTask(
        family,
        {**arguments, "test_columns": GLUE_TEST_COLUMNS.get(name)},
        options=(LONG_TEXTS,),
        hyper_parameters=hyper_parameters,
        tfds=TfdsDataSet(f"glue/{name}:2.0.0", read_records),
    )


def _score(value: Any) -> float:
    # Not the nearest number of 32 bits: what the file has.
    return float(str(value))


COLA = _glue("cola", ("sentence",), _NUMBERS, _SMALL, metric="matthews_correlation")
# Accuracy, as for QQP: the paper's figures for BERT are the accuracies of both.
MRPC = _glue("mrpc", ("sentence1", "sentence2"), _NUMBERS, _SMALL)
QQP = _glue("qqp", ("question1", "question2"), _NUMBERS, _LARGE)
QNLI = _glue("qnli", ("question", "sentence"), _ENTAILMENT, _SMALL)
RTE = _glue("rte", ("sentence1", "sentence2"), _ENTAILMENT, _SMALL)
SST2 = _glue("sst2", ("sentence",), _NUMBERS, _LARGE)
_SENTENCES = ("sentence1", "sentence2")
STSB = _named_task(
    REGRESSION_FAMILY,
    "stsb",
    GLUE_COLUMNS["stsb"],
    _SMALL,
    lambda records, _: labelled_texts(records, _SENTENCES, _score),
)
STSB_EMBEDDING = NamedTask(
    EMBEDDING_FAMILY,
    GLUE_COLUMNS["stsb"],
    options=MODEL,
    hyper_parameters=HYPER_PARAMETERS,
    tfds=STSB.tfds,
)
# The same data as those who made it give them, in sts-train.csv and so on: with tabs,
# without a header, and sometimes with two columns more for the sources.
STS_BENCHMARK_EMBEDDING = NamedTask(
    EMBEDDING_FAMILY,
    {
        "text_column": 5,
        "text_pair_column": 6,
        "label_column": 4,
        "header": False,
        "further_columns": True,
    },
    options=MODEL,
    hyper_parameters=HYPER_PARAMETERS,
    files="the files of the STS benchmark, such as sts-train.csv",
)


def _mnli(name: str) -> NamedTask:
    texts = ("premise", "hypothesis")
    return _glue(name, texts, _INFERENCE, _LARGE, columns="mnli")


# Its splits are train, validation_matched, validation_mismatched and their tests; each
# of the two has a data set with the splits validation and test, too.
MNLI = _mnli("mnli")
MNLI_MATCHED = _mnli("mnli_matched")
MNLI_MISMATCHED = _mnli("mnli_mismatched")
