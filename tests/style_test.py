"""What the project asks of its files beyond what Ruff checks."""

import ast
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODULES = sorted(
    path for name in ("charbert_tf", "official") for path in (ROOT / name).rglob("*.py")
)
MOST_LINES = 400
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc"}

# Keras calls these, and documents what they take and return.
KERAS_HOOKS = {
    "build",
    "build_from_config",
    "call",
    "compile",
    "compute_output_shape",
    "compute_output_spec",
    "from_config",
    "from_preset",
    "get_build_config",
    "get_config",
}
# What there is to say about those that return nothing, or a block's context alone.
RETURN_NOTHING = {"None", "NoReturn", "Iterator[None]"}
# Google's style lets a summary that begins so stand for the section, and a method that
# overrides another is documented there.
TELLS_WHAT_IT_RETURNS = re.compile(
    r"^(Returns|Yields) |^ *(Returns|Yields):$|[Ss]ee (the base class|`[\w.]+`)\.$",
    re.MULTILINE,
)


def project_files():
    """The files under version control: what else lies about is the user's."""
    command = ["git", "ls-files"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    paths = [ROOT / name for name in listing.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path, node):
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def is_public(node):
    return not node.name.startswith("_")


def public_functions(tree):
    """The functions and methods that a user may call, and whether each is a method."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and is_public(node):
            yield node, False
        elif isinstance(node, ast.ClassDef) and is_public(node):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and (
                    is_public(method) or method.name in ("__init__", "__call__")
                ):
                    yield method, True


def is_hinted(function, is_method):
    arguments = function.args
    named_arguments = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    is_static = any(ast.unparse(d) == "staticmethod" for d in function.decorator_list)
    if is_method and not is_static:
        named_arguments = named_arguments[1:]
    returns = function.returns is not None or function.name == "__init__"
    return returns and all(argument.annotation for argument in named_arguments)


def returns_something(function):
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    properties = ("property", "preprocessor_part")
    is_property = any(d.split(".")[-1].endswith(properties) for d in decorators)
    returns = function.returns and ast.unparse(function.returns)
    return returns and returns not in RETURN_NOTHING and not is_property


def test_public_functions_are_documented():
    undocumented = [
        named(path, function)
        for path in MODULES
        for function, _ in public_functions(parse(path))
        if not function.name.startswith("__") and function.name not in KERAS_HOOKS
        if not ast.get_docstring(function)
    ]
    assert undocumented == []


def test_docstrings_tell_what_is_returned():
    untold = [
        named(path, function)
        for path in MODULES
        for function, _ in public_functions(parse(path))
        if function.name not in KERAS_HOOKS and returns_something(function)
        if not TELLS_WHAT_IT_RETURNS.search(ast.get_docstring(function) or "")
    ]
    assert untold == []


def test_public_functions_have_type_hints():
    unhinted = [
        named(path, function)
        for path in MODULES
        for function, is_method in public_functions(parse(path))
        if function.name not in KERAS_HOOKS and not is_hinted(function, is_method)
    ]
    assert unhinted == []


def test_public_names_are_where_the_stubs_say():
    misplaced = []
    for stub in (ROOT / "charbert_tf").rglob("*.pyi"):
        for node in parse(stub).body:
            place = ROOT / node.module.replace(".", "/")
            defined = place.with_suffix(".py")
            for alias in node.names:
                is_there = (
                    re.search(
                        rf"^(def |class )?{alias.name}\b", defined.read_text(), re.M
                    )
                    if defined.is_file()
                    else (place / alias.name).is_dir()
                )
                if not is_there or alias.asname != alias.name:
                    misplaced.append(f"{stub.relative_to(ROOT)}: {alias.name}")
    assert misplaced == []


@pytest.mark.skipif(shutil.which("git") is None, reason="Git is not installed")
def test_files_are_short_and_their_names_say_something():
    files = [path for path in project_files() if path.suffix == ".py"]
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    assert [path for path in files if lengths[path] > MOST_LINES] == []
    assert [path for path in files if path.stem in NAMES_THAT_SAY_NOTHING] == []


@pytest.mark.skipif(shutil.which("git") is None, reason="Git is not installed")
def test_no_file_names_a_place_of_one_machine():
    # Scripts name programs below /usr, wherever this clone is.
    folders = "|".join({"home", "root", "tmp", "Users", ROOT.parts[1]} - {"usr"})
    place = re.compile(rf"(?<![\w.~*/-])/({folders})/\w")
    found = []
    for path in project_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # A picture.
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
            for number, line in enumerate(lines, start=1)
            if place.search(line)
        ]
    assert found == []
