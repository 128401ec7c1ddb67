"""The published file as others meet it: other clients, readers at the same time, a publisher killed, a full disk."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipeline.publish import publish
from pipeline.warehouse import open_warehouse

CLIENTS = ["1.4.5", "2.0.0"]
READ = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(duckdb.__version__)
print(connection.execute("select id, name, amount, day, placed_at, total from marts.fct_sales order by id").fetchall())
print(connection.execute("select * from kpis.kpi_sales").fetchall())
print(connection.execute("select count(*), max(day) from marts.fct_days").fetchall())
print(connection.execute("select comment from duckdb_tables() where table_name = 'kpi_sales'").fetchall())
"""
# Reads whole editions: every table of one edition holds the same number, and every row of it
POLL = """
import sys, time, pathlib, duckdb
seen = []
while not pathlib.Path(sys.argv[2]).exists():
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        tables = [row[0] for row in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1").fetchall()]
        counted = "select count(*), min(n), max(n) from marts."
        found = [connection.execute(counted + name).fetchall()[0] for name in tables]
        assert tables == ["a", "b", "c"] and len(set(found)) == 1 and found[0][0] == 20000, (tables, found)
        assert found[0][1] == found[0][2], found
        seen.append(found[0][1])
assert seen == sorted(seen), seen
print(len(seen), len(set(seen)))
"""
PUBLISH = """
import pathlib, sys
from pipeline.publish import publish
from pipeline.warehouse import open_warehouse
folder = pathlib.Path(sys.argv[1])
warehouse = open_warehouse(folder / "warehouse.duckdb", {})
warehouse.connection.execute(
    "create or replace table marts.fct_sales as select range as id, hash(range) as h from range(3000000)")
print("publishing", flush=True)
publish(warehouse.connection, folder / "published" / "ops.duckdb")
print("published", flush=True)
"""
PUBLISH_ON_A_FULL_DISK = """
import pathlib, resource, signal, sys
from pipeline.errors import UserError
from pipeline.publish import publish
from pipeline.warehouse import open_warehouse
folder = pathlib.Path(sys.argv[1])
warehouse = open_warehouse(folder / "warehouse.duckdb", {})
warehouse.connection.execute(
    "create or replace table marts.fct_sales as select range as id, hash(range) as h from range(3000000)")
warehouse.connection.execute("checkpoint")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, resource.RLIM_INFINITY))
try:
    publish(warehouse.connection, folder / "published" / "ops.duckdb")
except UserError as error:
    print(error.what, error.found)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(warehouse.connection.execute("select count(*) from marts.fct_sales").fetchall())
print(publish(warehouse.connection, folder / "published" / "ops.duckdb").is_new)
"""


