"""What the code imports, pyproject.toml asks for and the requirements pin agree."""

import ast
import importlib.metadata
import pathlib
import re
import sys
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
OWN_PACKAGES = {"benchmarks", "charbert_tf", "official", "tests"}


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


@pytest.fixture(scope="module")
def pinned():
    files = (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt")
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    requirements = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in requirement for requirement in requirements)
    return {name_of(r): r.split("==")[1] for r in requirements}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def imported_packages():
    for folder in OWN_PACKAGES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    yield node.module.split(".")[0]
                elif isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)


def test_what_is_imported_is_required(pinned):
    known = pinned.keys()
    distributions = importlib.metadata.packages_distributions()
    imported = set(imported_packages()) - OWN_PACKAGES - set(sys.stdlib_module_names)
    missing = {
        package
        for package in imported
        if not {name_of(d) for d in distributions.get(package, [package])} & known
    }
    assert missing == set()


def test_pyproject_names_the_same(pinned, project):
    asked_for = project["dependencies"] + project["optional-dependencies"]["test"]
    assert pinned.keys() == {name_of(requirement) for requirement in asked_for}


def test_the_pinned_versions_are_what_is_tested(pinned):
    # A build of PyTorch for CPUs says so: 2.13.0+cpu.
    installed = {name: importlib.metadata.version(name) for name in pinned}
    assert {n: v.split("+")[0] for n, v in installed.items()} == pinned
