"""docs/architecture.md shows the rooms that there are, and BUILD's dependencies."""

import ast
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

import charbert_tf
from tests.project_imports import imported_files

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ROOMS = sorted(
    path.parent.name for path in (ROOT / "charbert_tf").glob("*/__init__.py")
)


def build_dependencies():
    """What BUILD's library of each room names, other rooms only."""
    place = ROOT / "tests/build_test.py"
    spec = importlib.util.spec_from_file_location("build_test", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    targets = module.BuildFile().targets
    return {room: set(targets[room]["deps"]) & set(ROOMS) for room in ROOMS}


def reachable(edges, room):
    found, waiting = set(), [room]
    while waiting:
        for other in edges.get(waiting.pop(), set()) - found:
            found.add(other)
            waiting.append(other)
    return found


def test_the_table_has_every_room_once_and_in_order():
    table = PAGE.partition("## The way")[0]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(listed) == ROOMS
    for room, uses in build_dependencies().items():
        for other in uses:
            assert listed.index(room) < listed.index(other), (room, other)


def test_the_picture_shows_what_uses_what():
    drawn = {}
    for room, other in re.findall(r"^  (\w+) --> (\w+)$", PAGE, re.MULTILINE):
        drawn.setdefault(room, set()).add(other)
    uses = build_dependencies()
    for room in ROOMS:
        assert reachable(drawn, room) == reachable(uses, room), room


def test_files_that_the_page_names_exist():
    named = re.findall(r"`((?:charbert_tf|tests)/[\w/.]+)`", PAGE)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []
    beside = re.findall(r"`(\w+\.py)`", PAGE)
    assert [name for name in beside if not (ROOT / "charbert_tf" / name).exists()] == []


def test_the_walks_pass_each_file_once():
    walks = re.findall(r"^```\n((?:[\w/]+\.py\n)+)```$", PAGE, re.MULTILINE)
    assert len(walks) == 4
    for files in map(str.split, walks):
        assert [file for file in files if not (ROOT / file).is_file()] == []
        assert len(set(files)) == len(files)
        assert files[0].startswith("official/")


def files_of_kinds():
    """The files of the things that registries name, and all of their rooms."""
    files = set()
    for path in (ROOT / "charbert_tf").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_registry = isinstance(node, ast.Call) and len(node.args) == 3
            if is_registry and ast.unparse(node.func) == "Registry":
                entries = map(ast.literal_eval, getattr(node.args[2], "values", ()))
                modules = {entry.partition(":")[0] for entry in entries}
                files |= {f"{module.replace('.', '/')}.py" for module in modules}
    for room in ("families", "encoders"):
        for path in (ROOT / "charbert_tf" / room).glob("*/*.py"):
            files.add(path.relative_to(ROOT).as_posix())
    return files


def test_who_asks_all_kinds_names_none():
    kinds = files_of_kinds()
    assert "charbert_tf/models/pretrainer.py" in kinds
    assert "charbert_tf/families/tagging/tagged_sentence.py" in kinds
    rooms = ("checkpoints", "corpus", "export", "models", "noise")
    for room in (*rooms, "robustness", "training"):
        for path in (ROOT / "charbert_tf" / room).glob("*.py"):
            imported = imported_files(path.read_text(encoding="utf-8"))
            assert imported & kinds == set(), path


def test_one_place_tells_the_version(tmp_path):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["project"]["dynamic"] == ["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {charbert_tf.__version__}\n" in changes


@pytest.mark.skipif(
    importlib.util.find_spec("setuptools") is None, reason="setuptools is not installed"
)
def test_the_package_has_its_hints_and_its_version(tmp_path):
    copy = tmp_path / "project"
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("charbert_tf", "official"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    code = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", code, tmp_path]
    subprocess.run(command, cwd=copy, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"charbert_tf-{charbert_tf.__version__}-")
    packed = set(zipfile.ZipFile(wheel).namelist())
    stubs = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "charbert_tf").rglob("*.pyi")
    }
    assert {"charbert_tf/py.typed", *stubs} <= packed
