"""The method's constants: every default, recipe and document has the table's values.

Defaults are read off the source, so that nothing has to be imported, wherever a file
is moved; those of flags are what the commands have.
"""

import ast
import functools
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest

from charbert_tf.families import DATA_SETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "official" / "configs"
CONSTANTS = tomllib.loads((CONFIGS / "method_constants.toml").read_text("utf-8"))
TASKS = CONSTANTS.pop("tasks")
# The recipes that stand for the paper: each number that they give is in the table.
PAPERS = ["pretrain_bert_base", "pretrain_advbert", "train_word_recognizer"]
PAPERS += [f"finetune/{path.stem}" for path in (CONFIGS / "finetune").iterdir()]
PRINT_DEFAULTS = """
import importlib, json, sys
from absl import flags
importlib.import_module(f"official.{sys.argv[1]}")
defined = flags.FLAGS.flags_by_module_dict().items()
own = [flag for name, of in defined if name.startswith("official.") for flag in of]
numbers = {f.name: f.default for f in own if type(f.default) in (int, float)}
print(json.dumps(numbers))
"""
FIELDS = ("value", "source", "ours", "why", "defaults", "flags", "recipes", "documents")


@functools.cache
def trees():
    return [*_trees()]


def _trees():
    for package in ("charbert_tf", "official"):
        for path in (ROOT / package).rglob("*.py"):
            yield path, ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def defaults():
    """What classes' parameters and the names of files are, if it is a literal."""
    found = {}
    for path, tree in trees():
        for node in tree.body:
            if isinstance(node, ast.Assign):
                found.update(of_assignment(path, node))
            elif isinstance(node, ast.ClassDef):
                found.update(of_class(node))
    return found


def of_assignment(path, node):
    (target,), value = node.targets, node.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        # What stands behind a star is no literal.
        if any(isinstance(element, ast.Starred) for element in value.elts):
            return
        pairs = zip(target.elts, value.elts, strict=True)
    for name, value in pairs:
        if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
            yield f"{path.name} {name.id}", value.value


def of_class(node):
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.value, ast.Constant):
            yield f"{node.name}.{part.target.id}", part.value.value
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            with_default = part.args.args[-len(part.args.defaults) :]
            for argument, value in zip(with_default, part.args.defaults, strict=False):
                if isinstance(value, ast.Constant):
                    yield f"{node.name}.{argument.arg}", value.value


@pytest.fixture(scope="module")
def inherited(defaults):
    """The defaults, those of a base class too where the class names none itself."""
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for _, tree in trees()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }

    def find(place):
        if place in defaults:
            return defaults[place]
        name, _, parameter = place.partition(".")
        (base,) = bases[name]
        return find(f"{base}.{parameter}")

    return find


@pytest.fixture(scope="module")
def flags():
    """The defaults of the numbers that commands take, by command and name."""
    commands = {
        place.split()[0] for c in CONSTANTS.values() for place in c.get("flags", [])
    }
    found = {}
    for command in sorted(commands):
        run = subprocess.run(
            [sys.executable, "-c", PRINT_DEFAULTS, command],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        defaults = json.loads(run.stdout)
        found |= {f"{command} {flag}": value for flag, value in defaults.items()}
    return found


def given_by(recipe):
    """The numbers that a recipe gives to flags."""
    text = (CONFIGS / f"{recipe}.flags").read_text("utf-8")
    found = re.findall(r"^--(\w+)=([\d.e-]+)$", text, flags=re.MULTILINE)
    return {name: float(value) for name, value in found}


def recipes_of(constant):
    for place in constant.get("recipes", []):
        recipe, flag = place.split(" ")
        names = PAPERS if recipe == "finetune/*" else [recipe]
        yield from ((name, flag) for name in names if name.startswith(recipe[:-1]))


@pytest.mark.parametrize("name", CONSTANTS)
def test_every_place_has_the_value(name, inherited, flags):
    constant = CONSTANTS[name]
    assert set(constant) <= set(FIELDS) and constant["source"]
    assert ("ours" in constant) == ("why" in constant)
    assert set(constant) & {"defaults", "flags", "recipes", "documents"}
    ours = constant.get("ours", constant["value"])
    for place in constant.get("defaults", []):
        assert inherited(place) == ours, place
    for place in constant.get("flags", []):
        assert flags[place] == ours, place
    for recipe, flag in recipes_of(constant):
        assert given_by(recipe)[flag] == constant["value"], recipe
    for document, phrases in constant.get("documents", {}).items():
        text = " ".join((ROOT / document).read_text("utf-8").split())
        for phrase in phrases:
            assert " ".join(phrase.split()) in text, phrase


def test_every_number_of_the_papers_recipes_is_in_the_table():
    known = {place for constant in CONSTANTS.values() for place in recipes_of(constant)}
    for recipe in PAPERS:
        for flag in given_by(recipe).keys() - {"seeds"}:
            assert (recipe, flag) in known


@pytest.mark.parametrize(
    "command", ["pretrain", "build_vocabulary", "train_word_recognizer"]
)
def test_every_number_that_a_command_of_the_method_takes_is_in_the_table(
    command, flags
):
    known = {place for c in CONSTANTS.values() for place in c.get("flags", [])}
    # Of the size of a model, of this stack, and of additions to the method.
    others = {
        *("num_layers", "num_heads", "hidden_dim", "intermediate_dim"),
        *("accumulation_steps", "checkpoint_seconds", "seed"),
        *("warm_start_steps", "new_weights_multiplier"),
    }
    for place, value in flags.items():
        of_command, flag = place.split(" ")
        if of_command == command and value is not None and flag not in others:
            assert place in known


def test_the_tasks_settings():
    assert TASKS.keys() == DATA_SETS.keys()
    for name, task in TASKS.items():
        own = DATA_SETS[name].hyper_parameters
        assert task["source"]
        assert task["value"] == [
            *(own.learning_rate, own.batch_size, own.epochs, own.sequence_length)
        ]
