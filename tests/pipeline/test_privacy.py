"""Personal data in a whole run: what never leaves, what is never landed, and a person who is forgotten."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.contracts import Contracts
from pipeline.errors import UserError
from pipeline.operate.delivering import deliver
from pipeline.operate.loading import load_entity
from pipeline.operate.privacy import expire, keep_people_out, prepare_landing
from pipeline.operate.privacy_commands import erase
from pipeline.operate.project import Project, load_project
from pipeline.operate.session import Session
from pipeline.privacy.retention import Stamp
from pipeline.settings import load_settings, now
from pipeline.warehouse import memory_database, open_warehouse, read_published
from tests.pipeline.conftest import Company
from tests.pipeline.people_company import CUSTOMER, FORGOTTEN, KEY, MARK, deliver_bad, hidden, make_company, ops

AS_OF = "2026-03-31"
# What one person is found by
SALES = "select count(*), sum(amount), count(distinct customer_id) from warehouse.clean.finance__orders"
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> tuple[Company, Done]:
    """A run over sound deliveries and, for every entity about people, one that is refused."""
    company = make_company(tmp_path_factory.mktemp("people"), contracts)
    for contract in contracts.values():
        if hidden(contract):
            deliver_bad(company, contract)
    return company, ops(company, "run", "--as-of", AS_OF)


@pytest.fixture(scope="module")
def company(first: tuple[Company, Done]) -> Company:
    assert first[1].returncode == 3, first[1].stdout + first[1].stderr
    return first[0]


@pytest.fixture(scope="module")
def forgotten(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Done]:
    """A copy of the company after a person was forgotten, whose rows a killed load had left in plain bytes besides."""
    copy = company.copied_to(tmp_path_factory.mktemp("forgotten"))
    with memory_database() as connection:
        connection.execute(f"attach '{copy.data}/warehouse.duckdb' as warehouse")
        connection.execute("set force_compression = 'uncompressed'")
        connection.execute("create table warehouse.candidate.left_behind as select * from warehouse.quarantine.rows")
        left = "insert into warehouse.candidate.left_behind (raw) values (?)"
        connection.execute(left, [f"{'x' * 20} {FORGOTTEN}"])
    assert "warehouse.duckdb" in files_naming(copy.data, FORGOTTEN)
    return copy, ops(copy, "forget", FORGOTTEN)


@contextmanager
def warehouse(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    with memory_database() as connection:
        connection.execute(f"attach '{company.data}/warehouse.duckdb' as warehouse (read_only)")
        yield connection


def cells_naming(connection: duckdb.DuckDBPyConnection, value: str) -> list[str]:
    """schema.table.column of every cell in the database that holds the value."""
    found = connection.execute(
        "select database_name, schema_name, table_name, column_name from duckdb_columns() where not internal order by all"
    ).fetchall()
    return [
        f"{schema}.{table}.{column}"
        for database, schema, table, column in found
        if connection.execute(
            f"""select 1 from "{database}"."{schema}"."{table}"
            where contains(lower(cast("{column}" as varchar)), ?) limit 1""",
            [value.lower()],
        ).fetchone()
    ]


def landed_naming(company: Company, value: str) -> set[str]:
    """export.column of every landed cell that holds the value."""
    named = set()
    with memory_database() as connection:
        for path in company.data.glob("landing/*/*/*/*.parquet"):
            rows = f"read_parquet('{path}')"
            for name, *_ in connection.execute(f"describe select * from {rows}").fetchall():
                holds = f"""select 1 from {rows} where contains(lower(cast("{name}" as varchar)), ?) limit 1"""
                if connection.execute(holds, [value.lower()]).fetchone():
                    named.add(f"{path.parent.parent.name}.{name}")
    return named


def files_naming(folder: Path, value: str) -> list[str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [
        path.relative_to(folder).as_posix() for path in files if value.lower().encode() in path.read_bytes().lower()
    ]


def outside(company: Company, value: str = MARK) -> list[str]:
    """Files that name the value and are neither the private warehouse nor landed rows."""
    return [one for one in files_naming(company.data, value) if not one.endswith((".parquet", "warehouse.duckdb"))]


def test_nothing_personal_is_published_or_told(first: tuple[Company, Done], company: Company) -> None:
    with read_published(company.published) as published:
        assert cells_naming(published, MARK) == []
    assert outside(company) == []
    assert MARK not in (first[1].stdout + first[1].stderr).lower()
    with warehouse(company) as connection:
        assert {one.split(".")[0] for one in cells_naming(connection, MARK)} <= {"clean", "quarantine", "staging"}


def test_refusals_were_told_and_rows_did_go_to_quarantine(company: Company, contracts: Contracts) -> None:
    """What nothing personal stands in is not empty."""
    with warehouse(company) as connection:
        count = "select count(*) from warehouse.ops.loads where status = 'refused' and reason <> ''"
        assert connection.execute(count).fetchone() == (len([1 for one in contracts.values() if hidden(one)]),)
        assert "quarantine.rows.raw" in cells_naming(connection, MARK)
    assert (company.data / "data_docs" / "index.html").is_file()


def test_dropped_columns_are_not_landed_and_pseudonyms_are_hashes(company: Company, contracts: Contracts) -> None:
    landed = landed_naming(company, MARK)
    with warehouse(company) as connection:
        for contract in contracts.values():
            for name in hidden(contract):
                values = connection.execute(
                    f'select distinct "{name}" from warehouse.clean."{contract.table}"'
                ).fetchall()
                treatment = contract.columns[name].personal
                assert (f"{contract.table}.{name}" in landed) == (treatment != "drop")
                if treatment == "drop":
                    assert values == [(None,)]
                if treatment == "pseudonymize":
                    assert {len(value) for (value,) in values} == {64}


def test_without_a_key_the_run_says_what_is_null(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.operate.privacy import remarks

    monkeypatch.delenv("OPS_SUMMARY_PSEUDONYM_KEY", raising=False)
    said = remarks(load_project(load_settings(sources=company.sources, data_dir=company.data)))
    assert ["OPS_SUMMARY_PSEUDONYM_KEY" in one for one in said] == [True]
    assert "finance.payments.payer" in said[0]


def test_a_forgotten_person_is_nowhere_and_what_happened_stays(
    company: Company, forgotten: tuple[Company, Done]
) -> None:
    copy, done = forgotten
    assert done.returncode == 0, done.stdout + done.stderr
    assert "customer_id zq-customer-17" in done.stdout
    assert landed_naming(company, FORGOTTEN) != set()
    assert files_naming(copy.data, FORGOTTEN) == []
    assert landed_naming(copy, FORGOTTEN) == set()
    with read_published(copy.published) as published, warehouse(copy) as connection:
        assert cells_naming(published, FORGOTTEN) == cells_naming(connection, FORGOTTEN) == []
        erased = "select kind, entity, rows from warehouse.ops.deletions"
        assert ("forgotten", "feedback.tickets", 1) in connection.execute(erased).fetchall()
    assert sales(copy) == sales(company)


def sales(company: Company) -> Any:
    with warehouse(company) as connection:
        return connection.execute(SALES).fetchone()


def test_others_keep_everything(company: Company, forgotten: tuple[Company, Done]) -> None:
    for value in (f"{MARK}-171@example.org", f"{MARK}-18@example.org", "zq-customer-170"):
        assert landed_naming(forgotten[0], value) == landed_naming(company, value) != set()


def test_a_forgotten_customer_is_counted_and_does_not_come_back(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = company.copied_to(tmp_path)
    kept = project(copy, monkeypatch)
    said = erasing(kept, f" {CUSTOMER.upper()}")
    assert "1 in finance.orders" in said[0]
    assert landed_naming(copy, CUSTOMER) == set()
    assert sales(copy) == sales(company)
    orders = copy.folder / "finance__orders.csv"
    header, *lines = orders.read_text(encoding="utf-8").splitlines()
    theirs = [line.replace("orders-238,", "orders-9000,") for line in lines if f",{CUSTOMER}," in line]
    (copy.folder / "finance__orders_2.csv").write_text("\n".join([header, *lines[:20], *theirs, ""]), encoding="utf-8")
    load(kept, "finance.orders", ["finance__orders"])
    assert len(theirs) == 1
    assert landed_naming(copy, CUSTOMER) == set()
    with warehouse(copy) as connection:
        query = "select order_id from warehouse.clean.finance__orders where starts_with(customer_id, 'forgotten-')"
        assert sorted(connection.execute(query).fetchall()) == [("orders-238",), ("orders-9000",)]
        named = cells_naming(connection, CUSTOMER)
        assert [one for one in named if one.split(".")[0] in ("clean", "quarantine", "ops")] == []


@pytest.mark.parametrize(
    ("key", "column", "message"),
    [(" ", None, "there is no key"), ("both-1", None, "customer_id of namespace people, lead_id of namespace people")],
)
def test_a_key_that_could_be_anybody_is_refused(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, column: str | None, message: str
) -> None:
    kept = project(company.copied_to(tmp_path), monkeypatch)
    opened = open_warehouse(kept.settings.warehouse, kept.contracts)
    opened.connection.execute("update clean.crm__leads set lead_id = 'both-1' where lead_id = 'leads-1'")
    opened.connection.execute("update clean.finance__orders set customer_id = 'both-1' where order_id = 'orders-1'")
    opened.close()
    with pytest.raises(UserError, match=message):
        erasing(kept, key)
    assert not (kept.settings.data_dir / "forgotten.json").exists()
    if key.strip():
        assert "1 in crm.leads" in erasing(kept, key, "lead_id")[0]


def test_what_was_kept_long_enough_goes_and_what_was_made_of_it_stays(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = company.copied_to(tmp_path)
    before = standing(copy)
    kept = project(copy, monkeypatch, landing_retention_days="30", quarantine_retention_days="30")
    assert expired(kept, now() + timedelta(days=29)) == []
    assert {kind for kind, _ in expired(kept, now() + timedelta(days=31))} == {"landing", "quarantine"}
    assert [path.parent.parent.name for path in copy.data.glob("landing/*/finance__orders/*/rows.parquet")] == []
    # The file is still there, and its connector changes: neither a new delivery nor a lost one
    connector = copy.folder / "people.yml"
    connector.write_text(
        connector.read_text(encoding="utf-8").replace('"\\"amount\\""', '"\\"amount\\" || \'\'"'), "utf-8"
    )
    load(project(copy, monkeypatch), "finance.orders", ["finance__orders"])
    assert list(copy.data.glob("landing/*/finance__orders/*/rows.parquet")) == []
    assert standing(copy) == before


def standing(company: Company) -> Any:
    with warehouse(company) as connection:
        loads = (
            "select load_id, status, rows_clean from warehouse.ops.loads where entity = 'finance.orders' order by all"
        )
        return connection.execute(SALES).fetchall(), connection.execute(loads).fetchall()


def test_deleted_rows_land_anew_where_nothing_stands_of_them(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = company.copied_to(tmp_path)
    before = standing(copy)
    kept = project(copy, monkeypatch, landing_retention_days="30")
    expired(kept, now() + timedelta(days=31))
    (copy.data / "warehouse.duckdb").unlink()
    load(kept, "finance.orders", ["finance__orders"])
    assert standing(copy) == before


def project(company: Company, monkeypatch: pytest.MonkeyPatch, **said: str) -> Project:
    for name, value in {"pseudonym_key": KEY, **said}.items():
        monkeypatch.setenv(f"OPS_SUMMARY_{name.upper()}", value)
    return load_project(load_settings(sources=company.sources, data_dir=company.data))


def erasing(kept: Project, key: str, column: str | None = None) -> list[str]:
    session = Session(kept, "test")
    try:
        return erase(session, key, column, None)
    finally:
        session.close()


def expired(kept: Project, at: datetime) -> list[tuple[Any, ...]]:
    """Kind and file of what is deleted at that time."""
    opened = open_warehouse(kept.settings.warehouse, kept.contracts)
    try:
        expire(kept, opened.connection, Stamp(at, "run"))
        return opened.connection.execute("select kind, file from ops.deletions where deleted_at = ?", [at]).fetchall()
    finally:
        opened.close()


def load(kept: Project, entity: str, exports: Sequence[str]) -> None:
    """Land and load one entity as a run does, without what else a run costs."""
    session = Session(kept, "test")
    try:
        session.begin_refresh()
        connection = session.warehouse().connection
        for name in exports:
            prepare_landing(kept, connection, "people", name)
            assert deliver(session, "people", name, None).refused == []
            keep_people_out(kept, connection, "people", name)
        load_entity(session, kept.contracts[entity], kept.feeds_of(entity), {})
    finally:
        session.close()
