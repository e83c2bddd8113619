r"""Changes the package in small ways, and tells which changes no test notices.

  python -m tests.mutants --count=300 --seed=0 --output=runs/mutants.md
  python -m tests.mutants --files='charbert_tf/text/*.py' --count=50

A mutant is the package with one operator, constant or branch changed. Mutants are drawn
from all of these places, the same with the same seed; each is put into a copy of the
working tree, where the tests that cover the changed file are run until one fails: those
of its own name first, then those that name its module. TensorFlow is imported once, and
each mutant is a fork. The report lists those that survived: equivalent ones, and gaps.
"""

import argparse
import ast
import collections
import dataclasses
import fnmatch
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[1]
# What pytest says when a test failed, or could not even be collected.
_KILLED = (1, 2, 3, 4)
_NO_TESTS = 5

_BINARY = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult},
    **{ast.FloorDiv: ast.Mult, ast.Mod: ast.Add, ast.Pow: ast.Mult},
    **{ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
}
_COMPARISONS = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """The package with one place changed.

    Args:
        path: the file, relative to the root.
        line: where, from 1.
        start: the place's first byte in the file.
        end: the byte after it.
        new: what stands there now.
    """

    path: str
    line: int
    start: int
    end: int
    new: str

    def applied(self, source: bytes) -> bytes:
        """Gives the file's changed content."""
        return source[: self.start] + self.new.encode() + source[self.end :]

    def __str__(self) -> str:
        lines = (ROOT / self.path).read_bytes()
        old = " ".join(lines[self.start : self.end].decode().split())
        return f"`{self.path}:{self.line}` `{old}` -> `{self.new}`"


def mutants_of(path: pathlib.Path) -> Iterator[Mutant]:
    """Gives all mutants of a file.

    Args:
        path: A Python file below the root.

    Yields:
        The mutants, in the order of the places.
    """
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    ignored = {id(part) for part in _parts_that_do_nothing(tree)}
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        # A branch is changed where its condition stands.
        place = node.test if isinstance(node, (ast.If, ast.While)) else node
        for changed in _changes(node):
            yield Mutant(
                path.relative_to(ROOT).as_posix(),
                place.lineno,
                starts[place.lineno - 1] + place.col_offset,
                starts[place.end_lineno - 1] + place.end_col_offset,
                f"({ast.unparse(changed)})",
            )


