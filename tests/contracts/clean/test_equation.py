"""Whatever an export holds and however it is mapped: every delivered row and every cent has an outcome.

Made-up cells and mappings; many rows per example, as what costs is the load and not the row.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.clean.outcome import LoadOutcome
from pipeline.connector import Read
from pipeline.contracts import Contracts
from pipeline.sources import Feed
from pipeline.warehouse import open_warehouse
from tests.deliveries import Landed, Loader, make_feed

ENTITY = "finance.order_lines"
COLUMNS = ("id", "amount", "when", "state", "lines")
ROWS = 120
# Arrays as text, and how many rows each makes
LINES = {
    "[]": 0,
    "null": 0,
    "": 0,
    " ": 0,
    "[1]": 1,
    '[{"id": "a", "n": 2, "t": "5.00"}, {"id": "b"}]': 2,
    '["x", null, [], {}]': 4,
}
LINES |= {'{"id": 1}': 1, "[1,": 1, "7": 1, "lines": 1, '"[1]"': 1}
CELLS = {
    "id": [*(str(number) for number in range(40)), "", " ", "A-1", " 7 ", "\t9"],
    "amount": ["1", "5.00", "-3.25", "(4.00)", "1,234.50", "1,234", "¥8.10", "12%", "n/a", "", "1e3", "0.00005", "99999999999999999", "x"],
    "when": ["2031-03-01", "2031-03-01 10:00", "01/02/2031", "31.01.2031", "2031-02-30", "9999-12-31", "", "1901", "Jan 5, 2031"],
    "state": ["paid", "PAID ", '{"s": "paid"}', "{", "", "7", "NULL", "付款"],
    "lines": list(LINES),
}  # fmt: skip
EXPRESSIONS = {
    "order_line_id": ["id", "trim(id)", "coalesce(each->>'id', id)", "each"],
    "order_id": ["id", "state", "'1'", "cast(cast(id as integer) % 7 as varchar)"],
    "quantity": ["amount", "cast(amount as integer)", "each->>'n'", "length(state)", "null"],
    "unit_price": ["amount", "number(amount)", "minor_units(amount, 'usd')", "each->>'t'"],
    "amount": ["amount", "number(amount) * 2", "each->>'t'", "state->>'s'", "cast(amount as decimal(9, 2))"],
    "currency": ["'usd'", "state", "left(state, 3)"],
    "ordered_at": ["\"when\"", "cast(\"when\" as timestamp)", "epoch_s(amount)", "null"],
}  # fmt: skip
WHERES = [None, "state <> ''", "cast(id as integer) > 3", "each is not null", "false", "null"]
NUMBERS = itertools.count()
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    """Any mapping of the five columns, with or without each, where and distinct, in any mode of writing."""
    each = draw(st.sampled_from([None, "lines"]))
    fits = lambda sql: sql is None or each is not None or "each" not in sql  # noqa: E731
    names = ["order_line_id", *draw(st.sets(st.sampled_from(list(EXPRESSIONS))))]
    columns = {
        name: draw(st.sampled_from([sql for sql in EXPRESSIONS[name] if fits(sql)])) for name in dict.fromkeys(names)
    }
    read = draw(
        st.sampled_from([Read(), Read(thousands=",", null=("NULL",)), Read(decimal=","), Read(dates=("%d/%m/%Y",))])
    )
    return make_feed(
        ENTITY, columns, each=each, where=draw(st.sampled_from([one for one in WHERES if fits(one)])), read=read,
        distinct=draw(st.booleans()), write=draw(st.sampled_from(["merge", "append", "snapshot"])), max_shrink=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def loader(contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """A warehouse whose contract lets any share of rows go to quarantine."""
    folder = tmp_path_factory.mktemp("equation")
    lenient = {ENTITY: contracts[ENTITY].model_copy(update={"max_quarantined": 1.0})}
    warehouse = open_warehouse(folder / "warehouse.duckdb", lenient)
    yield Loader(warehouse, lenient, folder / "landed")
    warehouse.close()


def land(loader: Loader, rows: list[tuple[str | None, ...]], example: str) -> Landed:
    """Land rows of any texts, cell by cell as given."""
    load_id = hashlib.sha256(f"{example} {rows!r}".encode()).hexdigest()[:12]
    folder: Path = loader.folder / load_id
    folder.mkdir(parents=True, exist_ok=True)
    cells = ", ".join(f'unnest(?::varchar[]) as "{name}"' for name in COLUMNS)
    loader.warehouse.connection.execute(
        f"copy (select *, row_number() over () as _source_row from (select {cells})) to '{folder}/rows.parquet'",
        [[row[at] for row in rows] for at in range(len(COLUMNS))],
    )
    return Landed(load_id, f"{load_id}.csv", load_id, 1, len(rows), 0, folder, COLUMNS)


def expected_rows(rows: list[tuple[str | None, ...]], feed: Feed) -> int:
    """Rows the entity has to account for; without distinct they can be counted here too."""
    return sum(LINES[row[4] or ""] for row in rows) if feed.mapping.each else len(rows)


# Without shrinking: an example is small to read as it is, and a load costs a second
@settings(max_examples=12 * settings().max_examples // 100, phases=[Phase.explicit, Phase.generate])
@given(feed=feeds(), texts=st.lists(TEXT, min_size=5, max_size=25), seed=st.integers(0, 2**32))
def test_rows_and_money_add_up(loader: Loader, feed: Feed, texts: list[str], seed: int) -> None:
    made = random.Random(seed)
    name = f"s{next(NUMBERS)}"
    feed = feed.model_copy(update={"source": name, "namespace": name})

    def cell(name: str) -> str | None:
        odd = made.random() < 0.1 and name != "lines"
        return made.choice([*texts, None]) if odd else made.choice(CELLS[name])

    deliveries = [[tuple(cell(name) for name in COLUMNS) for _ in range(ROWS)] for _ in range(2)]
    landed = [land(loader, rows, feed.source) for rows in deliveries]
    for one, outcome in zip(landed, loader.load_all(landed, feed), strict=True):
        assert outcome == LoadOutcome(one.load_id, one.file, "loaded"), feed.mapping
    check(loader, feed, {one.load_id: expected_rows(rows, feed) for one, rows in zip(landed, deliveries, strict=True)})
    assert {one.status for one in loader.load_all(landed, feed)} == {"known"}


def check(loader: Loader, feed: Feed, expected: dict[str, int]) -> None:
    """The equation of every delivery, in rows and in money; and no row without a place, none in two."""
    own = f"source = '{feed.source}'"
    parts = "rows_clean + rows_quarantined + rows_duplicate + rows_superseded + rows_not_for_entity + rows_deleted"
    counts: dict[str, Any] = {
        row[0]: row[1:] for row in loader.rows(f"select load_id, rows_read, {parts} from ops.loads where {own}")
    }
    assert all(read == by_outcome for read, by_outcome in counts.values())
    if not feed.mapping.distinct:
        assert {load_id: read for load_id, (read, _) in counts.items()} == expected
    assert (
        loader.rows(
            f"select * from ops.reconciliation where check_id like '{feed.source}/%' and left_value <> right_value"
        )
        == []
    )
    reasons = f"select count(*) from quarantine.rows where {own} and (rule is null or reason is null or raw is null)"
    assert loader.rows(reasons) == [(0,)]
    kept = f"select _row_id from clean.finance__order_lines where _source = '{feed.source}' union all select row_id from quarantine.rows where {own}"
    assert loader.rows(f"select _row_id from ({kept}) group by 1 having count(*) > 1") == []
