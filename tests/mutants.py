r"""Changes the package in small ways, and tells which changes no test notices.

  python -m tests.mutants --count=300 --seed=0 --output=runs/mutants.md
  python -m tests.mutants --files='charbert_tf/text/*.py' --count=50

A mutant is the package with one operator, constant or branch changed. Mutants are drawn
from all of these places, the same with the same seed, and the first of a larger count;
each is put into a copy of the working tree, where the tests that cover the changed file
are run until one fails: those of its own name first, then those that name its module or
what it defines, then those of the files that import it. A test that fails without any
change is left out. TensorFlow is imported once, and each mutant is a fork. The report
lists those that survived: equivalent ones, and gaps. What became of each mutant is kept
in a .jsonl beside the report: a second run goes on from there, and has those again
whose lines were taken out.
"""

import argparse
import collections
import fnmatch
import gc
import json
import logging
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib

from tests.mutant import ROOT, Mutant, mutants_of
from tests.mutant_runs import MutantRuns


def report(outcomes: dict[Mutant, str]) -> str:
    """Makes the report.

    Args:
        outcomes: What became of each mutant.

    Returns:
        Markdown: how many were noticed, by room, and those that were not.
    """
    counts = collections.Counter(outcomes.values())
    noticed = counts["killed"] + counts["hung"]
    lines = [
        f"{noticed} of {len(outcomes)} mutants are noticed "
        f"({noticed / max(len(outcomes), 1):.0%}; {counts['hung']} hung).",
        "",
        "| room | mutants | noticed |",
        "|---|---|---|",
    ]
    rooms = collections.defaultdict(list)
    for mutant, outcome in outcomes.items():
        room = pathlib.PurePath(mutant.path).parent.as_posix()
        rooms[room].append(outcome in ("killed", "hung"))
    for room, flags in sorted(rooms.items()):
        lines.append(f"| `{room}` | {len(flags)} | {sum(flags)} |")
    for outcome in ("survived", "unfinished", "untested"):
        lines += ["", f"## {outcome}", ""]
        lines += [f"- {m}" for m, found in outcomes.items() if found == outcome]
    return "\n".join(lines) + "\n"


def copy_tree(folder: str) -> pathlib.Path:
    """Copies the files that version control has or is to have, as they are now.

    Args:
        folder: Where to.

    Returns:
        The copy.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    tree = pathlib.Path(folder, ROOT.name)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", default="charbert_tf/*.py", help="a pattern")
    parser.add_argument("--seconds", type=int, default=60, help="for each test")
    parser.add_argument("--seconds_of_all", type=int, default=300, help="of a mutant")
    parser.add_argument("--output", default="runs/mutants.md")
    arguments = parser.parse_args()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    files = [
        path
        for path in sorted((ROOT / "charbert_tf").rglob("*.py"))
        if fnmatch.fnmatch(path.relative_to(ROOT).as_posix(), arguments.files)
    ]
    every = [mutant for path in files for mutant in mutants_of(path)]
    random.Random(arguments.seed).shuffle(every)
    chosen = every[: arguments.count]
    _import_once()
    # As Ctrl-C, so that no fork is left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.setdefault("CHARBERT_TF_TEST_DATA", str(ROOT / ".." / "shared"))
    output = pathlib.Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    kept = _Kept(output.with_suffix(".jsonl"))
    outcomes = {}
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(folder)
        runs = MutantRuns(tree, arguments.seconds, arguments.seconds_of_all)
        for number, mutant in enumerate(chosen, start=1):
            if mutant not in kept:
                kept[mutant] = runs.outcome(mutant)
            outcomes[mutant], test = kept[mutant]
            by = f" by {test}" if test else ""
            line = f"{number}/{len(chosen)} {outcomes[mutant]}{by}: {mutant}"
            print(line, flush=True)
            # As far as it is, for whoever stops it.
            output.write_text(report(outcomes), encoding="utf-8")
    print(f"Saved {output}")


class _Kept:
    """Outcomes of mutants in a file, each under its mutant of its file's content."""

    def __init__(self, path: pathlib.Path):
        self._path = path
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self._outcomes = {key: outcome for key, *outcome in map(json.loads, lines)}

    def __contains__(self, mutant: Mutant) -> bool:
        return self._key(mutant) in self._outcomes

    def __getitem__(self, mutant: Mutant) -> list[str]:
        return self._outcomes[self._key(mutant)]

    def __setitem__(self, mutant: Mutant, outcome: tuple[str, str]) -> None:
        key = self._key(mutant)
        self._outcomes[key] = outcome
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, *outcome]) + "\n")

    def _key(self, mutant: Mutant) -> str:
        content = zlib.crc32((ROOT / mutant.path).read_bytes())
        return f"{mutant} at {mutant.start} of {content:08x}"


def _import_once() -> None:
    """Imports what does not change, so that a fork has it already.

    That is nothing of the package, and nothing that imports it. So what `official` does
    before TensorFlow is imported is done here.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # Other packages' plugins, of which no test makes use.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import apache_beam  # noqa: F401
    import hypothesis  # noqa: F401
    import keras_nlp  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import scipy.stats  # noqa: F401
    import seqeval.metrics  # noqa: F401
    import sklearn.metrics  # noqa: F401
    import tensorflow_text  # noqa: F401
    import torch  # noqa: F401
    import transformers  # noqa: F401
    from absl import logging as absl_logging

    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    absl_logging.set_verbosity(absl_logging.ERROR)
    # Else every fork's collector goes through, and copies, all of that.
    gc.freeze()


if __name__ == "__main__":
    main()
