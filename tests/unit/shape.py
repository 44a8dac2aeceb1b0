"""How long functions and files are, what is called and what is named in them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Function:
    """A function of a file, and how many lines it has from `def` to its end."""

    file: str
    name: str
    lines: int


def files_of(source: Path) -> dict[str, str]:
    """The text of every Python file, by its path below the source."""
    return {str(p.relative_to(source)): p.read_text(encoding="utf-8") for p in sorted(source.rglob("*.py"))}


@cache
def nodes_of(text: str) -> list[ast.AST]:
    """All that a file's text is made of, from the whole to its parts; each text is parsed once."""
    return list(ast.walk(ast.parse(text)))


def functions_of(files: dict[str, str]) -> list[Function]:
    """Every function and method, inner ones too, the shortest first."""
    found = [
        Function(file, node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for file, text in files.items()
        for node in nodes_of(text)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(found, key=lambda function: function.lines)


def share_below(functions: list[Function], share: float) -> int:
    """The length that this share of the functions does not exceed; they come in order."""
    return functions[min(int(share * len(functions)), len(functions) - 1)].lines


def line_count(text: str) -> int:
    return len(text.splitlines())


def calls_of(text: str, names: Iterable[str]) -> list[str]:
    """Calls of some functions in a file, whatever they are imported from; "json.dumps" with its module alone."""
    wanted = set(names)
    called = [ast.unparse(node.func) for node in nodes_of(text) if isinstance(node, ast.Call)]
    return [name for name in called if name in wanted or name.rpartition(".")[2] in wanted]


def quotations(text: str, name: str, *, keys: bool = True) -> int:
    """How often a name is written as a text of its own, with or without the keys of records: `{"x": 1}`, `row["x"]`."""
    nodes = nodes_of(text)
    left_out = set() if keys else {id(key) for key in _keys(nodes)}
    found = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in left_out)
    return sum(node.value == name for node in found)


def _keys(nodes: Iterable[ast.AST]) -> Iterator[ast.expr | None]:
    for node in nodes:
        if isinstance(node, ast.Dict):
            yield from node.keys
        elif isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            yield from node.args[:1]
