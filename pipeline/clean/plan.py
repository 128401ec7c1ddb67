"""Which deliveries of a feed are to be loaded, which of them together, and what stands after them.

Here belongs the order of loads; what one load does is in load.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb

from pipeline.clean.outcome import LandedFile
from pipeline.clean.sql import text
from pipeline.sources import Feed

# Bounds what the candidate takes on disk; the candidate is written before anything is judged
MAX_ROWS = 5_000_000


@dataclass(frozen=True)
class Together:
    """Deliveries loaded together, in order.

    `later` are deliveries after them that stand as they are: their rows win. `outdated` are those after them that
    are loaded again in their turn: of their rows as they stand now nobody may conclude anything.
    """

    deliveries: tuple[LandedFile, ...]
    later: tuple[str, ...]
    outdated: tuple[str, ...]

    def one_by_one(self) -> Iterator["Together"]:
        ids = [one.load_id for one in self.deliveries]
        for at, one in enumerate(self.deliveries, 1):
            yield Together((one,), self.later, (*ids[at:], *self.outdated))


def known_loads(connection: duckdb.DuckDBPyConnection, feed: Feed, recipe: str) -> dict[str, str]:
    """Status by load id of deliveries loaded or refused with this recipe before, and of those withdrawn."""
    rows = connection.execute(
        f"select load_id, status from ops.loads where {_of(feed)} and (recipe = ? or status = 'withdrawn')", [recipe]
    )
    return dict(rows.fetchall())


def without_rows(landed: Sequence[LandedFile]) -> dict[str, str]:
    """Deliveries whose landed rows were deleted after they were loaded: what was made of them stands, in their order."""
    return {one.load_id: "rows deleted" for one in landed if not (one.folder / "rows.parquet").is_file()}


def earlier_readings(
    connection: duckdb.DuckDBPyConnection, feed: Feed, landed: Sequence[LandedFile]
) -> dict[str, list[str]]:
    """Loads by the content of their file that are no longer among the deliveries."""
    rows = connection.execute(
        f"select sha256, load_id from ops.loads where {_of(feed)} and sha256 is not null order by load_id"
    ).fetchall()
    current = {one.load_id for one in landed}
    readings: dict[str, list[str]] = {}
    for sha256, load_id in rows:
        if load_id not in current:
            readings.setdefault(sha256, []).append(load_id)
    return readings


def _of(feed: Feed) -> str:
    return f"source = {text(feed.source)} and export = {text(feed.export)} and entity = {text(feed.entity)}"


def plan(landed: Sequence[LandedFile], known: Mapping[str, str], feed: Feed) -> Iterator[Together]:
    """What is to be loaded, batch by batch, in the order of delivery."""
    new = [one for one in landed if one.load_id not in known]
    if feed.write == "snapshot" and new:
        # What vanished is told by the snapshots that follow, so they have to say it again
        first = landed.index(new[0])
        new = [one for one in landed[first:] if known.get(one.load_id) in (None, "loaded")]
    place, coming = {one.load_id: at for at, one in enumerate(landed)}, {one.load_id for one in new}
    for together in _batches(new, place, feed):
        after = [one.load_id for one in landed[place[together[-1].load_id] + 1 :]]
        yield Together(
            tuple(together),
            tuple(one for one in after if one not in coming),
            tuple(one for one in after if one in coming),
        )


def _batches(new: Sequence[LandedFile], place: Mapping[str, int], feed: Feed) -> Iterator[list[LandedFile]]:
    """Deliveries that may be loaded together: neighbours in order, not too many rows, never two snapshots."""
    for _, run in groupby(enumerate(new), key=lambda pair: place[pair[1].load_id] - pair[0]):
        together: list[LandedFile] = []
        for _, one in run:
            if together and (feed.write == "snapshot" or sum(two.rows for two in together) + one.rows > MAX_ROWS):
                yield together
                together = []
            together.append(one)
        yield together
