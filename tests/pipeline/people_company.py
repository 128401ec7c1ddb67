"""A company whose every personal column holds values that are found again wherever they went."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.contracts import Contract, Contracts
from pipeline.settings import REPOSITORY
from tests.pipeline.conftest import Company, Done, forked

# Nothing else in an export or in this product is called so
MARK = "zq-person"
KEY = "a key of the tests, long enough"
ROWS = 240
FORGOTTEN = f"{MARK}-17@example.org"
CUSTOMER, OTHER = "zq-customer-238", "zq-customer-18"
SUITES = REPOSITORY / "tests" / "contracts" / "suites"


def make_company(folder: Path, contracts: Contracts) -> Company:
    """One CSV export for each entity with personal columns and one of orders, with dirt in each."""
    exports = {}
    for contract in contracts.values():
        if hidden(contract) or contract.tracks == {"customer": "customer_id"}:
            _write(folder / f"{contract.table}.csv", contract, list(_rows(contract)))
            exports[contract.table] = _export(contract)
    (folder / "people.yml").write_text(json.dumps({"exports": exports}), encoding="utf-8")
    (folder / "sources.yml").write_text(json.dumps(_sources()), encoding="utf-8")
    return Company(folder, folder / "data")


def _sources() -> dict[str, Any]:
    company = {"name": "People", "time_zone": "America/New_York", "currency": "USD"}
    covers = {"finance.orders": {"from": "2026-01-01", "to": "2026-03-31"}}
    sources = {"people": {"connector": "./people.yml", "location": ".", "covers": covers}}
    return {"company": company, "headline": ["orders"], "sources": sources}


def _export(contract: Contract) -> dict[str, Any]:
    columns = {name: f'"{name}"' for name in contract.columns if contract.columns[name].business_date_of is None}
    columns |= {name: f'"{name}"' for name in contract.dated_by}
    return {"files": f"{contract.table}*.csv", "entities": {contract.entity: {"columns": columns}}}


def person(number: int, column: str) -> str:
    """Personal values of one column: an address in capitals here and there, a sentence, a plain text."""
    address = f"{MARK}-{number}@example.org"
    return address.upper() if number % 5 == 0 else address if "text" not in column else f"call {address} now"


def hidden(contract: Contract) -> set[str]:
    """Personal columns nobody outside may see."""
    return {name for name in contract.personal_columns if contract.columns[name].personal != "publish"}


def _rows(contract: Contract) -> Iterator[dict[str, Any]]:
    # The fixtures' days have not come yet, and there is no summary of a month to come
    fixtures = (SUITES / f"{contract.table}.yml").read_text(encoding="utf-8").replace("2031-", "2026-")
    good = yaml.safe_load(fixtures)["good"][0]
    for number in range(ROWS):
        row = {name: good.get(name) for name in contract.columns}
        row |= dict.fromkeys(contract.personal_columns, f"Shown {number}")
        row |= {name: person(number, name) for name in hidden(contract)}
        row[contract.key[0]] = f"{contract.name}-{number}"
        if "customer_id" in row:
            row["customer_id"] = f"zq-customer-{number}"
        yield row
    # Another version of a row that nobody can tell from the first, for quarantine
    yield row | {name: person(999, name) for name in hidden(contract)} | {"customer_id": OTHER}


def _write(path: Path, contract: Contract, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*contract.columns, "unmapped"], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"unmapped": f"{MARK}-unmapped"} for row in rows)


def deliver_bad(company: Company, contract: Contract) -> None:
    """A second delivery of the entity that has to be refused: every key twice, with other people."""
    rows = list(_rows(contract))[:20]
    others = [
        row | {name: person(number, name) for name in hidden(contract)} | {"currency": "none"}
        for number in (777, 778)
        for row in rows
    ]
    _write(company.folder / f"{contract.table}_bad.csv", contract, others)


def ops(company: Company, *arguments: str, **environment: str) -> Done:
    """Run `ops-summary <arguments>` on the company, under the tests' key where no other is said."""
    where = ["--sources", str(company.sources), "--data-dir", str(company.data)]
    return forked(*arguments, *where, **{"OPS_SUMMARY_PSEUDONYM_KEY": KEY} | environment)
