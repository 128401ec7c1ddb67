"""The rendered documents: whole, safe, linked, and the same bytes for the same facts."""

import itertools
import json
import re
from copy import deepcopy
from datetime import date
from html.parser import HTMLParser
from typing import Any

import duckdb
import pytest
from markdown_it import MarkdownIt

from pipeline.report.render import render
from pipeline.report.render.charts import spark_text, sparkline

VOID = {"meta", "link", "br", "hr", "img", "input"}
DRAWN = {"path", "line", "rect", "circle", "polyline"}


class Page(HTMLParser):
    """Reads a page and keeps its tags; every tag must be closed where it belongs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


@pytest.fixture(scope="module")
def files(october: dict[str, Any]) -> dict[str, str]:
    return render(october, "en")


@pytest.fixture(scope="module")
def page(files: dict[str, str]) -> Page:
    return Page(files["summary.html"])


def test_the_same_facts_give_the_same_bytes(october: dict[str, Any], files: dict[str, str]) -> None:
    assert render(json.loads(json.dumps(october)), "en") == files


def test_rendering_changes_nothing_in_the_document(october: dict[str, Any]) -> None:
    before = deepcopy(october)
    render(october, "en")
    assert october == before


def test_every_number_leads_to_its_provenance(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    targets = {str(attributes["href"])[1:] for attributes in page.all("a")}
    assert len(ids) == len(set(ids))
    assert targets <= set(ids)
    shown = [attributes for attributes in page.all("a") if attributes.get("class") == "n"]
    assert len(shown) > 100


def test_the_page_asks_nothing_of_the_network(files: dict[str, str], page: Page) -> None:
    assert all(str(attributes["href"]).startswith("#") for attributes in page.all("a"))
    assert not page.all("link", "script", "img", "iframe")
    assert not re.search(r"url\(|@import|https?:", files["summary.html"])


def test_the_page_is_readable_without_eyes(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all("scope" in attributes for attributes in page.all("th"))
    for tag, attributes in page.tags:
        if attributes.get("role") == "img":
            assert attributes.get("aria-label"), tag


def test_sections_stand_in_their_order(page: Page) -> None:
    sections = [attributes["aria-labelledby"] for attributes in page.all("section")]
    assert sections == ["data", "headline", "objectives", "metrics", "trend", "actions", "notes", "annex"]


def test_a_number_that_changes_changes_wherever_it_is_shown(october: dict[str, Any]) -> None:
    changed = deepcopy(october)
    for fact in changed["facts"]:
        if (
            fact["kpi_id"] == "net_revenue"
            and fact["period"] in ("2026-10",)
            and fact["dimension"] == "all"
            and fact["field"] == "value"
        ):
            fact["value"] = 77777.0
    before, after = render(october, "en"), render(changed, "en")
    for name in before:
        old, new = "33,075\u00a0USD", "77,777\u00a0USD"
        assert before[name].count(old) >= 3
        assert old not in after[name]
        assert after[name].count(new) == before[name].count(old)


def test_a_nasty_note_stays_text(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    nasty = '<script>alert("x")</script> | **bold** & [link](http://example.com)\n# no heading\n- no list'
    shop.execute("update marts.dim_notes set text = ?, author = ? where note_id = 'N-1'", [nasty, "O'Neil | <b>李</b>"])
    rendered = render(summarise(shop, "2026-10"), "en")
    page = Page(rendered["summary.html"])
    assert not page.all("script", "b")
    assert nasty in page.text
    tokens = MarkdownIt("commonmark").enable("table").parse(rendered["summary.md"])
    inline = [child for token in tokens if token.type == "inline" for child in token.children or []]
    assert not [child for child in inline if child.type in ("html_inline", "link_open")]
    assert not [token for token in tokens if token.type == "html_block"]
    assert any("# no heading - no list" in child.content for child in inline)
    assert [token.content for token in tokens if token.type == "inline" and "no heading" in token.content]


def test_names_in_any_script_and_with_pipes_keep_the_tables_whole(
    shop: duckdb.DuckDBPyConnection, summarise: Any
) -> None:
    shop.execute(
        "update marts.dim_actions set title = 'Кампания | 双十一 <i>', owner = 'Größe' where action_id = 'A-18'"
    )
    shop.execute("update ops.company set name = 'Café & 商店'")
    rendered = render(summarise(shop, "2026-10"), "en")
    assert "Café &amp; 商店" in rendered["summary.html"]
    assert "Кампания | 双十一 &lt;i&gt;" in rendered["summary.html"]
    tables = MarkdownIt("commonmark").enable("table").parse(rendered["summary.md"])
    cells = [tables[place + 1].content for place, token in enumerate(tables) if token.type == "td_open"]
    assert r"A-18 Кампания | 双十一 \<i\>" in cells
    assert "Größe" in cells


def test_nothing_measured_at_all(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    for table in ("kpis.kpi_values", "kpis.kpi_scorecard", "marts.dim_notes", "marts.dim_actions", "ops.loads"):
        shop.execute(f"delete from {table}")
    rendered = render(summarise(shop, "2026-10"), "en")
    assert "None of the headline KPIs has a value for October 2026." in rendered["summary.md"]
    sections = [attributes["aria-labelledby"] for attributes in Page(rendered["summary.html"]).all("section")]
    assert sections == ["data", "headline", "metrics", "annex"]


def test_an_empty_catalogue_too(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    for table in (
        "kpis.kpi_values",
        "kpis.kpi_scorecard",
        "kpis.kpi_catalog",
        "ops.headline",
        "ops.source_status",
        "ops.reconciliation",
    ):
        shop.execute(f"delete from {table}")
    Page(render(summarise(shop, "2026-10"), "en")["summary.html"])


def test_a_kpi_without_target_has_no_goal(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    shop.execute(
        "update kpis.kpi_scorecard set target = null, attainment = null, is_met = null where kpi_id = 'orders'"
    )
    text = render(summarise(shop, "2026-10"), "en")["summary.md"]
    objectives, metrics = text.split("## Key metrics")[0].split("## Objectives")[1], text.split("## Key metrics")[1]
    assert "| Orders |" not in objectives
    assert re.search(r"\| Orders \| 557 \| – \| – \| \+1\.6% \|", metrics)


def test_the_first_period_has_nothing_to_compare_with(seeded: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    text = render(summarise(seeded, "2024-09"), "en")["summary.md"]
    assert re.search(r"\| Orders \| \d+ \| \d+ \| [\d.]+% \| – \| – \|", text)


def test_a_running_period_is_open_and_judges_nothing(seeded: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    document = summarise(seeded, "2026-11")
    document["edition"] |= {"number": None, "made_at": None}
    text = render(document, "en")["summary.md"]
    assert "Draft: the period is still open" in text
    assert "up to 4 November 2026" in text
    assert "| met |" not in text
    assert "| missed |" not in text
    assert "| open |" in text


def test_negative_zero_and_missing_values(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    here = "grain = 'month' and period = '2026-10' and dimension = 'all'"
    derived = ", attainment = null, is_met = null, change = null, year_ago_change = null"
    for table, more in (("kpi_values", ""), ("kpi_scorecard", derived)):
        shop.execute(
            f"update kpis.{table} set value = -1250.5, numerator = -1250.5 where kpi_id = 'net_revenue' and {here}"
        )
        shop.execute(f"update kpis.{table} set value = 0, numerator = 0 where kpi_id = 'orders' and {here}")
        shop.execute(
            f"update kpis.{table} set value = null, numerator = 0, denominator = 0 {more} "
            f"where kpi_id = 'session_conversion_rate' and {here}"
        )
    text = render(summarise(shop, "2026-10"), "en")["summary.md"].replace("\u00a0", " ")
    assert "| Net revenue | −1,250 USD |" in text
    assert "| Orders | 0 |" in text
    assert "| Session conversion rate | no cases |" in text
    assert "- Session conversion rate: Nothing to divide by: there were no cases." in text


def test_a_stale_source_marks_every_number_that_rests_on_it(page: Page, files: dict[str, str]) -> None:
    assert "Won amount *(source stale)* *(to 23 Oct)*" in files["summary.md"]
    assert page.text.count("source stale") == 2 + 3


def test_restated_numbers_are_named(october: dict[str, Any]) -> None:
    change = {
        "fact_id": "metrics/orders/month/2026-10/all/all/value", "section": "metrics", "kpi_id": "orders",
        "grain": "month", "period": "2026-10", "dimension": "all", "member": "all", "field": "value", "unit": "count",
        "old": {"value": 550.0, "text_value": None}, "new": {"value": 557.0, "text_value": None},
        "because": "definition",
    }  # fmt: skip
    earlier = [{"number": 1, "made_at": "2026-11-04", "restated": 0}]
    edition = {"number": 2, "made_at": "2026-11-09", "identity": "0" * 64, "restated": [change], "earlier": earlier}
    rendered = render(october | {"edition": edition}, "en")
    assert "Replaces edition 1 of 4 November 2026; facts restated: 1" in rendered["summary.md"]
    text = " ".join(Page(rendered["summary.html"]).text)
    assert re.search(r"Key metrics: Orders\s+value, October 2026\s+550\s+557\s+definition", text)


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([1.0, 2.0, 8.0], "▁▂█"),
        ([3.0, 3.0], "▅▅"),
        ([None, 1.0, None, 2.0], " ▁ █"),
        ([-2.0, 0.0, 2.0], "▁▅█"),
        ([], ""),
        ([None, None], "  "),
    ],
)
def test_small_charts_as_characters(values: list[float | None], bars: str) -> None:
    assert spark_text(values).replace("▄", "▅") == bars


def test_small_charts_leave_gaps() -> None:
    chart = sparkline([1.0, 2.0, None, 4.0, None, 3.0, 5.0])
    assert [len(line.split()) for line in chart["lines"]] == [2, 2]
    assert len(chart["dots"]) == 1
    assert sparkline([None, None])["last"] is None


def test_the_day_an_edition_was_made_is_shown_as_given(october: dict[str, Any], files: dict[str, str]) -> None:
    assert "Edition 1, 5 November 2026" in files["summary.md"]
    assert date.fromisoformat(october["edition"]["made_at"]) == date(2026, 11, 5)
