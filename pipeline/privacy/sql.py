"""Small helpers for writing SQL: quoting and lists."""

from collections.abc import Iterable


def ident(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: object) -> str:
    """A quoted string."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    return ", ".join(text(value) for value in values)
