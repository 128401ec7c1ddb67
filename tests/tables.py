"""What a data directory says, in a form two of them can be compared by: every table's rows as one hash."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

WAREHOUSE = ("clean", "quarantine", "staging", "intermediate", "marts", "kpis", "analysis", "report", "ops")
PUBLISHED = ("marts", "kpis", "analysis", "report", "ops")
# What tells one run from another and nothing else
RUN_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ABOUT_THE_RUN = {"run_id", "loaded_at", "last_loaded_at", "checked_at", "made_at", "noted_at"}
# What changed since the build before: how often it was built, not what stands
ABOUT_THE_BUILD = {"intermediate.int_changed_days", "intermediate.int_changed_users"}


def outcome(data: Path) -> dict[str, Mapping[str, object]]:
    """Everything a run leaves that counts: tables, published tables, deliveries as landed, reports."""
    return {
        "warehouse": tables(data / "warehouse.duckdb", WAREHOUSE),
        "published": tables(data / "published" / "ops.duckdb", PUBLISHED),
        "landing": files(data, "landing/*/*/*/*.parquet") | files(data, "landing/*/*/.*"),
        "reports": files(data, "reports/**/*"),
        "beside the published file": dict.fromkeys(files(data, "published/*")),
    }


def tables(file: Path, schemas: tuple[str, ...]) -> dict[str, tuple[int, int | None]]:
    """Rows and the sum of their hashes, by table and view."""
    with copied(file) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns() "
            "where list_contains(?, schema_name) and not list_contains(?, column_name) group by 1 order by 1",
            [list(schemas), sorted(ABOUT_THE_RUN)],
        ).fetchall()
        return {table: _hash(connection, table, names) for table, names in columns if table not in ABOUT_THE_BUILD}


def differing(left: Mapping[str, object], right: Mapping[str, object]) -> list[str]:
    """Names of what the two do not have alike."""
    return sorted(name for name in {*left, *right} if left.get(name) != right.get(name))


def rows_ahead_of_their_load(file: Path) -> list[str]:
    """Clean tables with rows of a delivery that ops.loads does not call loaded."""
    with copied(file) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'clean'").fetchall()
        ahead = (
            f"select distinct '{name}' from clean.\"{name}\" where _load_id not in "
            f"(select load_id from ops.loads where status = 'loaded' and replace(entity, '.', '__') = '{name}')"
            for (name,) in names
        )
        return [row[0] for query in ahead for row in connection.execute(query).fetchall()]


@contextmanager
def copied(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of a database with its log, so that the file stays just as it was left.

    It is called as the warehouse is, for the sake of its views; `ops` could not be told from the schema of that name.
    """
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", ".wal"):
            if (path := file.with_name(f"{file.name}{suffix}")).exists():
                shutil.copy(path, Path(folder) / f"warehouse.duckdb{suffix}")
        with duckdb.connect(str(Path(folder) / "warehouse.duckdb")) as connection:
            yield connection


def _hash(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[int, int | None]:
    schema, _, name = table.partition(".")
    chosen = ", ".join(f'"{column}"' for column in columns)
    counted = f'select count(*), sum(cast(hash(t) as hugeint)) from (select {chosen} from "{schema}"."{name}") as t'
    rows, total = connection.execute(counted).fetchall()[0]
    return rows, total


def files(folder: Path, pattern: str) -> dict[str, str]:
    """Hash of every file that matches, whichever run it names, by its path below the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(RUN_ID.sub(b"", path.read_bytes())).hexdigest()
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }
