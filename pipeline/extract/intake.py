"""One file's way into landing: opened, its columns judged, its rows and its own totals counted, its facts written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery
from pipeline.extract.archive import unpack
from pipeline.extract.files import Found
from pipeline.extract.formats import Opened, open_export
from pipeline.extract.load_file import Delivery, SchemaChange, load_id_of, profile_of, renamed_in, write_load_file
from pipeline.extract.preamble import preamble_refusal
from pipeline.extract.profile import profile, retyped
from pipeline.extract.reader import PARQUET, REJECTS, ROWS, Counts
from pipeline.extract.structure import Difference, accept, check_frozen, check_names, differences, in_words
from pipeline.extract.totals import check_totals

NOT_KEPT = "(not kept, as columns of this export are dropped)"


@dataclass(frozen=True)
class Told:
    """What is to be said of one file: how its columns changed, whether it lands or not, and notes if it lands."""

    changes: list[SchemaChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Intake:
    """Where the deliveries of one export go, and what is to be kept out of them.

    `dropped` are columns left out beside the export's own, by name in any case.
    """

    cursor: duckdb.DuckDBPyConnection
    source: str
    name: str
    export: Export
    home: Path
    landed_at: datetime
    dropped: frozenset[str] = frozenset()

    def write(
        self, found: Found, sha256: str, before: Delivery | None, work: Path, scratch: Path, told: Told
    ) -> Delivery:
        """Write a delivery's files into `work`, which is to become its folder; raises RefusedDelivery."""
        export, file = self.export, found.file
        path = unpack(found, found.member, scratch / "member") if found.member else found.path
        opened = self._opened(path, file, scratch, is_head=found.is_head)
        reader, load_id = opened.reader, load_id_of(sha256, export.read)
        self._tell_renamed(opened.used.get("renamed", {}), before, file, load_id, told)
        columns, left_out = self._columns(reader.names, before, file, load_id, told)
        counts = reader.write(self.cursor, columns, work)
        if left_out and counts.rejected:
            _forget_rejected_text(self.cursor, work, scratch)
        profiled = profile(self.cursor, work / ROWS, columns)
        if before:
            self._judge_kinds(retyped(profile_of(before), profiled), file, load_id, told)
        totals = [] if found.is_head else export.totals
        checked = check_totals(self.cursor, totals, reader.margin, work / ROWS, file, export.read)
        told.notes.extend([*opened.notes, *(f"{file}: {one.difference}" for one in checked if not one.is_equal)])
        delivery = self._delivery(found, sha256, load_id, counts, columns, left_out)
        delivery = replace(delivery, not_rows=opened.used.get("not_rows", 0))
        facts: dict[str, Any] = {
            "read": opened.used,
            "margin": reader.margin,
            "totals": [one.facts for one in checked],
            "profile": profiled,
            "changes": [asdict(one) for one in told.changes],
        }
        write_load_file(delivery, work, self.landed_at, facts)
        return delivery

    def _opened(self, path: Path, file: str, scratch: Path, *, is_head: bool) -> Opened:
        """The file with the columns of this export; raises RefusedDelivery."""
        try:
            opened = open_export(self.cursor, path, file, self.export.read, scratch, is_head=is_head)
            check_names(opened.reader.names, file, self.export)
        except RefusedDelivery as error:
            raise preamble_refusal(self.cursor, path, file, self.export, scratch) or error from None
        return opened

    def _columns(
        self, names: tuple[str, ...], before: Delivery | None, file: str, load_id: str, told: Told
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Columns to land, and those left out because they are to be dropped."""
        unwanted = {name.casefold() for name in (*self.export.drop, *self.dropped)}
        left_out = tuple(name for name in names if name.casefold() in unwanted)
        wanted = tuple(name for name in names if name not in left_out)
        if not wanted:
            raise RefusedDelivery(
                "every column of the file is dropped",
                where=file,
                found=", ".join(names),
                expected="a column that may land",
                action="correct drop: in the connector",
            )
        there = {name.casefold() for name in names}
        told.notes.extend(
            f"{file}: has no column {one} to drop" for one in self.export.drop if one.casefold() not in there
        )
        measure = _measure(before, unwanted)
        found = [] if measure is None else differences(wanted, measure)
        self._tell(found, file, load_id, told)
        return accept(wanted, measure, found, self.export.schema_mode, file), left_out

    def _tell_renamed(
        self, renamed: dict[str, str], before: Delivery | None, file: str, load_id: str, told: Told
    ) -> None:
        """Columns that read.rename knows and the delivery before called otherwise: accepted in every schema mode."""
        earlier = renamed_in(before) if before else renamed
        changed = {new: old for old, new in renamed.items() if earlier.get(old) != new}
        changed |= {new: new for old, new in earlier.items() if old not in renamed and new not in changed}
        told.changes.extend(
            SchemaChange(load_id, file, "renamed", new, f"column {new} is called {old} now, which read.rename knows")
            for new, old in changed.items()
        )

    def _judge_kinds(self, turned: Any, file: str, load_id: str, told: Told) -> None:
        found = [Difference("retyped", name, f"column {name} {detail}") for name, detail in turned]
        self._tell(found, file, load_id, told)
        check_frozen(found, self.export.schema_mode, file, "cells of the same kind as before")

    def _tell(self, found: Sequence[Difference], file: str, load_id: str, told: Told) -> None:
        told.changes.extend(SchemaChange(load_id, file, one.kind, one.column, one.detail) for one in found)
        if found:
            has_names = any(one.kind != "retyped" for one in found)
            more = "; new columns are not landed" if has_names and self.export.schema_mode == "discard" else ""
            told.notes.append(f"{file}: {in_words(found)}{more}")

    def _delivery(
        self,
        found: Found,
        sha256: str,
        load_id: str,
        counts: Counts,
        columns: tuple[str, ...],
        left_out: tuple[str, ...],
    ) -> Delivery:
        return Delivery(
            self.source,
            self.name,
            load_id,
            found.file,
            sha256,
            found.bytes,
            counts.rows,
            counts.rejected,
            found.modified_at,
            columns,
            self.home / load_id,
            found.state,
            left_out,
        )


def _measure(before: Delivery | None, unwanted: set[str]) -> tuple[str, ...] | None:
    """The columns to compare with: those of the delivery before, whether or not they were dropped then or are now."""
    if before is None:
        return None
    return tuple(name for name in (*before.columns, *before.dropped) if name.casefold() not in unwanted)


def _forget_rejected_text(cursor: duckdb.DuckDBPyConnection, work: Path, scratch: Path) -> None:
    """A row that cannot be taken apart holds the cells of dropped columns too."""
    rejects, kept = work / REJECTS, scratch / REJECTS
    cursor.execute(
        f"copy (select * replace ('{NOT_KEPT}' as raw) from read_parquet($path)) to '{_text(kept)}' {PARQUET}",
        {"path": str(rejects)},
    )
    kept.replace(rejects)


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
