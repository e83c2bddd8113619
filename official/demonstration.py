r"""The whole way on this machine, in minutes, without a download: what `make run` does.

  python -m official.demonstration --output=runs/demonstration

Pretrains a small CharBERT, and for as many steps a plain BERT of the same size, on the
documentation of Python's standard library; teaches both to tell which module a sentence
of it describes; scores both on clean sentences and on sentences with a typo in every
longer word; exports CharBERT and asks the exported model. Each step is one of the other
commands, printed before it runs so that it can be copied. Started again, it leaves out
what is there already.
"""

import json
import os
import shlex
import subprocess
import sys

from absl import flags

from official import command

_OUTPUT = flags.DEFINE_string("output", "runs/demonstration", "Folder to write to.")

_CONFIGS = "official/configs"
_ATTACKS = ("none", "drop", "add", "swap", "keyboard")
_MODELS = {"BERT": "bert", "CharBERT": "charbert"}
_QUESTIONS = (
    "Schedule a corutine on the runing event lop.",
    "Parse an XML documnt and return the rot elemnt.",
    "Add a hanlder that wrtes log recrds to a file.",
)


def main() -> None:
    """Runs the command."""
    _prepare_text()
    for name in _MODELS.values():
        _pretrain(name)
        _finetune(name)
    _evaluate()
    _export_and_ask()


def _path(*names: str) -> str:
    return os.path.join(_OUTPUT.value, *names)


def _run(
    module: str, *arguments: str, makes: str | None = None, text: str | None = None
) -> None:
    """Prints a command, then runs it; stops at the first that fails.

    A command whose output (`makes`) is there already is printed only.
    """
    printed = shlex.join(["python", "-m", f"official.{module}", *arguments])
    if text is not None:
        printed = f"echo {shlex.quote(text)} | {printed}"
    print(f"\n$ {printed}", flush=True)
    if makes is not None and os.path.exists(makes):
        print(f"{makes} is there already")
        return
    status = subprocess.run(
        [sys.executable, "-m", f"official.{module}", *arguments],
        input=None if text is None else text + "\n",
        text=True,
        check=False,
    ).returncode
    if status:
        sys.exit(status)


def _prepare_text() -> None:
    corpus = _path("corpus")
    _run("standard_library_corpus", f"--output={corpus}", makes=corpus)
    _run(
        "build_vocabulary",
        f"--flagfile={_CONFIGS}/demonstration_vocabulary.flags",
        f"--input={_path('corpus', 'text.txt')}",
        f"--output={_path('vocabulary')}",
        makes=_path("vocabulary"),
    )


def _pretrain(name: str) -> None:
    _run(
        "pretrain",
        f"--flagfile={_CONFIGS}/demonstration_{name}.flags",
        f"--input={_path('corpus', 'text.txt')}",
        f"--vocabulary={_path('vocabulary')}",
        f"--output={_path(name)}",
        makes=_path(name, "preset"),
    )


def _finetune(name: str) -> None:
    _run(
        "finetune",
        f"--flagfile={_CONFIGS}/demonstration_finetune.flags",
        f"--train={_path('corpus', 'train.tsv')}",
        f"--dev={_path('corpus', 'dev.tsv')}",
        f"--init={_path(name, 'preset')}",
        f"--output={_path(name + '_classifier')}",
        makes=_path(name + "_classifier", "preset"),
    )


def _presets() -> list[str]:
    return [_path(f"{name}_classifier", "preset") for name in _MODELS.values()]


def _evaluate() -> None:
    _run(
        "evaluate",
        "--task=classification",
        f"--input={_path('corpus', 'test.tsv')}",
        f"--models={','.join(map('='.join, zip(_MODELS, _presets(), strict=True)))}",
        f"--attacks={','.join(_ATTACKS)}",
        f"--output={_path('results.json')}",
        makes=_path("results.json"),
    )
    with open(_path("results.json"), encoding="utf-8") as file:
        scores = json.load(file)["scores"]
    accuracies = {
        name: [100 * scores[name][attack]["accuracy"] for attack in _ATTACKS]
        for name in _MODELS
    }
    _print_table(accuracies)
    _draw(accuracies)


def _print_table(accuracies: dict[str, list[float]]) -> None:
    print(
        "\nAccuracy (%)  " + "".join(f"{name:>10}" for name in ("clean", *_ATTACKS[1:]))
    )
    for name, row in accuracies.items():
        print(f"{name:14}" + "".join(f"{value:10.1f}" for value in row))
    print(
        f"\n{_path('results.json')} has all scores, {_path('results.png')} the chart."
    )


def _draw(accuracies: dict[str, list[float]]) -> None:
    import matplotlib  # Not above: it takes a second, which --help has no use for.

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    width = 0.38
    for index, (name, row) in enumerate(accuracies.items()):
        places = [place + (index - 0.5) * width for place in range(len(row))]
        bars = axes.bar(
            places, row, width, label=name, color=("#9aa5b1", "#e07a2f")[index]
        )
        axes.bar_label(bars, fmt="%.1f", fontsize=8)
    axes.set_xticks(range(len(_ATTACKS)), ["clean", *_ATTACKS[1:]])
    axes.set_ylabel("accuracy (%)")
    axes.set_title(
        "Which module is a sentence from? Clean, and with one typo in every word of "
        "four letters or more",
        fontsize=9,
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    figure.savefig(_path("results.png"), dpi=150)


def _export_and_ask() -> None:
    folder = _path("saved_model", "1")
    _run("export", f"--model={_presets()[-1]}", f"--output={folder}", makes=folder)
    _run("predict", f"--model={folder}", text="\n".join(_QUESTIONS))


if __name__ == "__main__":
    command.run(main)
