"""The project's Python as syntax trees: which module imports what, which words it uses."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.settings import REPOSITORY

PIPELINE = REPOSITORY / "pipeline"
STAGES = ("extract", "clean", "validate", "privacy", "model", "analyze", "report", "publish")


@dataclass(frozen=True)
class Module:
    """One Python file of the project."""

    path: Path

    @property
    def name(self) -> str:
        """Path below the repository, as tests show it."""
        return self.path.relative_to(REPOSITORY).as_posix()

    @property
    def stage(self) -> str | None:
        """The package right below pipeline/ it stands in."""
        parts = self.path.relative_to(REPOSITORY).parts
        return parts[1] if len(parts) > 2 and parts[0] == "pipeline" else None

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imports(self) -> set[str]:
        """Dotted names imported anywhere in the module, with the names taken from them."""
        return {name for node in ast.walk(self.tree) for name in _imported(node)}

    def calls(self) -> set[str]:
        """Dotted names called or read as attributes, such as duckdb.connect."""
        return {ast.unparse(node) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}

    def functions(self) -> Iterator[tuple[str, int]]:
        """Every function and its length in lines, its docstring left out."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = node.body[0] if ast.get_docstring(node) else None
                spared = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1 - spared

    def words(self) -> Iterator[tuple[int, str]]:
        """Line and text of every identifier and string but docstrings, as parts joined by underscores."""
        docstrings = {id(node) for node in _docstrings(self.tree)}
        for node in ast.walk(self.tree):
            for text in _texts(node):
                if id(node) not in docstrings:
                    yield getattr(node, "lineno", 1), _parts(text)


def modules(*folders: str) -> list[Module]:
    """All Python files below the folders of the repository."""
    return [Module(path) for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.py"))]


def says(parts: str, word: str) -> bool:
    """Whether the word, or the words joined by underscores, stand among the parts."""
    return f"_{word}_" in parts


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                yield first.value


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for field in ("id", "attr", "name", "arg"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value


def _parts(text: str) -> str:
    return "_" + "_".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", text)).lower() + "_"
