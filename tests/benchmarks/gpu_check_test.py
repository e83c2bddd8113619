"""The script for GPU machines, from end to end without one, at a toy size."""

import json
import subprocess
import sys

import pytest

TEXT = [
    "The event loop runs coroutines and calls back when a socket is ready.",
    "Parse a document and return the root element of its tree.",
    "A handler writes the records of a log to a file, one a line.",
]


@pytest.mark.slow
def test_the_table(tmp_path):

    folder = tmp_path / "demonstration"
    (folder / "corpus").mkdir(parents=True)
    (folder / "corpus" / "text.txt").write_text("\n".join(TEXT * 40) + "\n")
    make = [sys.executable, "-m", "official.build_vocabulary", "--lowercase"]
    make += [f"--input={folder}/corpus/text.txt", f"--output={folder}/vocabulary"]
    make += ["--vocabulary_size=120", "--num_characters=40", "--num_words=20"]
    subprocess.run(make, check=True)
    output = tmp_path / "table.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.gpu_check", "--toy", "--minutes=30"),
            *(f"--folder={folder}", f"--output={output}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = json.loads(output.read_text())["rows"]
    # Each is printed, too.
    for row in rows:
        assert row["name"] in done.stdout
    failed = [row["name"] for row in rows if "FAILED" in row.get("note", "")]
    # cuDNN is what a CPU lacks; its rows say so and the others follow.
    assert failed == [row["name"] for row in rows if "cuDNN" in row["name"]]
    by_name = {row["name"]: row for row in rows}
    assert not [row for row in rows if "left out" in row.get("note", "")]
    assert by_name["export, TensorFloat-32 off"]["note"].count("own: none") == 1
    for name, row in by_name.items():
        if name.startswith(("pretraining, ", "warm start, ")):
            assert "none broken" in row["note"]
        if name.startswith("step, "):
            assert row["ms"] > 0
