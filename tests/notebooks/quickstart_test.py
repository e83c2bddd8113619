"""The notebook runs as a newcomer runs it, and shows what it promises."""

import json
import os
import pathlib
import re

import nbclient
import nbformat
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
LARGEST = 500_000
TIMEOUT = 1200  # Seconds a cell; all cells take two minutes on two idle cores.
ATTACKS = ["drop", "add", "swap", "keyboard", "mix"]


NOTEBOOKS = ["committed", pytest.param("executed", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory, committed):
    """The notebook after a run, where the library is installed, in an empty folder."""
    folder = tmp_path_factory.mktemp("notebooks")
    notebook = nbformat.from_dict(json.loads(json.dumps(committed)))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbclient.NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    ).execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert list(folder.iterdir()) == []
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def printed(notebook):
    streams = [o for o in outputs(notebook) if o.output_type == "stream"]
    return "".join(stream.text for stream in streams if stream.name == "stdout")


def charts(notebook):
    return [o for o in outputs(notebook) if "image/png" in o.get("data", {})]


def accuracies(notebook):
    """The table that the notebook prints: each model's accuracy by test set."""
    head, *rows = re.search(
        r"Accuracy \(%\)(.*)\n(BERT .*)\n(CharBERT .*)\n", printed(notebook)
    ).groups()
    table = {}
    for row in rows:
        name, *values = row.split()
        table[name] = dict(zip(head.split(), map(float, values), strict=True))
    return table


@pytest.mark.parametrize("which", NOTEBOOKS)
def test_it_shows_results_and_no_noise(which, request):
    notebook = request.getfixturevalue(which)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert [o for o in outputs(notebook) if o.output_type == "error"] == []
    # TensorFlow's messages and Python's warnings go there.
    assert [o for o in outputs(notebook) if o.get("name") == "stderr"] == []
    assert len(charts(notebook)) == 1
    for row in accuracies(notebook).values():
        assert list(row) == ["clean", *ATTACKS]


@pytest.mark.parametrize("which", NOTEBOOKS)
def test_charbert_keeps_more_of_its_accuracy_under_typos(which, request):
    table = accuracies(request.getfixturevalue(which))
    assert min(row["clean"] for row in table.values()) > 90
    kept = {
        name: [row[attack] / row["clean"] for attack in ATTACKS]
        for name, row in table.items()
    }
    pairs = zip(kept["CharBERT"], kept["BERT"], strict=True)
    assert all(charbert > bert for charbert, bert in pairs)
    # By more than the 300 texts' standard error.
    assert sum(kept["CharBERT"]) > sum(kept["BERT"]) + 0.05 * len(ATTACKS)


def test_it_is_committed_small_and_with_nothing_of_one_machine(committed):
    assert NOTEBOOK.stat().st_size < LARGEST
    assert committed.metadata.kernelspec.name == "python3"
    assert set(committed.metadata) == {"kernelspec", "language_info"}
    assert set(committed.metadata.language_info) == {"name"}
    assert all(not cell.metadata for cell in committed.cells)


def test_it_needs_the_installed_library_alone(committed):
    code = "\n".join(cell.source for cell in code_cells(committed))
    assert "sys.path" not in code
    assert "official" not in code
    recipes = ("build_vocabulary", "pretrain", "finetune", "evaluate")
    for recipe in (*recipes, "measure_robustness"):
        assert f"charbert_tf.{recipe}(" in code
