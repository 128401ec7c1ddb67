"""Judges the columns of a file: are they columns at all, and are they those of the delivery before?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery
from pipeline.extract.csv_file import SOURCE_ROW
from pipeline.extract.dialect import Head

_OTHER_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Accepted:
    """The columns to land, and the differences from the delivery before that the schema mode accepts."""

    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check_header(head: Head, file: str, export: Export) -> None:
    """Raise RefusedDelivery when the header is not one: wrong delimiter, doubled names, nothing that is mapped."""
    if not head.names:
        raise RefusedDelivery(
            "the header names no column",
            where=file,
            found=repr(head.cells),
            expected="column names",
            action="correct read.skip in the connector",
        )
    _check_delimiter(head, file)
    _check_names(head, file)
    _check_mapped(head, file, export)


def accept(names: tuple[str, ...], before: tuple[str, ...] | None, mode: str, file: str) -> Accepted:
    """Compare with the columns of the last delivery; raises RefusedDelivery when they are frozen and differ."""
    if before is None or set(names) == set(before):
        return Accepted(names)
    differences = _differences(names, before)
    if mode == "freeze":
        raise RefusedDelivery(
            "the columns differ from the last delivery's",
            where=file,
            found="; ".join(differences),
            expected=", ".join(before),
            action="have it delivered as before, or set schema: evolve in the connector",
        )
    if mode == "evolve":
        return Accepted(names, (f"{file}: {'; '.join(differences)}",))
    kept = tuple(name for name in names if name in before)
    if not kept:
        raise RefusedDelivery(
            "no column of the last delivery is left",
            where=file,
            found=", ".join(names),
            expected=", ".join(before),
            action="have it delivered as before",
        )
    return Accepted(kept, (f"{file}: {'; '.join(differences)}; new columns are not landed",))


def _differences(names: tuple[str, ...], before: tuple[str, ...]) -> list[str]:
    """What changed. A new name exactly where one vanished is told as a renaming, if nothing else moved."""
    pairs = list(zip(before, names, strict=True)) if len(names) == len(before) else []
    renamed = [(old, new) for old, new in pairs if old not in names and new not in before]
    told = {name for pair in renamed for name in pair}
    added = [name for name in names if name not in before and name not in told]
    missing = [name for name in before if name not in names and name not in told]
    return [
        *(f"column {old} seems renamed to {new} (position {names.index(new) + 1})" for old, new in renamed),
        *([f"new columns: {', '.join(added)}"] if added else []),
        *([f"missing columns: {', '.join(missing)}"] if missing else []),
    ]


def _check_delimiter(head: Head, file: str) -> None:
    delimiter = head.dialect.delimiter
    others = [other for other in _OTHER_DELIMITERS if other != delimiter and other in head.names[0]]
    if len(head.names) == 1 and others:
        raise RefusedDelivery(
            "the file has another delimiter",
            where=file,
            found=f"one column named {head.names[0]!r}",
            expected=f"columns between {delimiter!r}",
            action=f"set read.delimiter to {others[0]!r} in the connector",
        )


def _check_names(head: Head, file: str) -> None:
    """Names must differ in more than case: SQL makes no difference between Id and ID."""
    folded = [name.lower() for name in head.names]
    twice = _unique(name for name in head.names if folded.count(name.lower()) > 1)
    if twice:
        raise RefusedDelivery(
            "the header has a name twice",
            where=file,
            found=", ".join(twice),
            expected="names that differ in more than case",
            action="have the columns renamed at the source",
        )
    if SOURCE_ROW in folded:
        raise RefusedDelivery(
            "the header has a reserved name",
            where=file,
            found=SOURCE_ROW,
            expected="another name",
            action="have the column renamed at the source",
        )


def _check_mapped(head: Head, file: str, export: Export) -> None:
    """A header of which the mapping knows no name is a wrong dialect or a wrong file; one missing column is not."""
    mapped = [expression for entity in export.entities.values() for expression in entity.columns.values()]
    if not any(_is_named_in(name, "\n".join(mapped)) for name in head.names):
        raise RefusedDelivery(
            "no column of the file is mapped",
            where=file,
            found=_shortened(head.names),
            expected=_shortened(_unique(mapped)),
            action="correct read.delimiter, read.skip or read.encoding, or files: and columns:, in the connector",
        )


def _is_named_in(name: str, expressions: str) -> bool:
    """Whether a column stands in SQL as a word of its own, quoted or not."""
    as_written = name.casefold().replace('"', '""')
    return re.search(rf"(?<!\w){re.escape(as_written)}(?!\w)", expressions.casefold()) is not None


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _shortened(names: Iterable[str]) -> str:
    shown = ", ".join(names)
    return shown if len(shown) <= 200 else shown[:200] + "…"
