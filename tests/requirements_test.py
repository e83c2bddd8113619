"""What the code imports, pyproject.toml asks for and requirements.txt pins agree."""

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
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
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


def test_what_is_imported_is_required(pinned, project):
    extras = project["optional-dependencies"]
    known = pinned.keys() | {name_of(r) for r in extras["torch"]}
    distributions = importlib.metadata.packages_distributions()
    imported = set(imported_packages()) - OWN_PACKAGES - set(sys.stdlib_module_names)
    missing = {
        package
        for package in imported
        if not {name_of(d) for d in distributions.get(package, [package])} & known
    }
    assert missing == set()


def test_the_two_files_name_the_same(pinned, project):
    asked_for = project["dependencies"] + project["optional-dependencies"]["test"]
    assert pinned.keys() == {name_of(requirement) for requirement in asked_for}


def test_the_pinned_versions_are_what_is_tested(pinned):
    installed = {name: importlib.metadata.version(name) for name in pinned}
    assert installed == pinned
