"""Small helpers for writing SQL: quoting and lists."""

from collections.abc import Iterable
from pathlib import Path


def ident(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A quoted string."""
    return "'" + str(value).replace("'", "''") + "'"


def idents(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(prefix + ident(name) for name in names)


def texts(values: Iterable[str]) -> str:
    return ", ".join(text(value) for value in values)
