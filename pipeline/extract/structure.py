"""Judges the columns of a file: are they columns at all, and are they those of the delivery before?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery
from pipeline.extract.reader import SOURCE_ROW


@dataclass(frozen=True)
class Difference:
    """One difference of a column from the delivery before."""

    kind: Literal["new", "missing", "renamed", "retyped"]
    column: str
    detail: str


def check_names(names: tuple[str, ...], file: str, export: Export) -> None:
    """Raise RefusedDelivery when these are no columns of this export: doubled, reserved, nothing that is mapped."""
    _check_unique(names, file)
    _check_mapped(names, file, export)


def differences(names: tuple[str, ...], before: tuple[str, ...]) -> list[Difference]:
    """What changed. A new name exactly where one vanished is told as a renaming, if nothing else moved."""
    pairs = list(zip(before, names, strict=True)) if len(names) == len(before) else []
    renamed = [(old, new) for old, new in pairs if old not in names and new not in before]
    told = {name for pair in renamed for name in pair}
    return [
        *(
            Difference("renamed", new, f"column {old} seems renamed to {new} (position {names.index(new) + 1})")
            for old, new in renamed
        ),
        *(Difference("new", name, f"new column {name}") for name in names if name not in before and name not in told),
        *(
            Difference("missing", name, f"missing column {name}")
            for name in before
            if name not in names and name not in told
        ),
    ]


def accept(
    names: tuple[str, ...], before: tuple[str, ...] | None, found: Sequence[Difference], mode: str, file: str
) -> tuple[str, ...]:
    """The columns to land, by what the schema mode says to the differences found; raises RefusedDelivery."""
    if before is None or not found:
        return names
    check_frozen(found, mode, file, ", ".join(before))
    if mode == "evolve":
        return names
    kept = tuple(name for name in names if name in before)
    if not kept:
        raise RefusedDelivery(
            "no column of the last delivery is left",
            where=file,
            found=", ".join(names),
            expected=", ".join(before),
            action="have it delivered as before",
        )
    return kept


def check_frozen(found: Sequence[Difference], mode: str, file: str, expected: str) -> None:
    """Raise RefusedDelivery where the schema mode takes no difference."""
    if found and mode == "freeze":
        raise RefusedDelivery(
            "the columns differ from the last delivery's",
            where=file,
            found=in_words(found),
            expected=expected,
            action="have it delivered as before, or set schema: evolve in the connector",
        )


def in_words(found: Sequence[Difference]) -> str:
    """All differences in one sentence; new and missing columns by their names alone."""
    words = [one.detail for one in found if one.kind in ("renamed", "retyped")]
    for kind in ("new", "missing"):
        names = [one.column for one in found if one.kind == kind]
        words += [f"{kind} columns: {', '.join(names)}"] if names else []
    return "; ".join(words)


def _check_unique(names: tuple[str, ...], file: str) -> None:
    """Names must differ in more than case: SQL makes no difference between Id and ID."""
    folded = [name.lower() for name in names]
    twice = _unique(name for name in names if folded.count(name.lower()) > 1)
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


def _check_mapped(names: tuple[str, ...], file: str, export: Export) -> None:
    """A header of which the mapping knows no name is a wrong dialect or a wrong file; one missing column is not."""
    mapped = [expression for entity in export.entities.values() for expression in entity.expressions.values()]
    if not any(_is_named_in(name, "\n".join(mapped)) for name in names):
        raise RefusedDelivery(
            "no column of the file is mapped",
            where=file,
            found=_shortened(names),
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
