"""However deliveries arrive, alone, together or late, the clean table is that of one after the other.

An example is a few deliveries of many keys, for keys do not touch one another; what stands is also reckoned here, key by
key, without a database.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.contracts import Contracts
from pipeline.sources import Feed
from pipeline.warehouse import open_warehouse
from tests.contracts.clean.test_outcomes import ORDERS
from tests.deliveries import Landed, Loader, make_feed

KEYS = 150
HEAD = "id | who | state | at | total | changed | gone"
UNVERSIONED = {name: sql for name, sql in ORDERS.items() if name != "updated_at"}
NUMBERS = itertools.count()
# state, version, gone: few enough that rows of one key are often alike
Row = tuple[str, int | None, bool]
Delivered = list[tuple[int, Row]]
# In which order deliveries come and which of them together: each is one run, which finds those of the runs before too
ARRIVALS = ([[0], [1], [2], [3]], [[0, 1, 2, 3]], [[1, 2], [0, 3]], [[3], [0], [1, 2]])


@pytest.fixture(scope="module")
def loader(contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """A warehouse whose contract lets any share of rows go to quarantine."""
    folder = tmp_path_factory.mktemp("order")
    lenient = {"finance.orders": contracts["finance.orders"].model_copy(update={"max_quarantined": 1.0})}
    warehouse = open_warehouse(folder / "warehouse.duckdb", lenient)
    yield Loader(warehouse, lenient, folder / "landed")
    warehouse.close()


def made(seed: int, *, is_versioned: bool, deletes: bool) -> list[Delivered]:
    """Four deliveries; of most keys each holds no row, or one, or two that may be alike."""
    chance = random.Random(seed)

    def row() -> Row:
        version = chance.choice([None, 1, 2, 3]) if is_versioned else None
        is_gone = deletes and chance.random() < 0.3 and (version is not None or not is_versioned)
        return chance.choice(["placed", "paid"]), version, is_gone

    deliveries = [
        [(key, row()) for key in range(KEYS) for _ in range(chance.choice([0, 0, 1, 1, 1, 2]))] for _ in range(4)
    ]
    # None may be empty, nor the same as another
    first = ("placed", 1 if is_versioned else None, False)
    return [[(KEYS + number, first), *one] for number, one in enumerate(deliveries)]


def land(loader: Loader, deliveries: Sequence[Delivered], name: str) -> list[Landed]:
    return [
        loader.land("\n".join([HEAD, *(_line(key, row) for key, row in rows)]), f"{name}-{number}.csv")
        for number, rows in enumerate(deliveries)
    ]


def _line(key: int, row: Row) -> str:
    state, version, is_gone = row
    changed = f"2031-03-0{version} 10:00:00" if version else ""
    return f"{key} | c | {state} | 2031-03-01 10:00:00 | 10.00 | {changed} | {str(is_gone).lower()}"


def expected(deliveries: Sequence[Delivered], write: str) -> dict[int, Row]:
    """What stands of each key, one delivery after the other."""
    standing: dict[int, Row] = {}
    for rows in deliveries:
        for key in {key for key, _ in rows}:
            row = chosen({row for one, row in rows if one == key})
            old = standing.get(key)
            if row is not None and (old is None or (write != "append" and strength(row) >= strength(old))):
                standing[key] = row
    return standing


def strength(row: Row) -> int:
    return row[1] or 0


def chosen(rows: set[Row]) -> Row | None:
    """The newest version in a delivery; none where two differ and nothing tells which is newer."""
    newest = [row for row in rows if strength(row) == max(map(strength, rows))]
    return newest[0] if len(newest) == 1 else None


def stands(loader: Loader, source: str) -> dict[int, Row]:
    found = loader.rows(
        "select order_id::int, status, day(updated_at)::int, _is_deleted from clean.finance__orders"
        f" where _source = '{source}'"
    )
    assert len(found) == len({key for key, *_ in found})
    return {key: (state, version, is_gone) for key, state, version, is_gone in found}


def place(feed: Feed) -> Feed:
    """A source of its own, so that nothing stands of it."""
    name = f"s{next(NUMBERS)}"
    return feed.model_copy(update={"source": name, "namespace": name})


# Without shrinking: an example is many keys, and those that fail are told. One example costs a second or two
@settings(max_examples=max(1, settings().max_examples // 100), phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize(
    ("write", "is_versioned", "deletes"),
    [("merge", False, True), ("merge", True, True), ("append", False, False), ("append", True, False)],
)
def test_the_order_of_arrival_never_changes_what_stands(
    loader: Loader, write: str, is_versioned: bool, deletes: bool, seed: int
) -> None:
    deliveries = made(seed, is_versioned=is_versioned, deletes=deletes)
    options: dict[str, Any] = {"write": write} | ({"deleted": "gone = 'true'"} if deletes else {})
    feed = make_feed("finance.orders", ORDERS if is_versioned else UNVERSIONED, **options)
    landed = land(loader, deliveries, f"{write}-{seed}")
    right = expected(deliveries, write)
    for arrival in ARRIVALS:
        here, known = place(feed), set[int]()
        for together in arrival:
            known |= set(together)
            outcomes = loader.load_all([landed[one] for one in sorted(known)], here)
            assert {one.status for one in outcomes} <= {"loaded", "known"}, outcomes
        found = stands(loader, here.source)
        wrong = {
            key: (found.get(key), right.get(key), [[row for one, row in rows if one == key] for rows in deliveries])
            for key in {*found, *right}
            if found.get(key) != right.get(key)
        }
        assert (arrival, wrong) == (arrival, {})
        sums = f"select * from ops.loads where source = '{here.source}' and rows_read <> {PARTS}"
        assert loader.rows(sums) == []


PARTS = "rows_clean + rows_quarantined + rows_duplicate + rows_superseded + rows_not_for_entity + rows_deleted"