def _python(repository: Path, code: str, *arguments: object, path: Path | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(path or repository)}
    command = [sys.executable, "-c", code, *(str(one) for one in arguments)]
    return subprocess.Popen(
        command, env=environment, cwd=repository, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _output(process: subprocess.Popen[str]) -> list[str]:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output.splitlines()


def _publish_number(folder: Path, number: int) -> Path:
    """One edition: three tables that hold only the number."""
    warehouse = open_warehouse(folder / "warehouse.duckdb", {})
    try:
        for name in ("a", "b", "c"):
            warehouse.connection.execute(
                f"create or replace table marts.{name} as select {number} as n from range(20000)"
            )
        return publish(warehouse.connection, folder / "published" / "ops.duckdb").path
    finally:
        warehouse.close()


def _number(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        return int(connection.execute("select min(n) from marts.a").fetchall()[0][0])


@pytest.mark.parametrize("client", [duckdb.__version__, *(one for one in CLIENTS if one != duckdb.__version__)])
def test_every_supported_client_reads_the_same(tmp_path: Path, repository: Path, client: str) -> None:
    folder = None if client == duckdb.__version__ else repository / ".clients" / client
    if folder and not (folder / "duckdb").is_dir():
        pytest.fail(f"the DuckDB client {client} is missing: run `make clients`, which fills .clients/")
    warehouse = open_warehouse(tmp_path / "warehouse.duckdb", {})
    warehouse.connection.execute(
        "create table marts.fct_sales as select range as id, '销售 ' || range as name, "
        "range / 2 as amount, date '2024-02-29' + cast(range as integer) as day, "
        "timestamp '2024-02-29 12:00:00.123456' as placed_at, sum(cast(range as bigint)) over () as total from range(2)"
    )
    warehouse.connection.execute("create view kpis.kpi_sales as select count(*) as n from marts.fct_sales")
    warehouse.connection.execute("comment on view kpis.kpi_sales is 'One row.'")
    days = "select date '2024-03-01' + cast(range as integer) as day"
    warehouse.connection.execute(f"create table marts.fct_days as {days} from range(30)")
    publish(warehouse.connection, tmp_path / "ops.duckdb")
    # What is read is the first file with a day added to it
    warehouse.connection.execute(f"insert into marts.fct_days {days} from range(30, 31)")
    target = publish(warehouse.connection, tmp_path / "ops.duckdb").path
    warehouse.close()
    rows = (
        "[(0, '销售 0', 0.0, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 0, 0, 123456), 1), "
        "(1, '销售 1', 0.5, datetime.date(2024, 3, 1), datetime.datetime(2024, 2, 29, 12, 0, 0, 123456), 1)]"
    )
    read = _output(_python(repository, READ, target, path=folder))
    assert read == [client, rows, "[(2,)]", "[(31, datetime.date(2024, 3, 31))]", "[('One row.',)]"]


def test_a_reader_sees_only_whole_editions(tmp_path: Path, repository: Path) -> None:
    target = _publish_number(tmp_path, 0)
    reader = _python(repository, POLL, target, tmp_path / "stop")
    for number in range(1, 21):
        _publish_number(tmp_path, number)
    (tmp_path / "stop").touch()
    reads, editions = map(int, _output(reader)[0].split())
    assert reads > editions > 2
    assert _number(target) == 20


def test_a_reader_keeps_the_edition_it_opened(tmp_path: Path) -> None:
    target = _publish_number(tmp_path, 1)
    with duckdb.connect(str(target), read_only=True) as reader:
        _publish_number(tmp_path, 2)
        assert reader.execute("select min(n) from marts.a").fetchall() == [(1,)]
    assert _number(target) == 2


def test_a_publisher_killed_half_way_leaves_the_old_file(tmp_path: Path, repository: Path) -> None:
    target = _publish_number(tmp_path, 1)
    before = target.read_bytes()
    publisher = _python(repository, PUBLISH, tmp_path)
    assert publisher.stdout is not None
    assert publisher.stdout.readline() == "publishing\n"
    draft = target.with_name("ops.duckdb.new")
    deadline = time.monotonic() + 30
    while not draft.exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    publisher.send_signal(signal.SIGKILL)
    assert "published" not in publisher.communicate()[0]
    assert draft.exists()
    assert target.read_bytes() == before
    assert _number(_publish_number(tmp_path, 2)) == 2
    assert [path.name for path in target.parent.iterdir()] == ["ops.duckdb"]


def test_a_full_disk_is_one_error_and_the_next_publish_works(tmp_path: Path, repository: Path) -> None:
    """A limit on the size of files stands for the full disk: to the writer both are a failed write."""
    target = _publish_number(tmp_path, 1)
    before = target.stat().st_ino
    lines = _output(_python(repository, PUBLISH_ON_A_FULL_DISK, tmp_path))
    assert lines[0].startswith("the published file cannot be written; an earlier one stands as it was")
    assert lines[1:] == ["[(3000000,)]", "True"]
    assert target.stat().st_ino != before
    assert [path.name for path in target.parent.iterdir()] == ["ops.duckdb"]
