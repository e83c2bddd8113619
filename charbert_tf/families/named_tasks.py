"""The tasks of the paper by name: files, labels, first score and hyper-parameters.

To add a task is to add an entry to `NAMED_TASKS`.

Hyper-parameters are those of the authors' scripts where there is one (`shell/` of
github.com/wtma/CharBERT; a batch is what all of its GPUs take): squad.sh, qnli.sh,
ner.sh and pos.sh. There is none for the other tasks of GLUE, which take QNLI's, with
fewer epochs if they have many examples, nor for WNUT-2017, which takes CoNLL-2003's.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping

from charbert_tf.families.classification.classification import (
    GLUE_COLUMNS,
    GLUE_TEST_COLUMNS,
)
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.fine_tuning_task import FineTuningTask
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import (
    questions_of_records,
)
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.families.tfds_data_set import (
    TfdsDataSet,
    labelled_texts,
    tagged_sentences,
)
from charbert_tf.files.errors import UserError


@dataclasses.dataclass(frozen=True)
class HyperParameters:
    """What fine-tuning takes if nothing else is asked for.

    Args:
        learning_rate: the peak.
        batch_size: examples of a batch, on all devices together.
        epochs: passes over the training examples.
        sequence_length: tokens of an example at most.
    """

    learning_rate: float = 5e-5
    batch_size: int = 16
    epochs: int = 3
    sequence_length: int = 128


@dataclasses.dataclass(frozen=True)
class NamedTask:
    """A data set as a task.

    Args:
        make: makes the task; its arguments are further ones of the family.
        hyper_parameters: its defaults.
        tfds: where tensorflow-datasets has it, if it does.
        files: what its own files are, for whoever asks tensorflow-datasets in vain.
    """

    make: Callable[..., FineTuningTask]
    hyper_parameters: HyperParameters
    tfds: TfdsDataSet | None = None
    files: str = ""

    def read_split(self, split: str) -> list:
        """Reads a split of the data set from tensorflow-datasets.

        Args:
            split: its name, or a part of it: "train", "validation[:500]".

        Returns:
            The examples, as `read` of the task's family gives them.

        Raises:
            UserError: if tensorflow-datasets has no such data set, if it was not
                fetched, or if it has no such split, or one without labels.

        Example:

        ```python
        NAMED_TASKS["cola"].read_split("train[:100]")
        ```
        """
        examples = self.read_split_to_predict(split)
        if not self.make().are_labelled(examples):
            raise UserError("GLUE's test sets have no labels: name another split")
        return examples

    def read_split_to_predict(self, split: str) -> list:
        """Reads a split that may have no labels, as GLUE's test sets have none.

        Args:
            split: as for `read_split`.

        Returns:
            The examples; the label of one that has none is None.

        Raises:
            UserError: as `read_split`, but for the labels.

        Example:

        ```python
        NAMED_TASKS["cola"].read_split_to_predict("test")
        ```
        """
        if self.tfds is None:
            raise UserError(
                f"tensorflow-datasets does not have this data set: give {self.files}"
            )
        return self.tfds.read(split)


_SQUAD = HyperParameters(3e-5, batch_size=12, epochs=2, sequence_length=384)
_SMALL_GLUE = HyperParameters(3e-5, batch_size=32, epochs=8)
_LARGE_GLUE = HyperParameters(3e-5, batch_size=32, epochs=3)
_NER = HyperParameters(3e-5, batch_size=18, epochs=3)
_POS = HyperParameters(2e-5, batch_size=48, epochs=1)

# What GLUE's files call the classes; TFDS has the same order.
_NUMBERS = ("0", "1")
_ENTAILMENT = ("entailment", "not_entailment")

_CONLL2003_ENTITIES = ("LOC", "MISC", "ORG", "PER")
_WNUT17_ENTITIES = (
    *("corporation", "creative-work", "group", "location", "person", "product"),
)


def _glue(
    name: str,
    text_features: tuple[str, ...],
    labels: tuple[str, ...],
    hyper_parameters: HyperParameters,
    **task_arguments,
) -> NamedTask:
    return NamedTask(
        functools.partial(
            ClassificationTask,
            **GLUE_COLUMNS[name],
            labels=labels,
            test_columns=GLUE_TEST_COLUMNS.get(name),
            **task_arguments,
        ),
        hyper_parameters,
        TfdsDataSet(
            f"glue/{name}:2.0.0",
            lambda records, _: labelled_texts(records, text_features, labels),
        ),
    )


def _named_entities(entities: tuple[str, ...]) -> Callable[..., TaggingTask]:
    tags = ["O", *(f"{prefix}-{entity}" for prefix in "BI" for entity in entities)]
    return functools.partial(TaggingTask, metric="f1", labels=tags)


def _squad(version: str) -> NamedTask:
    return NamedTask(
        functools.partial(QuestionAnsweringTask, version=version),
        _SQUAD,
        TfdsDataSet(
            f"squad/v{version}:3.0.0", lambda records, _: questions_of_records(records)
        ),
    )


NAMED_TASKS: Mapping[str, NamedTask] = {
    "squad1": _squad("1.1"),
    "squad2": _squad("2.0"),
    "cola": _glue(
        "cola", ("sentence",), _NUMBERS, _SMALL_GLUE, metric="matthews_correlation"
    ),
    # Accuracy, as for QQP: the paper's figures for BERT are the accuracies of both.
    "mrpc": _glue("mrpc", ("sentence1", "sentence2"), _NUMBERS, _SMALL_GLUE),
    "qqp": _glue("qqp", ("question1", "question2"), _NUMBERS, _LARGE_GLUE),
    "qnli": _glue("qnli", ("question", "sentence"), _ENTAILMENT, _SMALL_GLUE),
    "rte": _glue("rte", ("sentence1", "sentence2"), _ENTAILMENT, _SMALL_GLUE),
    "sst2": _glue("sst2", ("sentence",), _NUMBERS, _LARGE_GLUE),
    "conll2003": NamedTask(
        _named_entities(_CONLL2003_ENTITIES),
        _NER,
        TfdsDataSet(
            "conll2003:1.0.0",
            lambda records, features: tagged_sentences(
                records, features["ner"].feature.names
            ),
        ),
    ),
    "ptb": NamedTask(
        functools.partial(TaggingTask, metric="accuracy"),
        _POS,
        files="files of the Penn Treebank, a word and its part of speech a line",
    ),
    "wnut17": NamedTask(
        _named_entities(_WNUT17_ENTITIES),
        _NER,
        files="WNUT-2017's files, a word and its tag a line",
    ),
}
"""The tasks by the name that the commands' `--task` takes."""

FAMILIES: Mapping[str, HyperParameters] = {
    "tagging": HyperParameters(),
    "classification": HyperParameters(),
    "question_answering": _SQUAD,
}
"""What the commands' `--task` calls a user's own files, and their defaults."""
