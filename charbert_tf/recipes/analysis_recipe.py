"""analyze: what vocabularies and models make of words, as the paper asks."""

import dataclasses
import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import analysis, files, models
from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.families.named_tasks import OptionUse
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.markdown import markdown_table
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import (
    Notice,
    load_tensorflow,
    print_notice,
    tell_device,
)
from charbert_tf.recipes.scoring_setup import MODELS_RULE, NamedModels, models_by_name
from charbert_tf.recipes.settings import make_settings
from charbert_tf.recipes.task_data import SOURCES, TaskData
from charbert_tf.recipes.typos import (
    MINIMUM_LENGTH,
    AttackRate,
    AttackSeed,
    MinimumLength,
    make_attacks,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
    from charbert_tf.families.tagging.tagging_task import TaggingTask

ANALYSIS_USES = (OptionUse.READING,)
"""What the options of a task are for that an analysis takes."""

ATTACK_OF_ANALYSIS = {
    "segmentation": "drop",
    "word_vs_subword": CLEAN,
    "sensitivity": "mix",
}
"""What each analysis does to the words unless an attack is named."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnalysisSettings:
    """The settings of `analyze`; official.analyze has a flag for each.

    Args:
        minimum_length: of the words that are attacked, in characters; shorter ones
            stay.
        protected_words: a file of words that stay, one a line.
        rate: share of the words that are attacked.
        seed: of the typos.
        task: a task of tagging by its name, or the place of one of yours, as `TaskData`
            takes it.
        data: where examples come from, "files" or "tfds".
        analysis: `"segmentation"`, `"word_vs_subword"` or `"sensitivity"`.
        input: a labelled file; of tensorflow-datasets a split.
        attack: what is done to the words: the name of an attack, several of these as
            one joined by `"+"`, the place of yours, or `"none"`; by default what
            `ATTACK_OF_ANALYSIS` says.
        sentence: for sensitivity: the sentence, counted from 0, that is drawn word by
            word.
        models: presets or Hugging Face folders; for word_vs_subword what `finetune`
            wrote: `"FOLDER"` or `"NAME=FOLDER"`, or folders by the models' names.
        output: a folder to write the numbers and the charts to.
    """

    # In the order in which the file of the results has them.
    minimum_length: MinimumLength = MINIMUM_LENGTH
    protected_words: str | None = None
    rate: AttackRate = 1.0
    seed: AttackSeed = 0
    task: str
    data: Annotated[str, Limits(choices=SOURCES)] = SOURCES[0]
    analysis: Annotated[str, Limits(choices=tuple(ATTACK_OF_ANALYSIS))]
    input: str
    attack: str | None = None
    sentence: Annotated[int, Limits(least=0)] = 0
    models: NamedModels
    output: str | None = None


@dataclasses.dataclass(frozen=True)
class AnalysisResult:
    """What an analysis has found.

    Args:
        by_model: of each model its numbers by group: a `Segmentation` by the group of
            words, a `WordGroupScores` by whether these stay whole, or a `Sensitivity`
            by the vector.
        table: the same, as Markdown.
        figures: the charts by their names.
    """

    by_model: Mapping[str, Mapping[str, Any]]
    table: str
    figures: "dict[str, Figure]"


def analyze(*, notice: Notice = print_notice, **settings: Any) -> AnalysisResult:
    """Analyses what vocabularies and models make of words (section 6 of the paper).

    What official.analyze does: it prints the table. It puts together the parts of the
    package `charbert_tf.analysis`.

    Args:
        notice: shows what is loaded, and on which device.
        **settings: `analysis`, `task`, `models`, `input` and others, see
            `AnalysisSettings`; and the options of the task, such as `tag_column`.

    Returns:
        The numbers, the table and the charts.

    Raises:
        UserError: if a file or a model cannot be read, or settings do not go together.
        TypeError: if there is no such setting or option, or one is missing.

    Example:

    ```python
    result = charbert_tf.analyze(
        analysis="segmentation",
        task="tagging",
        models={"BERT": "bert_folder"},
        input="dev.txt",
        tag_column=1,
    )
    result.by_model["BERT"]["distinct nouns"].split
    ```
    """
    values, options = make_settings(AnalysisSettings, [MODELS_RULE], settings)
    attack = values.attack or ATTACK_OF_ANALYSIS[values.analysis]
    values = dataclasses.replace(values, attack=attack)
    data = TaskData(values.task, values.data, options, ANALYSIS_USES)
    if values.output is None:
        return _analyze(values, data, notice)
    # Opened first: it takes minutes, for nothing if the folder cannot be written.
    with atomic_folder(values.output) as folder:
        result = _analyze(values, data, notice)
        _write(result, folder, data.record(values))
    return result


@dataclasses.dataclass(frozen=True)
class _Job:
    """What is analysed, and how."""

    values: AnalysisSettings
    task: "TaggingTask"
    sentences: "list[TaggedSentence]"
    notice: Notice

    def attack(self) -> "Attack | None":
        """What is done to the words; None if nothing is."""
        values = self.values
        if values.attack == CLEAN:
            return None
        words = values.minimum_length, values.protected_words
        return make_attacks([values.attack], values.rate, *words)[values.attack]

    def folders(self) -> Iterator[tuple[str, str]]:
        """The models' names and folders, each told when its turn has come."""
        for name, folder in models_by_name(self.values.models).items():
            self.notice(f"Loading {folder}")
            yield name, folder


def _analyze(
    values: AnalysisSettings, data: TaskData, notice: Notice
) -> AnalysisResult:
    """Prints the table."""
    analyse = {
        "segmentation": _segmentation,
        "word_vs_subword": _word_vs_subword,
        "sensitivity": _sensitivity,
    }[values.analysis]
    if not data.task.is_of_words:
        raise UserError("--task: these analyses are of words: name a task of tagging")
    notice(f"Reading {values.input}")
    sentences = data.read(values.input)
    load_tensorflow(notice)
    tell_device(notice)
    result = analyse(_Job(values, data.task, sentences, notice))
    print(result.table, end="", flush=True)
    return result


def _segmentation(job: _Job) -> AnalysisResult:
    attack = job.attack()
    if attack is None:
        raise UserError("--attack=none: segmentation is about an edit: choose one")
    results = {
        name: analysis.analyze_segmentation(
            job.sentences, models.load_model_tokenizer(folder), attack, job.values.seed
        )
        for name, folder in job.folders()
    }
    if not all(results.values()):
        raise UserError(
            "has no words of letters: check --word_column", job.values.input
        )
    table = _table(
        results,
        ["vocabulary", "of"],
        {
            "words": lambda of: str(of.words),
            "split (%)": lambda of: _percent(of.split),
            "edited": lambda of: str(of.edited),
            "no subword left (%)": lambda of: _percent(of.changed),
        },
    )
    figures = {"segmentation": analysis.draw_segmentation(results)}
    return AnalysisResult(results, table, figures)


def _word_vs_subword(job: _Job) -> AnalysisResult:
    attack = job.attack()
    results = {}
    for name, folder in job.folders():
        model = job.task.load_model(folder)
        job.task.check(job.sentences, model.labels, job.values.input)
        results[name] = analysis.analyze_word_vs_subword(
            job.sentences, model, attack, job.values.seed
        )
    fields = ["share_of_words", "accuracy", "share_of_spans", "precision", "recall"]
    fields += ["f1"]
    if next(iter(results.values()))["whole"].f1 is None:
        fields = fields[:2]
    columns = {
        f"{field.replace('_', ' ')} (%)": functools.partial(_percent_of, field)
        for field in fields
    }
    table = _table(results, ["model", "words"], columns)
    figures = {"word_vs_subword": analysis.draw_word_vs_subword(results)}
    return AnalysisResult(results, table, figures)


def _sensitivity(job: _Job) -> AnalysisResult:
    attack = job.attack()
    if attack is None:
        raise UserError("--attack=none: sensitivity is about noise: choose an attack")
    count, sentence = len(job.sentences), job.values.sentence
    if sentence >= count:
        raise UserError(
            f"has {count} sentences: lower --sentence, which counts from 0",
            job.values.input,
        )
    results = {
        name: analysis.analyze_sensitivity(
            job.sentences,
            *analysis.load_encoder_of_words(folder),
            attack,
            job.values.seed,
        )
        for name, folder in job.folders()
    }
    means = {name: of.means for name, of in results.items()}
    table = _table(
        means,
        ["model", "vector"],
        {
            "S": lambda of: _decimal(of.sensitivity),
            "of noisy words": lambda of: _decimal(of.of_noisy_words),
            "of other words": lambda of: _decimal(of.of_other_words),
            "words": lambda of: str(of.words),
            "beyond the longest sequence": lambda of: str(of.left_out),
        },
    )
    figures = {
        "sensitivity": analysis.draw_sensitivity(means),
        "words": analysis.draw_word_sensitivity(results, sentence),
    }
    return AnalysisResult(means, table, figures)


def _table(
    by_model: Mapping[str, Mapping[str, Any]],
    names: Sequence[str],
    columns: Mapping[str, Callable[[Any], str]],
) -> str:
    """A row for each model's each group, of what the columns tell of it."""
    return markdown_table(
        [*names, *columns],
        [
            [name, group, *(text(of) for text in columns.values())]
            for name, of_name in by_model.items()
            for group, of in of_name.items()
        ],
    )


def _write(result: AnalysisResult, folder: str, settings: dict[str, Any]) -> None:
    with open(os.path.join(folder, "results.md"), "w", encoding="utf-8") as file:
        file.write(result.table)
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        results = {
            name: {group: dataclasses.asdict(of) for group, of in of_name.items()}
            for name, of_name in result.by_model.items()
        }
        json.dump({"settings": settings, "results": results}, file, indent=2)
    for name, figure in result.figures.items():
        files.save_figure(figure, folder, name)


def _percent_of(field: str, of: Any) -> str:
    return _percent(getattr(of, field))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
