r"""The whole way on this machine, in minutes, without a download: what `make run` does.

  python -m official.demonstration --output=runs/demonstration

Goes on pretraining presets/charbert_minilm for a minute, on the documentation of
Python's standard library, and takes the BERT out of it: the same encoder without the
character channel. Teaches both, with noise, to tell which module a sentence of it
describes; reports how both stand typos and small letters; exports CharBERT and asks
the exported model. Each step is one of the other commands, printed before it runs so
that it can be copied. Started again, it leaves out what is there already.
"""

import os
import shlex
import subprocess
import sys

from absl import flags

from official import command

_OUTPUT = flags.DEFINE_string("output", "runs/demonstration", "Folder to write to.")

_CONFIGS = "official/configs"
_PRESET = "presets/charbert_minilm"
_QUESTIONS = (
    "Schedule a corutine on the runing event lop.",
    "Parse an XML documnt and return the rot elemnt.",
    "Add a hanlder that wrtes log recrds to a file.",
)


def main() -> None:
    """Runs the command."""
    corpus = _path("corpus")
    _run("standard_library_corpus", f"--output={corpus}", makes=corpus)
    _pretrain()
    _take_bert_out()
    _finetune("bert", init=_path("bert"))
    _finetune("charbert", init=_path("charbert", "preset"))
    _report()
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


def _pretrain() -> None:
    _run(
        "pretrain",
        f"--flagfile={_CONFIGS}/demonstration_pretrain.flags",
        f"--input={_path('corpus', 'text.txt')}",
        f"--init={_PRESET}",
        f"--output={_path('charbert')}",
        makes=_path("charbert", "preset"),
    )


def _take_bert_out() -> None:
    _run(
        "convert_checkpoint",
        "--format=huggingface",
        f"--input={_path('charbert', 'preset')}",
        f"--output={_path('bert')}",
        makes=_path("bert"),
    )


def _finetune(name: str, init: str) -> None:
    _run(
        "finetune",
        f"--flagfile={_CONFIGS}/demonstration_finetune.flags",
        f"--train={_path('corpus', 'train.tsv')}",
        f"--init={init}",
        f"--output={_path(name + '_classifier')}",
        makes=_path(name + "_classifier", "preset"),
    )


def _report() -> None:
    bert, charbert = _path("bert_classifier"), _path("charbert_classifier")
    _run(
        "robustness",
        "--task=classification",
        f"--input={_path('corpus', 'test.tsv')}",
        f"--models=BERT={bert},CharBERT={charbert}",
        "--rates=1",
        f"--output={_path('report')}",
        makes=_path("report"),
    )


def _export_and_ask() -> None:
    folder = _path("saved_model", "1")
    model = _path("charbert_classifier", "preset")
    _run("export", f"--model={model}", f"--output={folder}", makes=folder)
    _run("predict", f"--model={folder}", text="\n".join(_QUESTIONS))
    print(f"\n{_path('report', 'report.md')} has the scores, curves.png the chart.")


if __name__ == "__main__":
    command.run(main)
