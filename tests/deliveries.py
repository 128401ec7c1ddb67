"""Deliveries written as text: lands a small CSV and loads it into an entity of a real, temporary warehouse."""

import hashlib
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.clean.load import load_feed
from pipeline.clean.outcome import LoadContext, LoadOutcome
from pipeline.connector import Mapping, Read
from pipeline.contracts import Contract, Contracts
from pipeline.sources import Feed
from pipeline.validate import validate_batch
from pipeline.warehouse import Warehouse

AT = datetime(2031, 4, 1, 6, 0)


@dataclass(frozen=True)
class Landed:
    """A landed file as the clean stage sees it."""

    load_id: str
    file: str
    sha256: str
    bytes: int
    rows: int
    rejected: int
    folder: Path
    columns: tuple[str, ...]
    not_rows: int = 0


def make_feed(entity: str, columns: dict[str, str], **options: Any) -> Feed:
    """A feed with sensible defaults; `where`, `each`, `distinct`, `read` and every field of Feed can be given."""
    said: dict[str, Any] = {
        "source": "shop", "export": "export", "entity": entity, "namespace": "shop", "zone": "America/New_York",
        "company_zone": "America/New_York", "read": Read(), "write": "merge", "schema_mode": "evolve", "max_shrink": 0.5,
        "connector_file": "connectors/shop.yml", "stops_on_failure": False, "is_primary": False,
    }  # fmt: skip
    rows = {name: options.pop(name) for name in ("where", "deleted", "each", "distinct", "optional") if name in options}
    return Feed(**(said | options), mapping=Mapping(columns=columns, **rows))


def no_rules(table: str, contract: Contract) -> Sequence[Any]:
    return []


@dataclass
class Loader:
    """Loads one text after the other into a warehouse, each as a delivery of its own."""

    warehouse: Warehouse
    contracts: Contracts
    folder: Path
    landed: list[str] = field(default_factory=list)

    def land(self, table: str, file: str = "export.csv", rejected: Sequence[tuple[int, str, str]] = ()) -> Landed:
        """Land a text table: cells between |, the header first."""
        lines = [line.strip() for line in textwrap.dedent(table).strip().splitlines()]
        header, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        load_id = hashlib.sha256(f"{file}{table}".encode()).hexdigest()[:8]
        folder = self.folder / load_id
        folder.mkdir(parents=True, exist_ok=True)
        values = ", ".join(
            "(" + ", ".join([*("'" + cell.replace("'", "''") + "'" for cell in row), str(number)]) + ")"
            for number, row in enumerate(rows, 1)
        )
        names = ", ".join(f'"{name}"' for name in [*header, "_source_row"])
        nothing = ", ".join([*("null::varchar" for _ in header), "null::bigint"])
        found = f"values {values}" if rows else f"select {nothing} where false"
        self.warehouse.connection.execute(f"copy (select * from ({found}) as t({names})) to '{folder}/rows.parquet'")
        if rejected:
            bad = ", ".join(f"({number}, '{line}', '{reason}')" for number, line, reason in rejected)
            self.warehouse.connection.execute(
                f"copy (select *, line as _source_row from (values {bad}) as t(line, raw, reason)) to '{folder}/rejects.parquet'"
            )
        return Landed(load_id, file, load_id * 8, len(table), len(rows), len(rejected), folder, tuple(header))

    def load(
        self, table: str, feed: Feed, validate: Callable[..., Sequence[Any]] = no_rules, **options: Any
    ) -> LoadOutcome:
        landed = self.land(table, **options)
        return self.load_landed(landed, feed, validate)

    def load_landed(
        self,
        landed: Landed,
        feed: Feed,
        validate: Callable[..., Sequence[Any]] = no_rules,
        after: Sequence[Landed] = (),
    ) -> LoadOutcome:
        """Load one landed file; `after` are deliveries of the same export that come after it."""
        return self.load_all([landed, *after], feed, validate)[0]

    def load_all(
        self, landed: Sequence[Landed], feed: Feed, validate: Callable[..., Sequence[Any]] = no_rules
    ) -> list[LoadOutcome]:
        """Load deliveries of one export, in order, as one run does."""
        contract = self.contracts[feed.entity]
        return load_feed(self.warehouse, contract, feed, landed, validate, LoadContext("run", AT, "key"))

    def real_rules(self, table: str, contract: Contract) -> Sequence[Any]:
        """The contract's own suite, run by Great Expectations."""
        return validate_batch(self.warehouse.connection, table, contract, {"kpi_ids": ["orders"]})

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse.connection.execute(sql).fetchall()
