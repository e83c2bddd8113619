"""BUILD covers every module, and declares what the modules really import."""

import ast
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("charbert_tf", "official", "benchmarks", "tests")


class BuildFile:
    """The targets of BUILD, found out by evaluating it.

    What it uses of Starlark is also Python, so Python can do that, given the rules.
    """

    def __init__(self):
        self.targets = {}
        self.loaded = set()
        rules = ("py_library", "py_binary", "py_test")
        names = {rule: self._recorder(rule) for rule in rules}
        names |= {"glob": _glob, "load": self._load, "package": lambda **_: None}
        exec(compile((ROOT / "BUILD").read_text(), "BUILD", "exec"), names)
        # Bazel 9 has no rules of its own for Python.
        assert self.loaded == set(rules)

    def _load(self, label, *symbols):
        assert label == "@rules_python//python:defs.bzl"
        assert 'bazel_dep(name = "rules_python"' in (ROOT / "MODULE.bazel").read_text()
        self.loaded = set(symbols)

    def _recorder(self, rule):
        def record(name, srcs, deps=(), **_):
            assert name not in self.targets, f"two targets are called {name}"
            deps = [dep.removeprefix(":") for dep in deps]
            self.targets[name] = {"rule": rule, "srcs": set(srcs), "deps": deps}

        return record

    def sources(self, rule):
        targets = [target for target in self.targets.values() if target["rule"] == rule]
        return set().union(*(target["srcs"] for target in targets))


def _glob(include, exclude=()):
    def matches(patterns):
        return {
            path.relative_to(ROOT).as_posix()
            for pattern in patterns
            for path in ROOT.glob(pattern)
        }

    return sorted(matches(include) - matches(exclude))


def _modules(*folders):
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
    }


def _imported_modules(file):
    """The project's own modules that a module imports, as files."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            imported = f"{name.replace('.', '/')}.py"
            if name.startswith("charbert_tf.") and (ROOT / imported).is_file():
                yield imported


@pytest.fixture(scope="module")
def build_file():
    return BuildFile()


def test_every_module_is_in_a_target(build_file):
    sources = set().union(*(target["srcs"] for target in build_file.targets.values()))
    assert _modules(*FOLDERS) <= sources, "these modules are in no target of BUILD"
    missing = {source for source in sources if not (ROOT / source).is_file()}
    assert not missing, "BUILD names these files, which do not exist"


def test_commands_are_binaries_and_tests_are_tests(build_file):
    commands = {
        module
        for module in _modules("official", "benchmarks")
        if '\nif __name__ == "__main__":' in (ROOT / module).read_text("utf-8")
    }
    assert build_file.sources("py_binary") == commands
    tests = {module for module in _modules("tests") if module.endswith("_test.py")}
    assert tests <= build_file.sources("py_test")


def test_a_library_imports_what_it_depends_on(build_file):
    libraries = {
        name: target
        for name, target in build_file.targets.items()
        if target["rule"] == "py_library"
        and all(source.startswith("charbert_tf/") for source in target["srcs"])
    }
    library_of = {
        source: name for name, target in libraries.items() for source in target["srcs"]
    }
    undeclared = {
        f"{source} imports {imported}: BUILD's {name} lacks :{library_of[imported]}"
        for name, target in libraries.items()
        for source in target["srcs"]
        for imported in _imported_modules(source)
        if library_of[imported] not in (name, *target["deps"])
    }
    assert not undeclared


def test_dependencies_go_one_way(build_file):
    remaining = {name: set(t["deps"]) for name, t in build_file.targets.items()}
    while remaining:
        free = {name for name, deps in remaining.items() if not deps & set(remaining)}
        assert free, f"these targets of BUILD depend on each other: {sorted(remaining)}"
        remaining = {n: deps for n, deps in remaining.items() if n not in free}


@pytest.mark.skipif(shutil.which("bazel") is None, reason="Bazel is not installed")
def test_bazel_reads_it_alike(build_file, tmp_path):
    # In batch mode no server stays behind.
    command = ["bazel", "--batch", f"--output_user_root={tmp_path}", "query", "//..."]
    query = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert query.returncode == 0, query.stderr
    assert set(query.stdout.split()) == {f"//:{name}" for name in build_file.targets}
