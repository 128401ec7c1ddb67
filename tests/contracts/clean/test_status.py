"""ops.source_status: written of the entities a step loaded, complete from the first step on."""

from pathlib import Path

import yaml

from pipeline.clean.status import write_source_status
from pipeline.configuration import load_configuration
from pipeline.contracts import Contracts
from pipeline.sources import Configuration
from tests.deliveries import Loader

CONNECTOR = {
    "exports": {
        "orders": {
            "files": "orders*.csv",
            "entities": {
                "finance.orders": {
                    "columns": {
                        "order_id": "id", "order_date": "day", "status": "'paid'", "amount": "amount", "currency": "'USD'",
                        "is_test": "'no'", "customer_id": "customer",
                    }
                }
            },
        }
    }
}  # fmt: skip


def configured(folder: Path, contracts: Contracts, source: str) -> Configuration:
    company = {"name": "Harbour", "time_zone": "America/New_York", "currency": "USD"}
    (folder / "shop.yml").write_text(yaml.safe_dump(CONNECTOR))
    said = {
        "company": company,
        "headline": ["orders"],
        "sources": {source: {"connector": "./shop.yml", "location": "."}},
    }
    (folder / "sources.yml").write_text(yaml.safe_dump(said))
    return load_configuration(folder / "sources.yml", contracts)


def statuses(loader: Loader) -> dict[str, tuple[str | None, str]]:
    rows = loader.warehouse.connection.execute("select entity, source, status from ops.source_status").fetchall()
    assert len({entity for entity, _, _ in rows}) == len(rows)
    return {entity: (source, status) for entity, source, status in rows}


def test_every_entity_has_a_status_once_any_was_written(loader: Loader, tmp_path: Path, contracts: Contracts) -> None:
    write_source_status(loader.warehouse, configured(tmp_path, contracts, "shop"), contracts, ["crm.owners"])
    found = statuses(loader)
    assert set(found) == set(contracts)
    assert {entity: one for entity, one in found.items() if one != (None, "no_source")} == {
        "finance.orders": ("shop", "no_source")
    }


def test_the_others_stay_as_they_were_written(loader: Loader, tmp_path: Path, contracts: Contracts) -> None:
    write_source_status(loader.warehouse, configured(tmp_path, contracts, "shop"), contracts)
    renamed = configured(tmp_path, contracts, "store")
    write_source_status(loader.warehouse, renamed, contracts, ["crm.owners"])
    assert statuses(loader)["finance.orders"] == ("shop", "no_source")
    write_source_status(loader.warehouse, renamed, contracts, ["finance.orders"])
    assert statuses(loader)["finance.orders"] == ("store", "no_source")
