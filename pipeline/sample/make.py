"""Making the sample company: generate, plant, write, and tell the truth about it.

Every kind of dirt is planted: cells that will not cast, missing required values, repeated rows, newer and late
versions, odd spellings, and rows that fail rules of severity critical (negative amounts, unknown statuses). What ends
in quarantine stays below max_quarantined in every delivery, so all of it is warnings and a run on the sample exits 0.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import UserError
from pipeline.sample.exports import EVENTS, LEDGERS, OTHERS, SESSIONS, SHEETS, Export
from pipeline.sample.plant import plant
from pipeline.sample.truth import write_truth
from pipeline.sample.write import write_file

SQL = Path(__file__).with_name("sql")
FOLDER = Path(__file__).with_name("folder")
DEALS_PER_DAY = 1.3
ACTION_EFFECT = 0.035
PLAIN_MONTHS = 3
OTHER_SYSTEMS = ("leads", "marketing", "social", "subscriptions", "invoices", "payments", "expenses", "feedback")
# What is true is reckoned once all exports but the sheets are written: targets are set by it
TRUTH_PARTS = (
    *("periods", "rows", "web", "orders", "subscriptions", "customers"),
    *("deals", "money", "voices", "kpis", "cells", "cohorts"),
)


@dataclass(frozen=True)
class SampleResult:
    """Where the sample is, what it holds: delivered rows by entity."""

    directory: Path
    sources: Path
    truth: Path
    rows: dict[str, int]


def make_sample(
    directory: Path,
    *,
    connection: duckdb.DuckDBPyConnection,
    days: int = 730,
    scale: float = 1,
    seed: int = 1,
    end: date = date(2026, 10, 31),
) -> SampleResult:
    """Write a working folder (exports, connectors, sources.yml) and its truth.json into `directory`.

    The last business day is `end`, the first `days` - 1 days before. `scale` 1 is about 60,000 sessions in two years.
    Everything is a function of the arguments: the same ones give the same bytes. The connection (in memory, say) is
    left as it was found. Raises UserError for arguments out of range and for a directory that holds other exports.
    """
    _check(days, scale, seed)
    _make_room(directory)
    variables = _variables(days, scale, seed, end)
    with _workspace(connection, variables):
        _generate(connection)
        _write_traffic(connection, directory)
        _run(connection, "orders")
        for export in LEDGERS:
            _write_export(connection, directory, export)
        _run(connection, *OTHER_SYSTEMS)
        for export in OTHERS:
            _write_export(connection, directory, export)
        _run(connection, *(f"truth_{part}" for part in TRUTH_PARTS), "sums")
        for export in SHEETS:
            _write_export(connection, directory, export)
        _run(connection, "sheet_sums", "truth_sheets", "truth_text")
        _copy_folder(directory, variables)
        rows = write_truth(connection, directory / "truth.json", _arguments(days, scale, seed, end))
    return SampleResult(directory, directory / "sources.yml", directory / "truth.json", rows)


def _check(days: int, scale: float, seed: int) -> None:
    wrong = [
        ("--days", str(days), "a whole number from 14 to 3650", 14 <= days <= 3650),
        ("--scale", str(scale), "a number over 0, up to 100000", 0 < scale <= 100_000),
        ("--seed", str(seed), "a whole number from 0 to 2147483647", 0 <= seed < 2**31),
    ]
    for where, found, expected, is_right in wrong:
        if not is_right:
            raise UserError("the sample cannot be made so", where=where, found=found, expected=expected)


def _make_room(directory: Path) -> None:
    """An earlier sample's exports give way; anybody else's files are never touched."""
    taken = [name for name in ("exports", "connectors", "sources.yml") if (directory / name).exists()]
    if taken and not (directory / "truth.json").exists():
        raise UserError(
            "the directory holds files that are no sample",
            where=str(directory),
            found=", ".join(taken),
            action="give an empty directory, or one with an earlier sample",
        )
    if "exports" in taken:
        shutil.rmtree(directory / "exports")
    directory.mkdir(parents=True, exist_ok=True)


def _variables(days: int, scale: float, seed: int, end: date) -> dict[str, Any]:
    """What the SQL is told; dates as ISO text."""
    start = end - timedelta(days=days - 1)
    return {
        "days": days,
        "scale": scale,
        "seed": seed,
        "start": start.isoformat(),
        "last": end.isoformat(),
        "cut": (end - timedelta(days=min(92, days // 2))).isoformat(),
        "deals": max(20, round(days * scale * DEALS_PER_DAY)),
        "action_day": (end - timedelta(days=min(75, days // 2))).isoformat(),
        "action_effect": ACTION_EFFECT,
        "lost_from": _month_before(end).replace(day=12).isoformat(),
    }


def _month_before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


def _arguments(days: int, scale: float, seed: int, end: date) -> dict[str, Any]:
    return {"days": days, "scale": scale, "seed": seed, "end": end.isoformat()}


@contextmanager
def _workspace(connection: duckdb.DuckDBPyConnection, variables: dict[str, Any]) -> Iterator[None]:
    """A schema of the sample's own that is the current one inside, and gone afterwards."""
    before = connection.execute("select current_schema()").fetchall()[0][0]
    connection.execute("create schema sample_company")
    connection.execute("set schema = 'sample_company'")
    _set(connection, variables)
    try:
        yield
    finally:
        connection.execute(f"set schema = '{before}'")
        connection.execute("drop schema sample_company cascade")
        for name in (*variables, "month", "file", "shelf"):
            connection.execute(f"reset variable {name}")


def _set(connection: duckdb.DuckDBPyConnection, variables: dict[str, Any]) -> None:
    for name, value in variables.items():
        connection.execute(f"set variable {name} = {value!r}")


def _run(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def _generate(connection: duckdb.DuckDBPyConnection) -> None:
    """Everything that does not grow with traffic, and the empty tables the months fill."""
    _run(connection, "tables", "calendar", "products", "crm", "baskets")


def _write_traffic(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Sessions and events month by month: of those before, memory holds one narrow row a session, for the truth."""
    months = [row[0] for row in connection.execute("select distinct month from days order by month").fetchall()]
    for turn, month in enumerate(months):
        is_gzip = turn < len(months) - PLAIN_MONTHS
        _set(connection, {"month": month.isoformat()})
        _run(connection, "sessions")
        for export in (SESSIONS, EVENTS):
            _set(connection, {"file": f"{export.name}_{month:%Y-%m}"})
            _write_export(connection, directory, export, turn=turn, is_gzip=is_gzip)
        _run(connection, "tally_month")


def _write_export(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    export: Export,
    *,
    turn: int = 0,
    is_gzip: bool = False,
) -> None:
    _run(connection, f"text_{export.name}")
    for file in plant(connection, export, turn=turn):
        write_file(connection, export, file, directory / "exports" / export.source, is_gzip=is_gzip)


def _copy_folder(directory: Path, variables: dict[str, Any]) -> None:
    """The connectors as they are shipped, and sources.yml with the days the sample covers."""
    shutil.copytree(FOLDER / "connectors", directory / "connectors", dirs_exist_ok=True)
    text = (FOLDER / "sources.yml").read_text(encoding="utf-8")
    for name, value in (("first", variables["start"]), ("last", variables["last"])):
        text = text.replace(f"<{name}>", value)
    (directory / "sources.yml").write_text(text, encoding="utf-8")