def _parts_that_do_nothing(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, annotations and what a decorator or a type checker reads."""
    for node in ast.walk(tree):
        hidden = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.append(node)
        if isinstance(node, ast.FunctionDef):
            hidden += [node.returns, *node.decorator_list]
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            hidden.append(node.annotation)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            hidden.append(node)
        # Its parts cannot be replaced by an expression.
        if isinstance(node, ast.JoinedStr):
            hidden.append(node)
        for part in filter(None, hidden):
            yield from ast.walk(part)


def _changes(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        yield ast.BinOp(node.left, _BINARY[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        other = _COMPARISONS[type(node.ops[0])]()
        yield ast.Compare(node.left, [other, *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, (ast.If, ast.While)):
        yield ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield ast.Constant(node.value + 1)
        elif isinstance(node.value, float):
            yield ast.Constant(node.value * 2 + 0.1)


def covering_tests(path: str) -> list[str]:
    """Lists the test files that cover a file of the package.

    Args:
        path: The file, relative to the root.

    Returns:
        The tests of its name, then those that import its module, relative to the root.
    """
    stem = pathlib.PurePath(path).stem
    tests = sorted(
        p.relative_to(ROOT).as_posix() for p in (ROOT / "tests").rglob("*_test.py")
    )
    own = [test for test in tests if pathlib.PurePath(test).name == f"{stem}_test.py"]
    module = path.removesuffix(".py").replace("/", ".")
    naming = [
        test
        for test in tests
        if test not in own and module in (ROOT / test).read_text("utf-8")
    ]
    if own or naming:
        return own + naming
    # The room's: what is used through something else is tested through that.
    room = pathlib.PurePath(path).parent.as_posix().replace("charbert_tf", "tests", 1)
    return [test for test in tests if test.startswith(f"{room}/")]


def run(mutant: Mutant, tree: pathlib.Path, seconds: int) -> str:
    """Runs the tests that cover a mutant.

    Args:
        mutant: The mutant.
        tree: A copy of the working tree, which is as it was afterwards.
        seconds: int. After these the tests are stopped.

    Returns:
        "killed", "survived", "untested" or "hung"; a mutant that hangs is noticed.
    """
    file = tree / mutant.path
    source = file.read_bytes()
    file.write_bytes(mutant.applied(source))
    try:
        child = os.fork()
        if not child:
            _test_in_child(covering_tests(mutant.path), tree, seconds)
        _, status = os.waitpid(child, 0)
    finally:
        file.write_bytes(source)
    if os.WIFSIGNALED(status):
        return "hung" if os.WTERMSIG(status) == signal.SIGALRM else "killed"
    code = os.WEXITSTATUS(status)
    if code == _NO_TESTS:
        return "untested"
    return "killed" if code in _KILLED else "survived"


def _test_in_child(tests: list[str], tree: pathlib.Path, seconds: int) -> None:
    import pytest

    os.setsid()
    signal.alarm(seconds)
    os.chdir(tree)
    others = [entry for entry in sys.path if entry not in ("", str(ROOT))]
    sys.path[:] = [str(tree), *others]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    arguments = ["-q", "-x", "-p", "no:cacheprovider", "-m", "not slow"]
    code = pytest.main([*arguments, *tests]) if tests else _NO_TESTS
    # Not `sys.exit`, which would end the parent's business, too.
    os._exit(int(code))


def report(outcomes: dict[Mutant, str]) -> str:
    """Makes the report.

    Args:
        outcomes: What became of each mutant.

    Returns:
        Markdown: how many were noticed, by room, and those that were not.
    """
    counts = collections.Counter(outcomes.values())
    noticed = counts["killed"] + counts["hung"]
    lines = [
        f"{noticed} of {len(outcomes)} mutants are noticed "
        f"({noticed / max(len(outcomes), 1):.0%}; {counts['hung']} hung).",
        "",
        "| room | mutants | noticed |",
        "|---|---|---|",
    ]
    rooms = collections.defaultdict(list)
    for mutant, outcome in outcomes.items():
        room = pathlib.PurePath(mutant.path).parent.as_posix()
        rooms[room].append(outcome in ("killed", "hung"))
    for room, flags in sorted(rooms.items()):
        lines.append(f"| `{room}` | {len(flags)} | {sum(flags)} |")
    for outcome in ("survived", "untested"):
        lines += ["", f"## {outcome}", ""]
        lines += [f"- {m}" for m, found in outcomes.items() if found == outcome]
    return "\n".join(lines) + "\n"


def copy_tree(folder: str) -> pathlib.Path:
    """Copies the files under version control, as they are now.

    Args:
        folder: Where to.

    Returns:
        The copy.
    """
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tree = pathlib.Path(folder, ROOT.name)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", default="charbert_tf/*.py", help="a pattern")
    parser.add_argument("--seconds", type=int, default=300, help="for each mutant")
    parser.add_argument("--output", default="runs/mutants.md")
    arguments = parser.parse_args()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    files = [
        path
        for path in sorted((ROOT / "charbert_tf").rglob("*.py"))
        if fnmatch.fnmatch(path.relative_to(ROOT).as_posix(), arguments.files)
    ]
    every = [mutant for path in files for mutant in mutants_of(path)]
    chosen = random.Random(arguments.seed).sample(
        every, min(arguments.count, len(every))
    )
    _import_once()
    os.environ.setdefault("CHARBERT_TF_TEST_DATA", str(ROOT / ".." / "shared"))
    outcomes = {}
    output = pathlib.Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(folder)
        for number, mutant in enumerate(chosen, start=1):
            outcomes[mutant] = run(mutant, tree, arguments.seconds)
            print(f"{number}/{len(chosen)} {outcomes[mutant]}: {mutant}", flush=True)
            # As far as it is, for whoever stops it.
            output.write_text(report(outcomes), encoding="utf-8")
    print(f"Saved {output}")


def _import_once() -> None:
    """Imports what does not change, so that a fork has it already."""
    import official  # noqa: F401, I001  Before TensorFlow.
    import hypothesis  # noqa: F401
    import keras_nlp  # noqa: F401
    import tensorflow_text  # noqa: F401

    # The mutant's own, not these.
    for name in [n for n in sys.modules if n.split(".")[0] in ("official", "tests")]:
        del sys.modules[name]


if __name__ == "__main__":
    main()
