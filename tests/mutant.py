"""Mutant: the package with one operator, constant or branch changed."""

import ast
import dataclasses
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[1]

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
