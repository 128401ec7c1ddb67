"""Lands the files of an export: each becomes a folder of Parquet, whole or not at all, and is never changed again."""

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract.csv_file import CsvFile, read_csv
from pipeline.extract.dialect import Head, read_head
from pipeline.extract.files import Found, content_hash, discover
from pipeline.extract.load_file import Delivery, landed, load_id_of, write_load_file
from pipeline.extract.structure import accept, check_header
from pipeline.extract.text import Text, as_utf8

_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Refusal:
    """One file that was not landed, and why. Without a content hash it could not even be opened."""

    file: str
    error: RefusedDelivery
    sha256: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class LandingResult:
    """The files of an export as they are now.

    deliveries: in order of delivery, those known already included; new: those landed just now;
    notes: what was accepted or passed over, one sentence each.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    new: list[Delivery] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def land(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    name: str,
    export: Export,
    location: Path,
    landing: Path,
    *,
    landed_at: datetime,
    stable_seconds: float = 0,
) -> LandingResult:
    """Land every file of the export that is new by content; a bad file is a refusal and stops no other.

    Raises UserError when the landing folder itself cannot be read or written.
    """
    try:
        found = discover(location, str(export.files))
    except RefusedDelivery as error:
        return LandingResult(refused=[Refusal(str(export.files), error)])
    home = landing / source / name
    _remove_unfinished(home)
    cursor = connection.cursor()
    try:
        run = _Landing(cursor, source, name, export, home, landed_at, landed(landing, source, name))
        for one in found:
            run.take(one, stable_seconds)
        return run.result
    finally:
        cursor.close()


class _Landing:
    """One pass over the files of one export."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        source: str,
        name: str,
        export: Export,
        home: Path,
        landed_at: datetime,
        known: list[Delivery],
    ) -> None:
        self.result = LandingResult()
        self._cursor, self._source, self._name, self._export = cursor, source, name, export
        self._home, self._landed_at = home, landed_at
        self._known = {delivery.load_id: delivery for delivery in known}
        # Columns that an earlier read: made of the files are no measure for today's
        alike = [one for one in known if one.load_id == load_id_of(one.sha256, export.read)]
        self._columns_before = alike[-1].columns if alike else None

    def take(self, found: Found, stable_seconds: float) -> None:
        """Land one file, or say why not."""
        if (self._landed_at - found.modified_at).total_seconds() < stable_seconds:
            self.result.notes.append(f"{found.file}: still being written, left for the next run")
            return
        sha256 = ""
        try:
            sha256 = content_hash(found)
            load_id = load_id_of(sha256, self._export.read)
            delivery = self._known.get(load_id) or self._land(found, sha256, load_id)
        except RefusedDelivery as error:
            if found.is_unchanged():
                self.result.refused.append(Refusal(found.file, error, sha256, found.size))
                return
            delivery = None
        if delivery is None:
            self.result.notes.append(f"{found.file}: written to while it was read, left for the next run")
        elif delivery in self.result.deliveries:
            self.result.notes.append(f"{found.file}: the same content as {delivery.file}, which is landed once")
        else:
            self.result.deliveries.append(delivery)

    def _land(self, found: Found, sha256: str, load_id: str) -> Delivery | None:
        """Write a new delivery beside its place, then move it there; None when the file changed meanwhile."""
        work = self._home / f"{_UNFINISHED}{load_id}"
        try:
            work.mkdir(parents=True)
            delivery = self._write(found, sha256, load_id, work)
            if not found.is_unchanged():
                return None
            _sync(work)
            work.rename(delivery.folder)
            _sync_folder(self._home)
        except (OSError, duckdb.IOException) as error:
            if not found.is_unchanged():
                return None
            raise _unwritable(self._home, error) from None
        finally:
            shutil.rmtree(work, ignore_errors=True)
        self._known[load_id] = delivery
        self._columns_before = delivery.columns
        self.result.new.append(delivery)
        return delivery

    def _write(self, found: Found, sha256: str, load_id: str, work: Path) -> Delivery:
        read = self._export.read
        text = as_utf8(found.path, found.file, read.encoding, work)
        head = read_head(text.path, found.file, read)
        check_header(head, found.file, self._export)
        accepted = accept(head.names, self._columns_before, self._export.schema_mode, found.file)
        counts = read_csv(self._cursor, CsvFile(text.path, found.file, head, accepted.columns, read.skip), work)
        if text.path != found.path:
            text.path.unlink()
        self.result.notes.extend(accepted.notes)
        delivery = Delivery(
            self._source,
            self._name,
            load_id,
            found.file,
            sha256,
            found.size,
            counts.rows,
            counts.rejected,
            found.modified_at,
            accepted.columns,
            self._home / load_id,
        )
        write_load_file(delivery, work, self._landed_at, _read_used(text, head, read.skip))
        return delivery


def _read_used(text: Text, head: Head, skip: int) -> dict[str, Any]:
    return {
        "delimiter": head.dialect.delimiter,
        "quote": head.dialect.quote,
        "encoding": text.encoding,
        "compression": text.compression,
        "skip": skip,
    }


def _remove_unfinished(home: Path) -> None:
    """What a killed run left behind; one process at a time holds the warehouse, so nobody is still writing it."""
    for folder in home.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bytes reach the disk before the folder gets its name."""
    for path in folder.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(home: Path, error: Exception) -> UserError:
    return UserError(
        "the landing folder cannot be written",
        where=str(home),
        found=str(error).splitlines()[0],
        expected="a folder this process may write, with room left",
        action="correct its permissions or make room; what was landed before stands",
    )
