"""Lands the files of an export: each becomes a folder of Parquet, whole or not at all, and is never changed again."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract.archive import member_hash, members
from pipeline.extract.disk import sync, sync_folder
from pipeline.extract.files import Found, content_hash, discover, is_marked, marker_of
from pipeline.extract.formats import is_archive
from pipeline.extract.intake import Intake, Told
from pipeline.extract.load_file import Delivery, SchemaChange, landed, load_id_of

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
    notes: what was accepted or passed over, one sentence each; changes: how the columns of files read just now differ
    from those of the delivery before, also of files refused for it, which are told again in every run.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    new: list[Delivery] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[SchemaChange] = field(default_factory=list)


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
    dropped: frozenset[str] = frozenset(),
) -> LandingResult:
    """Land every file of the export that is new by content; a bad file is a refusal and stops no other.

    `dropped` are columns that do not land, beside the export's own. Raises UserError when the landing folder itself
    cannot be read or written.
    """
    marker = export.done_marker
    try:
        found = discover(location, str(export.files), marker)
    except RefusedDelivery as error:
        return LandingResult(refused=[Refusal(str(export.files), error)])
    whole = [one for one in found if marker is None or is_marked(one, marker)]
    result = land_found(
        connection,
        source,
        name,
        export,
        whole,
        landing,
        landed_at=landed_at,
        stable_seconds=stable_seconds,
        dropped=dropped,
    )
    late = [one.file for one in found if one not in whole]
    result.notes.extend(f"{file}: waits for {marker_of(str(marker), file)}, left for the next run" for file in late)
    return result


def land_found(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    name: str,
    export: Export,
    found: Sequence[Found],
    landing: Path,
    *,
    landed_at: datetime,
    stable_seconds: float = 0,
    keeps_known: bool = False,
    dropped: frozenset[str] = frozenset(),
) -> LandingResult:
    """Land those of these files that are new by content, as `land` does; files already landed are no-ops.

    With `keeps_known`, deliveries landed before stay among the result's although their file is not among these.
    """
    home = landing / source / name
    _remove_unfinished(home)
    cursor = connection.cursor()
    try:
        intake = Intake(cursor, source, name, export, home, landed_at, dropped)
        run = _Landing(intake, landed(landing, source, name))
        if keeps_known:
            run.keep_known()
        for one in found:
            run.take(one, stable_seconds)
        return run.result
    finally:
        cursor.close()


class _Landing:
    """One pass over the files of one export."""

    def __init__(self, intake: Intake, known: list[Delivery]) -> None:
        self.result = LandingResult()
        self._intake = intake
        self._known = {delivery.load_id: delivery for delivery in known}
        self._taken: dict[str, str] = {}
        # Columns that an earlier read: made of the files are no measure for today's
        alike = [one for one in known if one.load_id == load_id_of(one.sha256, intake.export.read)]
        self._before = alike[-1] if alike else None

    def keep_known(self) -> None:
        """Start from what is landed; of content landed twice, read in two ways, the newer landing counts."""
        self.result.deliveries.extend({one.sha256: one for one in self._known.values()}.values())

    def take(self, found: Found, stable_seconds: float) -> None:
        """Land one file, or what is in one archive, or say why not."""
        # A clock that is ahead must not keep a file waiting for ever
        if abs((self._intake.landed_at - found.modified_at).total_seconds()) < stable_seconds:
            self.result.notes.append(f"{found.file}: still being written, left for the next run")
            return
        try:
            deliveries = members(found, self._intake.export) if is_archive(found.path) else [found]
        except RefusedDelivery as error:
            self._refuse(found, error, content_hash(found))
            return
        for one in deliveries:
            self._take(one)

    def _take(self, found: Found) -> None:
        sha256 = ""
        try:
            sha256 = member_hash(found, found.member) if found.member else content_hash(found)
            known = self._known.get(load_id_of(sha256, self._intake.export.read))
            delivery = known or self._land(found, sha256)
        except RefusedDelivery as error:
            self._refuse(found, error, sha256)
            return
        if delivery is None:
            self._leave(found)
        else:
            self._add(found, delivery)

    def _refuse(self, found: Found, error: RefusedDelivery, sha256: str) -> None:
        """A file that changed meanwhile is not at fault."""
        if found.is_unchanged():
            self.result.refused.append(Refusal(found.file, error, sha256, found.bytes))
        else:
            self._leave(found)

    def _leave(self, found: Found) -> None:
        self.result.notes.append(f"{found.file}: written to while it was read, left for the next run")

    def _add(self, found: Found, delivery: Delivery) -> None:
        """Count a delivery once, and in place of an earlier reading of the same content."""
        if first := self._taken.get(delivery.load_id):
            self.result.notes.append(f"{found.file}: the same content as {first}, which is landed once")
            return
        self._taken[delivery.load_id] = delivery.file
        kept = [one for one in self.result.deliveries if one.sha256 != delivery.sha256 or one == delivery]
        self.result.deliveries[:] = kept if delivery in kept else [*kept, delivery]

    def _land(self, found: Found, sha256: str) -> Delivery | None:
        """Write a new delivery beside its place, then move it there; None when the file changed meanwhile."""
        home = self._intake.home
        work, scratch = (home / f"{_UNFINISHED}{part}{sha256[:16]}" for part in ("", "scratch-"))
        told = Told(self.result.changes)
        try:
            for folder in (work, scratch):
                folder.mkdir(parents=True)
            delivery = self._intake.write(found, sha256, self._before, work, scratch, told)
            if not found.is_unchanged():
                return None
            sync(work)
            work.rename(delivery.folder)
            sync_folder(home)
        except (OSError, duckdb.IOException) as error:
            if not found.is_unchanged():
                return None
            raise _unwritable(home, error) from None
        finally:
            for folder in (work, scratch):
                shutil.rmtree(folder, ignore_errors=True)
        self._known[delivery.load_id] = self._before = delivery
        self.result.new.append(delivery)
        self.result.notes.extend(told.notes)
        return delivery


def _remove_unfinished(home: Path) -> None:
    """What a killed run left behind; one process at a time holds the warehouse, so nobody is still writing it."""
    for folder in home.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _unwritable(home: Path, error: Exception) -> UserError:
    return UserError(
        "the landing folder cannot be written",
        where=str(home),
        found=str(error).splitlines()[0],
        expected="a folder this process may write, with room left",
        action="correct its permissions or make room; what was landed before stands",
    )
