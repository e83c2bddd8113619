"""The tool behind `make mutants`: a change that a test notices is told from others."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILE = "charbert_tf/files/text_files.py"
TESTS = "tests/files/text_files_test.py"

# In a process that has not imported the package, as the tool wants it.
PROGRAM = f"""
import json, pathlib, sys
from tests import mutant_runs
from tests.mutant import ROOT, Mutant
from tests.mutants import copy_tree

tree = copy_tree(sys.argv[1])
before = (tree / {FILE!r}).read_bytes()
mutant_runs.covering_tests = lambda path: [{TESTS!r}]
runs = mutant_runs.MutantRuns(tree, seconds=10, seconds_of_all=60)
outcomes = []
for start, end, new in json.loads(sys.argv[2]):
    outcomes.append(runs.outcome(Mutant({FILE!r}, 1, start, end, new)))
    assert (tree / {FILE!r}).read_bytes() == before
mutant_runs.covering_tests = lambda path: ["tests/no_test.py"]
try:
    runs.outcome(Mutant({FILE!r}, 1, 0, 0, ""))
except RuntimeError as error:
    outcomes.append(str(error))
print(json.dumps(outcomes))
"""


def run(*arguments):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout


def test_a_change_is_noticed_or_survives(tmp_path):
    text = (ROOT / FILE).read_text("ascii")
    place = re.search(r"return (.+)\n", text[text.index("def expand_patterns") :])
    start = text.index("def expand_patterns") + place.start(1)
    end = start + len(place[1])
    changes = [
        (start, end, "None"),
        (start, end, f"({place[1]})"),
        (start, end, "sum(iter(int, 1))"),
    ]
    found = json.loads(run("-c", PROGRAM, str(tmp_path), json.dumps(changes)))
    (noticed, test), survived, (hung, last), without_tests = found
    assert (noticed, survived, hung) == ("killed", ["survived", ""], "hung")
    assert test.startswith(f"{TESTS}::")
    assert last.startswith(f"{TESTS}::")
    assert without_tests == "pytest does not collect tests/no_test.py."


@pytest.mark.slow
def test_a_second_run_goes_on(tmp_path):
    """Torch, Beam and TensorFlow are imported once, which takes half a minute."""
    output = tmp_path / "mutants.md"
    command = ["-m", "tests.mutants", f"--files={FILE}", f"--output={output}"]
    first = run(*command, "--count=1")
    assert re.match(r"1/1 (killed by .+|survived|hung by .+): `", first)
    lines = output.with_suffix(".jsonl").read_text("utf-8")
    second = run(*command, "--count=2")
    assert first.partition(" ")[2].splitlines()[0] in second
    # The first one was not run again.
    assert output.with_suffix(".jsonl").read_text("utf-8").startswith(lines)
    assert len(output.with_suffix(".jsonl").read_text("utf-8").splitlines()) == 2
    assert " of 2 mutants are noticed" in output.read_text("utf-8")
