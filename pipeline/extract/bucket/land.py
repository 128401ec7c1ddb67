"""Lands the exports of a bucket: what was not fetched before is fetched, some at a time, and landed like files.

What lies in landing is the truth. What is remembered of fetched objects only spares downloads: without it everything
is fetched once more and found to be known by its content.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract.bucket.connection import Bucket, connect
from pipeline.extract.bucket.download import Changed, fetched
from pipeline.extract.bucket.listing import Object, objects, whole, without_markers
from pipeline.extract.bucket.memory import Memory
from pipeline.extract.files import Found
from pipeline.extract.landing import LandingResult, Refusal, land_found
from pipeline.extract.load_file import landed

# The spool holds at most so much before it is landed and emptied; one object may be larger
BATCH_BYTES, BATCH_OBJECTS = 1 << 30, 500
AT_ONCE = 4
Land = Callable[[list[Found]], LandingResult]


def land_bucket(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    name: str,
    export: Export,
    bucket: Bucket,
    landing: Path,
    *,
    landed_at: datetime,
    dropped: frozenset[str] = frozenset(),
) -> LandingResult:
    """Land every object of the export that is new; a bad one is a refusal and stops no other.

    `deliveries` are those whose objects lie in the bucket now, and all that ever landed where it cannot be listed.
    `dropped` are columns that do not land, beside the export's own. Raises UserError when the landing folder itself
    cannot be read or written.
    """
    known = landed(landing, source, name)
    try:
        client = connect(bucket)
        listed = without_markers(objects(client, bucket, str(export.files)), export.done_marker)
        memory = Memory(landing / source / name, bucket, listed)
        new, notes = whole(client, bucket, memory.recall(known, export.read), export.done_marker)
    except RefusedDelivery as error:
        return LandingResult(deliveries=known, refused=[Refusal(str(export.files), error)])
    land = partial(land_found, connection, source, name, export, landing=landing, landed_at=landed_at, dropped=dropped)
    results = [_land_batch(client, bucket, memory, batch, land) for batch in batches(new)]
    there = memory.load_ids()
    deliveries = [one for one in landed(landing, source, name) if one.load_id in there]
    return _together([*results, LandingResult(deliveries=deliveries, notes=notes)])


def batches(new: Sequence[Object]) -> Iterator[list[Object]]:
    """The objects in order, so many together as fit the spool."""
    batch: list[Object] = []
    for one in new:
        if batch and (len(batch) >= BATCH_OBJECTS or sum(two.size for two in batch) + one.size > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _land_batch(client: Any, bucket: Bucket, memory: Memory, batch: list[Object], land: Land) -> LandingResult:
    """Fetch and land some objects; those landed whole are remembered and leave the spool."""
    try:
        memory.spool.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch") as pool:
            outcomes = list(zip(batch, pool.map(partial(_outcome, client, bucket, memory.spool), batch), strict=True))
        got = [(one, found) for one, found in outcomes if isinstance(found, Found)]
        result = land([found for _, found in got])
        for one, found in got:
            memory.settle(one, found, result)
        memory.write()
    except OSError as error:
        raise UserError(
            "the landing folder cannot be written",
            where=str(memory.spool),
            found=str(error.strerror),
            expected="a folder this process may write, with room for what is fetched",
            action="correct its permissions or make room; what was landed before stands",
        ) from None
    refused = [Refusal(one.file, error) for one, error in outcomes if isinstance(error, RefusedDelivery)]
    anew = [one.file for one, outcome in outcomes if isinstance(outcome, Changed)]
    notes = [f"{file}: written anew while it was read, left for the next run" for file in anew]
    return _together([result, LandingResult(refused=refused, notes=notes)])


def _outcome(client: Any, bucket: Bucket, spool: Path, one: Object) -> Found | RefusedDelivery | Changed:
    """What became of one object: an error is told, and stops no other."""
    try:
        return fetched(client, bucket, one, spool)
    except (RefusedDelivery, Changed) as error:
        return error


def _together(results: Sequence[LandingResult]) -> LandingResult:
    """One result of several; the deliveries there are now are those of the last."""
    lists = {
        one.name: [item for result in results for item in getattr(result, one.name)] for one in fields(LandingResult)
    }
    return LandingResult(**lists | {"deliveries": results[-1].deliveries})
