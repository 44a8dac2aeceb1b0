"""Who imports whom in a source tree, read without running it; what stands in a wrong place, as sentences."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unit.shape import nodes_of

# "genmodels.x.y" or "genmodels.x:name" as a whole text: what import_module is given sooner or later.
_NAMED = re.compile(r"(?P<module>\w+(?:\.\w+)+)(?::\w+)?")


@dataclass(frozen=True)
class Import:
    """One module that a file imports.

    Args:
        line: where.
        module: its full name; a name out of a package is the module of that name, if there is one.
    """

    line: int
    module: str


@dataclass(frozen=True)
class Tree:
    """A package's files, by the names of their modules."""

    package: str
    files: Mapping[str, Path]

    @classmethod
    def of(cls, source: Path) -> "Tree":
        """The tree of a package's folder."""
        files = {}
        for path in sorted(source.rglob("*.py")):
            parts = path.relative_to(source.parent).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return cls(source.name, files)

    def part(self, module: str) -> str:
        """The first name below the package: the part of the program that a layer is made of."""
        return module.partition(".")[2].partition(".")[0]

    def imports(self, module: str) -> list[Import]:
        """All that a file imports from anywhere, in functions and under TYPE_CHECKING too, relative or in a text."""
        path = self.files[module]
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        nodes = nodes_of(path.read_text(encoding="utf-8"))
        return [found for node in nodes for found in self._imported(node, package)]

    def ours(self, module: str) -> list[Import]:
        """Of these, the files of the package itself, each other one once a line."""
        own = {Import(found.line, self._known(found.module)) for found in self.imports(module)}
        return sorted((found for found in own if found.module not in {"", module}), key=lambda found: found.line)

    def _imported(self, node: ast.AST, package: str) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{name}.{alias.name}"
                yield Import(node.lineno, inner if inner in self.files else name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = _NAMED.fullmatch(node.value)
            if named and named["module"].startswith(f"{self.package}."):
                yield Import(node.lineno, named["module"])

    def _known(self, name: str) -> str:
        """The file that a name stands in: the module itself or the one that holds the object; "" for a stranger."""
        if not f"{name}.".startswith(f"{self.package}."):
            return ""
        while name not in self.files:
            name = name.rpartition(".")[0]
        return name


def strays(tree: Tree, layers: Sequence[set[str]], outside: set[str]) -> list[str]:
    """Files and imports that stand in no layer, and imports of a layer above one's own."""
    level = {part: number for number, parts in enumerate(layers) for part in parts}
    found = []
    for module in tree.files:
        part = tree.part(module)
        if part in outside:
            continue
        if part not in level:
            found.append(f"{module} stands in no layer")
            continue
        for used in tree.ours(module):
            target = tree.part(used.module)
            if target in outside:
                continue
            if target not in level:
                found.append(f"{module}:{used.line} imports {used.module}, which stands in no layer")
            elif level[target] > level[part]:
                found.append(f"{module}:{used.line} imports {used.module}, which stands above it")
    return found


def acquaintances(tree: Tree, strangers: Sequence[tuple[str, str]]) -> list[str]:
    """Imports between two parts that stand side by side and must not know each other."""
    pairs = {pair for one, other in strangers for pair in ((one, other), (other, one))}
    return [
        f"{module}:{used.line} imports {used.module}, which it must not know"
        for module in tree.files
        for used in tree.ours(module)
        if (tree.part(module), tree.part(used.module)) in pairs
    ]


def unknown_modules(tree: Tree) -> list[str]:
    """Imports, and texts "module:name", of modules of the package that are not there."""
    found = []
    for module, path in tree.files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAMED.fullmatch(node.value):
                name = node.value.partition(":")[0]
                if name.startswith(f"{tree.package}.") and name not in tree.files:
                    found.append(f"{module}:{node.lineno} names {name}, which is no module")
    return found


def users_of(tree: Tree, libraries: set[str]) -> set[str]:
    """The parts that import any of some libraries, wherever in a file."""
    return {
        tree.part(module)
        for module in tree.files
        for used in tree.imports(module)
        if used.module.partition(".")[0] in libraries
    }


def circles(tree: Tree, outside: set[str]) -> list[list[str]]:
    """Files that import each other, directly or by way of others: the strongly connected components."""
    inside = [module for module in tree.files if tree.part(module) not in outside]
    graph = {m: {used.module for used in tree.ours(m)} & set(inside) for m in inside}
    reached = {module: _reach(graph, module) for module in graph}
    found: list[list[str]] = []
    for module in graph:
        circle = sorted(other for other in reached[module] if module in reached[other])
        if circle and circle not in found:
            found.append(circle)
    return found


def _reach(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """All that can be reached from a file; the file itself only by way of another."""
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += graph[module]
    return reached
