"""Small helpers for writing SQL: quoting and lists."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.contracts import Contract


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


def first_and_last_day(contract: Contract) -> tuple[str, str]:
    """Aggregates for the first and the last business day of an entity's rows; null for one without dates."""
    days = idents(contract.dated_by)
    if not days:
        return "cast(null as DATE)", "cast(null as DATE)"
    return f"min(least({days}))", f"max(greatest({days}))"
