r"""Analyses what vocabularies and models make of words (section 6 of the paper).

  python -m official.analyze --analysis=segmentation --task=tagging --tag_column=1 \
      --input=dev.txt --models=bert_folder --output=segmentation
  python -m official.analyze --analysis=word_vs_subword --task=tagging \
      --input=test.txt --models=my_tagger/preset,bert_tagger/preset --output=subwords
  python -m official.analyze --analysis=sensitivity --task=tagging --input=test.txt \
      --models=my_run/preset,bert_folder --output=sensitivity

segmentation: the share of the words that the models' vocabularies split, and of those
none of whose subwords is left after one edit; of nouns too, if the tags are parts of
speech. word_vs_subword: the scores of fine-tuned models on words that stay whole and on
words that are split. sensitivity: how far noise moves the words' vectors, over the file
and word by word in one sentence.

The output folder holds results.json, the table in results.md, and each chart as PNG
and SVG.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import analysis, files, models, recipes
from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.families.named_tasks import OptionUse
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.files.markdown import markdown_table
from charbert_tf.recipes.scoring_setup import models_by_name
from official import (
    attack_flags,
    attack_once_flags,
    command,
    named_models_flag,
    option_flags,
    task_flags,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
    from charbert_tf.families.tagging.tagging_task import TaggingTask
    from charbert_tf.recipes.task_data import TaskData

_USES = (OptionUse.READING,)
_ATTACK_OF = {
    "segmentation": "drop",
    "word_vs_subword": CLEAN,
    "sensitivity": "mix",
}

_ANALYSIS = flags.DEFINE_enum(
    "analysis", None, list(_ATTACK_OF), "Which analysis.", required=True
)
_MODELS = named_models_flag.define(
    "presets or Hugging Face folders; for word_vs_subword what official.finetune wrote."
)
_INPUT = flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
_ATTACK = flags.DEFINE_string(
    "attack",
    None,
    "What is done to the words, as for official.attack, or none. Unless given, drop "
    "for segmentation, none for word_vs_subword, mix for sensitivity.",
)
_SENTENCE = flags.DEFINE_integer(
    "sentence",
    0,
    "For sensitivity: the sentence, counted from 0, that is drawn word by word.",
    lower_bound=0,
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
option_flags.define(_USES)


def main() -> None:
    """Runs the command."""
    analyse = {
        "segmentation": _segmentation,
        "word_vs_subword": _word_vs_subword,
        "sensitivity": _sensitivity,
    }[_ANALYSIS.value]
    # Opened first: it takes minutes, for nothing if the folder cannot be written.
    with atomic_folder(_OUTPUT.value) as folder:
        data = task_flags.task_data(_USES)
        task = _tagging_task(data)
        command.notice(f"Reading {_INPUT.value}")
        examples = data.read(_INPUT.value)
        recipes.load_tensorflow(command.notice)
        recipes.tell_device(command.notice)
        results, table, figures = analyse(task, examples)
        print(table, end="")
        with open(os.path.join(folder, "results.md"), "w", encoding="utf-8") as file:
            file.write(table)
        with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
            settings = task_flags.settings(data) | {"attack": _attack_name()}
            json.dump({"settings": settings, "results": results}, file, indent=2)
        for name, figure in figures.items():
            files.save_figure(figure, folder, name)
    print(f"{_OUTPUT.value} has the numbers and the charts.")


def _segmentation(
    task: "TaggingTask", sentences: "list[TaggedSentence]"
) -> "tuple[dict, str, dict[str, Figure]]":
    attack = _attack()
    if attack is None:
        raise UserError("--attack=none: segmentation is about an edit: choose one")
    results = {
        name: analysis.analyze_segmentation(
            sentences,
            models.load_model_tokenizer(folder),
            attack,
            attack_once_flags.SEED.value,
        )
        for name, folder in _folders()
    }
    if not all(results.values()):
        raise UserError("has no words of letters: check --word_column", _INPUT.value)
    table = markdown_table(
        ["vocabulary", "of", "words", "split (%)", "edited", "no subword left (%)"],
        [
            [
                *(name, group, str(of.words), _percent(of.split)),
                *(str(of.edited), _percent(of.changed)),
            ]
            for name, of_name in results.items()
            for group, of in of_name.items()
        ],
    )
    return _plain(results), table, {"segmentation": analysis.draw_segmentation(results)}


def _word_vs_subword(
    task: "TaggingTask", sentences: "list[TaggedSentence]"
) -> "tuple[dict, str, dict[str, Figure]]":
    attack = _attack()
    results = {}
    for name, folder in _folders():
        model = task.load_model(folder)
        task.check(sentences, model.labels, _INPUT.value)
        results[name] = analysis.analyze_word_vs_subword(
            sentences, model, attack, attack_once_flags.SEED.value
        )
    fields = ["share_of_words", "accuracy", "share_of_spans", "precision", "recall"]
    fields += ["f1"]
    if next(iter(results.values()))["whole"].f1 is None:
        fields = fields[:2]
    table = markdown_table(
        ["model", "words", *(f"{field.replace('_', ' ')} (%)" for field in fields)],
        [
            [name, group, *(_percent(getattr(of, field)) for field in fields)]
            for name, of_name in results.items()
            for group, of in of_name.items()
        ],
    )
    return (
        _plain(results),
        table,
        {"word_vs_subword": analysis.draw_word_vs_subword(results)},
    )


def _sensitivity(
    task: "TaggingTask", sentences: "list[TaggedSentence]"
) -> "tuple[dict, str, dict[str, Figure]]":
    attack = _attack()
    if attack is None:
        raise UserError("--attack=none: sensitivity is about noise: choose an attack")
    if _SENTENCE.value >= len(sentences):
        raise UserError(
            f"has {len(sentences)} sentences: lower --sentence, which counts from 0",
            _INPUT.value,
        )
    results = {
        name: analysis.analyze_sensitivity(
            sentences,
            *analysis.load_encoder_of_words(folder),
            attack,
            attack_once_flags.SEED.value,
        )
        for name, folder in _folders()
    }
    means = {name: of.means for name, of in results.items()}
    table = markdown_table(
        [
            *("model", "vector", "S", "of noisy words", "of other words"),
            *("words", "beyond the longest sequence"),
        ],
        [
            [
                *(name, vector, _decimal(of.sensitivity), _decimal(of.of_noisy_words)),
                *(_decimal(of.of_other_words), str(of.words), str(of.left_out)),
            ]
            for name, of_name in means.items()
            for vector, of in of_name.items()
        ],
    )
    figures = {
        "sensitivity": analysis.draw_sensitivity(means),
        "words": analysis.draw_word_sensitivity(results, _SENTENCE.value),
    }
    return _plain(means), table, figures


def _folders() -> Iterator[tuple[str, str]]:
    """The models' names and folders, each told when its turn has come."""
    for name, folder in models_by_name(_MODELS.value).items():
        command.notice(f"Loading {folder}")
        yield name, folder


def _tagging_task(data: "TaskData") -> "TaggingTask":
    if not data.task.is_of_words:
        raise UserError("--task: these analyses are of words: name a task of tagging")
    return data.task


def _attack_name() -> str:
    return _ATTACK.value or _ATTACK_OF[_ANALYSIS.value]


def _attack() -> "Attack | None":
    name = _attack_name()
    if name == CLEAN:
        return None
    return attack_flags.attack(name, attack_once_flags.RATE.value)


def _plain(results: dict) -> dict:
    return {
        name: {part: dataclasses.asdict(of) for part, of in of_name.items()}
        for name, of_name in results.items()
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    command.run(main)
