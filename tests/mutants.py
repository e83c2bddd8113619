r"""Changes the package in small ways, and tells which changes no test notices.

  python -m tests.mutants --count=300 --seed=0 --output=runs/mutants.md
  python -m tests.mutants --files='charbert_tf/text/*.py' --count=50

A mutant is the package with one operator, constant or branch changed. Mutants are drawn
from all of these places, the same with the same seed, and the first of a larger count;
each is put into a copy of the working tree, where the tests that cover the changed file
are run until one fails: those of its own name first, then those that name its module or
what it defines, then those of the files that import it. A test that fails without any
change is left out. TensorFlow is imported once, and each mutant is a fork. The report
lists those that survived: equivalent ones, and gaps.
"""

import argparse
import collections
import fnmatch
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

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
    """Copies the files under version control, as they are now.

    Args:
        folder: Where to.

    Returns:
        The copy.
    """
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
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
    parser.add_argument("--seconds", type=int, default=120, help="for each test")
    parser.add_argument("--seconds_of_all", type=int, default=900, help="for a mutant")
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
    os.environ.setdefault("CHARBERT_TF_TEST_DATA", str(ROOT / ".." / "shared"))
    outcomes = {}
    output = pathlib.Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(folder)
        runs = MutantRuns(tree, arguments.seconds, arguments.seconds_of_all)
        for number, mutant in enumerate(chosen, start=1):
            outcomes[mutant], test = runs.outcome(mutant)
            by = f" by {test}" if test else ""
            line = f"{number}/{len(chosen)} {outcomes[mutant]}{by}: {mutant}"
            print(line, flush=True)
            # As far as it is, for whoever stops it.
            output.write_text(report(outcomes), encoding="utf-8")
    print(f"Saved {output}")


def _import_once() -> None:
    """Imports what does not change, so that a fork has it already."""
    import official  # noqa: F401, I001  Before TensorFlow.
    import hypothesis  # noqa: F401
    import keras_nlp  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import scipy.stats  # noqa: F401
    import tensorflow_text  # noqa: F401
    import transformers  # noqa: F401

    # The mutant's own, not these.
    for name in [n for n in sys.modules if n.split(".")[0] in ("official", "tests")]:
        del sys.modules[name]


if __name__ == "__main__":
    main()
