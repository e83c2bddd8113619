"""BUILD covers every module, and declares what the modules really import."""

import pathlib
import shutil
import subprocess

import pytest

from tests.project_imports import imported_files

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
    faults = []
    # The root is there to depend on all, whatever it imports itself.
    for name in libraries.keys() - {"charbert_tf"}:
        imports = {
            library_of[imported]: f"{source} imports {imported}"
            for source in libraries[name]["srcs"]
            for imported in imported_files((ROOT / source).read_text(encoding="utf-8"))
            if library_of[imported] != name
        }
        declared = set(libraries[name]["deps"])
        lacking = imports.keys() - declared
        faults += [f"{imports[of]}: BUILD's {name} lacks :{of}" for of in lacking]
        unused = declared - imports.keys()
        faults += [f"BUILD's {name} imports nothing of :{of}" for of in unused]
    assert faults == []


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("from charbert_tf import training", {"training/__init__.py"}),
        ("from charbert_tf import registry", {"registry.py"}),
        ("from charbert_tf import finetune", {"recipes/finetuning_recipe.py"}),
        ("from charbert_tf.attacks import Swap", {"attacks/single_characters.py"}),
        ("from charbert_tf.families import tagging", {"families/tagging/__init__.py"}),
        ("import charbert_tf.registry as names", {"registry.py"}),
        (
            "import charbert_tf\ncharbert_tf.pretrain()",
            {"recipes/pretraining_recipe.py"},
        ),
        (
            "from charbert_tf import attacks\nattacks.Mix",
            {"attacks/__init__.py", "attacks/mix.py"},
        ),
        ("import charbert_tf, ast\ncharbert_tf.__version__, ast.walk", set()),
    ],
)
def test_an_import_is_seen_by_whatever_door(source, imported):
    assert imported_files(source) == {f"charbert_tf/{name}" for name in imported}


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
