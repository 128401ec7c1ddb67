"""Data Docs pages: what they show, and what they must not."""

import datetime
import re
from pathlib import Path
from typing import Any

from pipeline.contracts import Contract
from pipeline.validate import RuleResult, SuiteResult, write_data_docs

AT = datetime.datetime.fromisoformat("2031-03-01 10:30:00")
RULES: list[dict[str, Any]] = [
    {"expect_column_values_to_be_in_set": {"column": "status", "value_set": ["<b>open</b>", "won"]}},
    {"expect_column_values_to_be_in_set": {"column": "status", "value_set": {"$PARAMETER": "kpi_ids"}}},
    {"expect_column_mean_to_be_between": {"column": "amount", "min_value": 0}},
    {"unexpected_rows_expectation": {"unexpected_rows_query": "select _row_id from {batch} where amount < 0"}},
]


def contract(entity: str = "shop.things", rules: list[dict[str, Any]] = RULES) -> Contract:
    kinds = {"id": "text", "status": "text", "amount": "money"}
    columns = {name: {"type": kind, "description": "A column."} for name, kind in kinds.items()}
    ends = {"severity": "critical", "on_failure": "warn", "reason": "a fourth status & more would vanish"}
    data = {"entity": entity, "row": "One row per thing.", "key": ["id"], "columns": columns}
    return Contract.model_validate({**data, "expectations": [{**rule, **ends} for rule in rules]})


def suite(of: Contract, *, failed: int = 2, batch: str = "orders.csv") -> SuiteResult:
    results = [
        RuleResult(
            rule=one.rule, expectation=one.expectation, column=one.column, severity=one.severity,
            on_failure=one.on_failure, reason=one.reason, is_success=number >= failed, rows_checked=200,
            rows_unexpected=7 if number < failed else 0, bad_rows_query=None,
            observed="12.5" if "mean" in one.expectation else None,
        )
        for number, one in enumerate(of.expectations)
    ]  # fmt: skip
    return SuiteResult(of, batch, AT, results)


def text(page: Path) -> str:
    """What a reader sees."""
    body = re.sub(r"<style.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_page_shows_verdicts_counts_and_reasons(tmp_path: Path) -> None:
    index = write_data_docs([suite(contract())], tmp_path)
    assert index == tmp_path / "index.html"
    seen = text(tmp_path / "shop.things.html")
    for expected in (
        "critical, warn: a fourth status &amp; more would vanish",
        "7 of 200 rows",
        "values must belong to this set: &lt;b&gt;open&lt;/b&gt; won",
        "7 unexpected values found. 3.5% of 200 total rows.",
        "mean must be greater than or equal to 0 . 12.5",
        "select _row_id from {batch} where amount &lt; 0",
        "Evaluated Expectations 4 Successful Expectations 2",
        "Run Name orders.csv",
        "2031-03-01T10:30:00Z",
    ):
        assert expected in seen


def test_pages_load_nothing_and_link_only_one_another(tmp_path: Path) -> None:
    write_data_docs([suite(contract())], tmp_path)
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert set(pages) == {"index.html", "shop.things.html"}
    for page in pages.values():
        assert not re.search(r"https?://|<script|<link|<img|<b>open", page)
        assert set(re.findall(r'href="([^"#]+)"', page)) <= set(pages)


def test_the_index_keeps_suites_of_earlier_runs(tmp_path: Path) -> None:
    write_data_docs([suite(contract("shop.things")), suite(contract("crm.deals"), batch="deals 1.csv")], tmp_path)
    earlier = (tmp_path / "shop.things.html").read_bytes()
    write_data_docs([suite(contract("crm.deals"), failed=0, batch="deals 2.csv")], tmp_path)
    assert (tmp_path / "shop.things.html").read_bytes() == earlier
    assert text(tmp_path / "index.html") == (
        "Data Docs Data Docs suite batch validated at rows rules failed "
        "crm.deals deals 2.csv 2031-03-01 10:30 UTC 200 4 0 "
        "shop.things orders.csv 2031-03-01 10:30 UTC 200 4 2"
    )


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_data_docs([suite(contract())], tmp_path / folder)
    for name in ("index.html", "shop.things.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_broken_index_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("{half", encoding="utf-8")
    write_data_docs([suite(contract())], tmp_path)
    assert "shop.things orders.csv" in text(tmp_path / "index.html")


def test_a_suite_without_rules_and_a_run_without_suites_have_their_pages(tmp_path: Path) -> None:
    write_data_docs([], tmp_path)
    write_data_docs([suite(contract(rules=[]))], tmp_path)
    assert "shop.things orders.csv 2031-03-01 10:30 UTC 0 0 0" in text(tmp_path / "index.html")
