"""`ops-summary draft` proposes a connector for a file; read as YAML, with its comments resolved, check accepts it."""

from pathlib import Path

import pytest
import yaml

from pipeline.contracts import Contracts
from pipeline.errors import ConfigurationError
from pipeline.operate.check import export_mistakes
from pipeline.operate.draft import draft_of
from pipeline.operate.draft_words import draft_lines, export_name, pattern
from pipeline.operate.project import load_project
from pipeline.settings import load_settings
from tests.unit.extract.workbooks import book

SALES = """Corner Cafe;Report of May

Order ID;Ordered at;Customer Id;Status;Amount €;Country;Till
1001;13/05/2026 08:14;C-17;paid;1.204,50;DE;Köln Süd
1002;02/05/2026 09:30;;paid;9,90;DE;München, Höhe Großmarkthalle
Summe;;;;1.214,40;;
"""


def drafted(folder: Path, contracts: Contracts, file: str, content: bytes, entity: str = "finance.orders") -> str:
    (folder / "exports").mkdir()
    (folder / "exports" / file).write_bytes(content)
    return "\n".join(draft_lines(draft_of(folder / "exports" / file, entity, contracts))) + "\n"


def mistakes(folder: Path, connector: str) -> list[str]:
    (folder / "shop.yml").write_text(connector, encoding="utf-8")
    said = {
        "company": {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"},
        "headline": ["net_revenue"],
        "sources": {"shop": {"connector": "./shop.yml", "location": "exports"}},
    }
    (folder / "sources.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return [str(one) for one in export_mistakes(load_project(load_settings(sources=folder / "sources.yml")))]


def test_a_draft_is_a_connector_once_its_comments_are_resolved(tmp_path: Path, contracts: Contracts) -> None:
    draft = drafted(tmp_path, contracts, "sales_2026-05.csv", SALES.encode("cp1252"))
    (export,) = yaml.safe_load(draft)["exports"].values()
    assert export == {
        "files": "sales_*.csv",
        "read": {
            "encoding": "cp1252",
            "header": ["Order ID", "Ordered at"],
            "footer": "^Summe",
            "timestamps": ["%d/%m/%Y %H:%M"],
            "decimal": ",",
        },
        "entities": {
            "finance.orders": {
                "columns": {
                    "order_id": "Order ID",
                    "customer_id": "Customer Id",
                    "status": "Status",
                    "ordered_at": "Ordered at",
                    "amount": '"Amount €"',
                    "country": "Country",
                }
            }
        },
    }
    comments = [line.strip() for line in draft.splitlines() if line.strip().startswith("#")]
    assert "# columns of the file not mapped: Till" in comments
    assert "# order_date follows from ordered_at" in comments
    (required,) = [line for line in comments if line.startswith("# required: ")]
    assert required.startswith("# required: currency: the column that holds it, or a constant such as \"'USD'\".")
    (missing,) = mistakes(tmp_path, draft)
    assert "a required column is not mapped; expected currency: ISO 4217 code" in missing
    resolved = draft.replace(required, "currency: \"'EUR'\"")
    assert mistakes(tmp_path, resolved) == []


def test_what_the_values_do_not_tell_is_said(tmp_path: Path, contracts: Contracts) -> None:
    text = "order_id,order_date,status,amount,currency\n1,01/02/2026,paid,1.50,EUR\n2,03/04/2026,paid,2,EUR\n"
    draft = drafted(tmp_path, contracts, "orders.csv", text.encode())
    assert yaml.safe_load(draft)["exports"]["orders"]["read"] == {"dates": ["%d/%m/%Y"]}
    assert "order_date: order_date  # or dates: ['%m/%d/%Y']: the values do not tell" in draft
    assert mistakes(tmp_path, draft) == []


def test_a_workbook_and_lines_of_json_are_drafted_too(tmp_path: Path, contracts: Contracts) -> None:
    content = book(("Order Id", "Status", "Amount", "Currency", "Order Date"), (1, "paid", 2.5, "EUR", "2026-05-01"))
    draft = drafted(tmp_path, contracts, "orders 20260501.xlsx", content)
    assert mistakes(tmp_path, draft) == []
    (tmp_path / "more").mkdir()
    lines = b'{"order_id": "1", "status": "paid", "amount": 2.5, "currency": "EUR", "order_date": "2026-05-01"}\n'
    draft = drafted(tmp_path / "more", contracts, "orders.ndjson", lines)
    assert mistakes(tmp_path / "more", draft) == []


def test_a_like_name_over_other_values_is_not_proposed(tmp_path: Path, contracts: Contracts) -> None:
    text = "order_id,order_date,status,amount,currency\n1,soon after 7,paid,1.50,EUR\n2,later than 9,paid,2,EUR\n"
    draft = drafted(tmp_path, contracts, "orders.csv", text.encode())
    assert "order_date" not in yaml.safe_load(draft)["exports"]["orders"]["entities"]["finance.orders"]["columns"]
    assert 'order_date has a like name, but "soon after 7" is no date' in draft


@pytest.mark.parametrize(
    ("file", "expected", "name"),
    [
        ("sales_2026-01.csv", "sales_*.csv", "sales"),
        ("Report 2026-01-31 08.15.00.csv.gz", "Report *.csv.gz", "report"),
        ("20260131.json", "*.json", "export"),
        ("2026.01.31_orders_v2.csv", "*_orders_v2.csv", "orders_v2"),
        ("Export [all] (3).csv", "Export [[]all] (3).csv", "export_all_3"),
        ("销售.csv", "销售.csv", "export"),
    ],
)
def test_a_pattern_keeps_what_stays(file: str, expected: str, name: str) -> None:
    assert (pattern(file), export_name(file)) == (expected, name)


@pytest.mark.parametrize(
    ("file", "entity", "said"),
    [
        ("orders.csv", "finance.order", "--entity: no such entity; found finance.order; expected one of analytics."),
        ("orders.csv", None, "--entity: no such entity; expected one of analytics."),
        ("none.csv", "finance.orders", "none.csv: the file does not exist"),
    ],
)
def test_what_cannot_be_drafted_is_told(
    tmp_path: Path, contracts: Contracts, file: str, entity: str | None, said: str
) -> None:
    (tmp_path / "orders.csv").write_text("id\n1\n")
    with pytest.raises(ConfigurationError) as caught:
        draft_of(tmp_path / file, entity, contracts)
    assert said in str(caught.value)
