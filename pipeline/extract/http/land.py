"""Lands the exports of an endpoint: what was not fetched before is fetched, turn by turn, and landed like files.

What is landed is the state: days and changes never pass rows that were not. Turns that hold nothing, which no delivery
could tell, are kept beside it; without that list they are asked for once more.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract.files import Found
from pipeline.extract.http.client import Client
from pipeline.extract.http.failures import NotNow, SourceEnded
from pipeline.extract.http.fetching import Fetching
from pipeline.extract.http.plan import Plan
from pipeline.extract.http.since import Newest
from pipeline.extract.http.spool import SPOOL, Spool, sweep
from pipeline.extract.http.turn import Asked, Turn, hash_of_turn, identity_of
from pipeline.extract.http.windows import remember_empty
from pipeline.extract.landing import LandingResult, Refusal, land_found
from pipeline.extract.load_file import Delivery, landed

# So much is fetched before it is landed and leaves the spool
_BATCH_TURNS, _BATCH_BYTES = 50, 1 << 28
# So many refusals in a row are no accident of one window
_ENOUGH_REFUSED = 3
Land = Callable[[Sequence[Found]], LandingResult]


def land_endpoint(
    connection: duckdb.DuckDBPyConnection,
    client: Client,
    asked: Asked,
    landing: Path,
    *,
    landed_at: datetime,
    dropped: frozenset[str] = frozenset(),
) -> LandingResult:
    """Fetch and land what the export has anew; what cannot be fetched is a refusal and loses nothing landed.

    `deliveries` are all that ever landed; `dropped` are columns that are never landed. Raises UserError when the
    landing folder cannot be read or written.
    """
    known = landed(landing, asked.source, asked.name)
    run = _Run(client, asked, landing / asked.source / asked.name, known, landed_at)
    land: Land = partial(
        land_found,
        connection,
        asked.source,
        asked.name,
        asked.export,
        landing=landing,
        landed_at=landed_at,
        keeps_known=True,
        dropped=dropped,
    )
    try:
        results = [_land_batch(batch, land) for batch in run.batches()]
        return _together([*(results or [land([])]), run.told()])
    except OSError as error:
        raise UserError(
            "the landing folder cannot be written",
            where=str(landing),
            found=str(error.strerror),
            expected="a folder this process may write, with room for what is fetched",
            action="correct its permissions or make room; what was landed before stands",
        ) from None


@dataclass(frozen=True)
class _Fetched:
    """A turn that is whole on disk."""

    found: Found
    spool: Spool


class _Run:
    """One pass over the turns of one export."""

    def __init__(self, client: Client, asked: Asked, home: Path, known: list[Delivery], landed_at: datetime) -> None:
        self._client, self._asked, self._home, self._at = client, asked, home, landed_at
        self._plan = Plan(client, asked, home, known)
        self._refused: list[Refusal] = []
        self._notes: list[str] = []

    def told(self) -> LandingResult:
        """What there is to say of the pass, besides what was landed."""
        notes = [self._client.mask(note) for note in (*self._plan.notes, *self._notes, *self._client.notes)]
        self._client.notes.clear()
        return LandingResult(refused=self._refused, notes=notes)

    def batches(self) -> Iterator[list[_Fetched]]:
        """What is fetched, so much at a time as the spool is to hold."""
        try:
            turns = self._plan.turns()
        except RefusedDelivery as error:
            self._refused.append(Refusal(self._asked.name, error))
            return
        self._sweep(turns)
        batch: list[_Fetched] = []
        for one in self._fetched(turns):
            batch.append(one)
            if len(batch) >= _BATCH_TURNS or sum(each.found.size for each in batch) >= _BATCH_BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    def _fetched(self, turns: Sequence[Turn]) -> Iterator[_Fetched]:
        in_a_row = 0
        for number, turn in enumerate(turns, 1):
            try:
                one = self._take(turn)
            except RefusedDelivery as error:
                self._refused.append(Refusal(turn.label, error))
                in_a_row += 1
                if isinstance(error, SourceEnded) or in_a_row == _ENOUGH_REFUSED:
                    self._note_left(turns[number:])
                    return
                continue
            in_a_row = 0
            if one is not None:
                yield one

    def _take(self, turn: Turn) -> _Fetched | None:
        """Fetch one turn; None when it holds nothing, or nothing new."""
        spool = self._spool(turn)
        newest = self._plan.newest()
        fetching = Fetching(self._client, self._asked, turn, spool, newest)
        try:
            has_changed = fetching.run(self._plan.conditions(turn))
            found = self._whole(turn, fetching, newest) if has_changed else None
        except RefusedDelivery as error:
            if not isinstance(error, NotNow):
                spool.remove()
            raise
        finally:
            if spool.was_old:
                self._notes.append(f"{turn.label}: pages fetched more than a day ago were thrown away")
        if found is None or (turn.before is not None and turn.before.state.get("content") == found.state["content"]):
            spool.remove()
            return None
        return _Fetched(found, spool)

    def _whole(self, turn: Turn, fetching: Fetching, newest: Newest | None) -> Found | None:
        """The turn as one file; None when it holds nothing."""
        if fetching.is_empty:
            self._take_empty(turn)
            return None
        if newest is not None:
            newest.check(fetching.records)
            self._note_ahead(newest)
        return self._found(turn, fetching, newest)

    def _found(self, turn: Turn, fetching: Fetching, newest: Newest | None) -> Found:
        path, page = fetching.whole(), fetching.pages[-1]
        with path.open("rb") as stream:
            state = {"asks": self._plan.asks, "content": hashlib.file_digest(stream, "sha256").hexdigest()}
        if turn.span is not None:
            state |= {"from": turn.span.first.isoformat(), "to": turn.span.last.isoformat()}
        if newest is not None and newest.text is not None:
            state["since"] = newest.text
        if self._asked.request.paginate is None:
            said = {"etag": page.etag, "last_modified": page.last_modified}
            state |= {name: value for name, value in said.items() if value}
        moment = int(self._at.replace(tzinfo=UTC).timestamp())
        os.utime(path, (moment, moment))
        status = path.stat()
        return Found(path, turn.label, status.st_size, status.st_mtime_ns, state, identity_of(self._plan.asks, turn))

    def _take_empty(self, turn: Turn) -> None:
        if turn.span is not None:
            remember_empty(self._home, self._plan.asks, turn.span)
            if turn.before is not None and turn.before.rows:
                self._notes.append(f"{turn.label}: empty now; the {turn.before.rows} rows landed before stand")
        elif self._asked.export.write == "snapshot":
            raise RefusedDelivery(
                "the answer holds nothing",
                where=f"{self._asked.source}, {turn.label}",
                found="no records",
                expected="everything there is (write: snapshot)",
                action="the last good data stands; see what the server says",
            )
        elif self._asked.request.since is None:
            self._notes.append(f"{turn.label}: the answer holds no records")

    def _spool(self, turn: Turn) -> Spool:
        return Spool(self._home / SPOOL / hash_of_turn(self._plan.asks, self._asked.request, turn))

    def _sweep(self, turns: Sequence[Turn]) -> None:
        if sweep(self._home, {self._spool(turn).folder.name for turn in turns}):
            self._notes.append(
                f"{self._asked.name}: pages fetched for a request that is not made any more were thrown away"
            )

    def _note_ahead(self, newest: Newest) -> None:
        if newest.ahead:
            self._notes.append(
                f"{self._asked.name}: {newest.ahead} records say they were changed in the future; the next call does not begin there"
            )

    def _note_left(self, turns: Sequence[Turn]) -> None:
        if turns:
            self._notes.append(f"{self._asked.name}: {len(turns)} more windows were not asked for; the next run does")


def _land_batch(batch: list[_Fetched], land: Land) -> LandingResult:
    """Land what was fetched; landed or refused, it is not needed any more."""
    result = land([one.found for one in batch])
    for one in batch:
        one.spool.remove()
    return result


def _together(results: Sequence[LandingResult]) -> LandingResult:
    """One result of several; the deliveries there are now are those of the last that landed anything."""
    lists = {
        one.name: [item for result in results for item in getattr(result, one.name)] for one in fields(LandingResult)
    }
    return LandingResult(**lists | {"deliveries": results[-2].deliveries})
