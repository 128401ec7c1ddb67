"""A made-up shop in a DuckDB database, as the stages before the report leave it, and its summary as a document."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.periods import parse_period
from pipeline.report.document import identity, make_document, read_catalog, read_facts
from pipeline.report.facts import build_facts
from pipeline.report.statements import choose_statements
from pipeline.report.summary import read_company

ROOT = Path(__file__).parents[3]
MADE_AT = date(2026, 11, 5)

Summarise = Callable[[duckdb.DuckDBPyConnection, str], dict[str, Any]]


@pytest.fixture(scope="module")
def seeded() -> Iterator[duckdb.DuckDBPyConnection]:
    """The shop, for tests that change nothing but schema report."""
    connection = seed_shop()
    yield connection
    connection.close()


@pytest.fixture
def shop() -> Iterator[duckdb.DuckDBPyConnection]:
    """A shop of its own, for tests that change its numbers."""
    connection = seed_shop()
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def summarise() -> Summarise:
    """Makes the first edition of a period's document from a connection, without writing it to disk."""
    return _summarise


@pytest.fixture(scope="module")
def october(seeded: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The document of October 2026: closed, one source stale, one never delivered."""
    return _summarise(seeded, "2026-10")


def seed_shop() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute((ROOT / "pipeline" / "warehouse.sql").read_text(encoding="utf-8"))
    connection.execute((Path(__file__).parent / "shop.sql").read_text(encoding="utf-8"))
    return connection


def _summarise(connection: duckdb.DuckDBPyConnection, label: str) -> dict[str, Any]:
    company = read_company(connection)
    period = parse_period(label, company["fiscal_year_start"])
    build_facts(connection, period, "run-1")
    facts, catalog = read_facts(connection, period), read_catalog(connection)
    headline = [row[0] for row in connection.execute("select kpi_id from ops.headline order by rank").fetchall()]
    document = make_document(company, period, facts, choose_statements(period, facts, headline, catalog), catalog)
    edition = {"number": 1, "made_at": MADE_AT.isoformat(), "identity": identity(facts), "restated": [], "earlier": []}
    return document | {"edition": edition}
