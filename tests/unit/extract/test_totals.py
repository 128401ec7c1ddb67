"""What a file states of itself is held against the rows that landed."""

from decimal import Decimal
from typing import Any

import pytest

from pipeline.connector import Read, Total
from pipeline.extract import total_mistakes
from pipeline.extract.totals import as_number
from tests.unit.extract.places import Place, facts

COUNT = {"pattern": r"(\d+) rows", "equals": "count(*)"}
SUM = {"pattern": "Total ([0-9,.-]+)", "equals": "sum(number(b))"}
FILE = "{head}\na,b\n1,1000.25\n2,234.25\n{foot}\n"

# name: (preamble line, footer line, totals, what the file states, what is reckoned)
EQUAL: dict[str, tuple[str, str, list[dict[str, Any]], list[tuple[str | None, str]]]] = {
    "count": ("2 rows", "end", [COUNT], [("2", "2")]),
    "sum, thousands, in the footer": ("of", "end. Total 1,234.50", [SUM], [("1234.50", "1234.5000")]),
    "both": ("2 rows", "end. Total 1234.5", [COUNT, SUM], [("2", "2"), ("1234.5", "1234.5000")]),
    "a full stop after the number": ("of", "end. Total 1,234.50.", [SUM], [("1234.50", "1234.5000")]),
    "within tolerance": ("of", "end. Total 1234.49", [SUM | {"tolerance": 0.01}], [("1234.49", "1234.5000")]),
    "a sum over no rows": ("0 rows", "end", [COUNT | {"equals": "sum(1) filter (where a = '9')"}], [("0", "0")]),
}
READ = {"skip": 1, "footer": "^end"}


@pytest.mark.parametrize(("head", "foot", "totals", "checked"), EQUAL.values(), ids=EQUAL)
def test_totals_that_agree_are_kept(
    place: Place, head: str, foot: str, totals: list[dict[str, Any]], checked: list[tuple[str | None, str]]
) -> None:
    place.put("orders.csv", FILE.format(head=head, foot=foot))
    result = place.land(READ, totals=totals)
    assert ([str(one.error) for one in result.refused], result.notes) == ([], [])
    kept = facts(result.deliveries[0])["totals"]
    assert [(one["stated"], one["reckoned"]) for one in kept] == checked
    assert all(one["is_equal"] for one in kept)


# name: (preamble line, footer line, total, what is found)
UNEQUAL: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "count": ("3 rows", "end", COUNT, "the file states 3, count(*) is 2"),
    "sum": ("of", "end. Total 1,234.51", SUM, "the file states 1234.51, sum(number(b)) is 1234.5000"),
    "beyond tolerance": ("of", "end. Total 1234.4", SUM | {"tolerance": 0.05}, "the file states 1234.4, sum(number(b)) is 1234.5000"),
    "not there": ("of", "end", SUM, "the file states nothing, sum(number(b)) is 1234.5000"),
    "no number": ("of", "end. Total -.-", SUM, "the file states nothing, sum(number(b)) is 1234.5000"),
}  # fmt: skip


@pytest.mark.parametrize(("head", "foot", "total", "found"), UNEQUAL.values(), ids=UNEQUAL)
def test_a_total_that_differs_refuses_or_warns_as_said(
    place: Place, head: str, foot: str, total: dict[str, Any], found: str
) -> None:
    path = place.put("orders.csv", FILE.format(head=head, foot=foot))
    (refusal,) = place.land(READ, totals=[total]).refused
    assert (refusal.error.what, refusal.error.found) == ("the file's own totals do not match its rows", found)
    result = place.land(READ, totals=[total | {"on_failure": "warn"}])
    assert (result.deliveries[0].rows, result.notes) == (2, [f"orders.csv: {found}"])
    assert [one["is_equal"] for one in facts(result.deliveries[0])["totals"]] == [False]
    assert place.land_found([place.head(path)], {**READ, "null": ["-"]}, totals=[total]).refused == []


def test_a_rejected_row_is_missing_from_the_count(place: Place) -> None:
    place.put("orders.csv", "2 rows\na,b\n1,x\n2\n")
    assert place.land({"skip": 1}, totals=[COUNT]).refused[0].error.found == "the file states 2, count(*) is 1"


def test_sql_that_does_not_fit_the_columns_is_the_connectors_fault(place: Place) -> None:
    place.put("orders.csv", "2 rows\na,b\n1,x\n")
    (refusal,) = place.land({"skip": 1}, totals=[COUNT | {"equals": "sum(amount)"}]).refused
    assert refusal.error.what == "a total cannot be reckoned"
    assert 'Referenced column "amount" not found' in refusal.error.found


# (text, decimal, thousands, the number)
NUMBERS = [
    ("66", ".", None, "66"), ("1,234,567.89", ".", None, "1234567.89"), ("1.234,5", ",", None, "1234.5"), ("-5", ".", None, "-5"),
    ("1 234,5", ",", None, "1234.5"), ("1'234.5", ".", "'", "1234.5"), ("1\u00a0234", ".", None, "1234"), ("−3.5", ".", None, "-3.5"),
    ("12,34", ".", None, None), ("x", ".", None, None), ("", ".", None, None), ("1,23456", ".", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "decimal", "thousands", "number"), NUMBERS)
def test_numbers_as_people_write_them(text: str, decimal: Any, thousands: str | None, number: str | None) -> None:
    assert as_number(text, Read(decimal=decimal, thousands=thousands)) == (None if number is None else Decimal(number))


# (SQL, whether it may stand)
EXPRESSIONS = [
    ("count(*)", True), ('sum(number("金额")) filter (where "收/支" = \'支出\')', True), ("max(a) - min(a)", True),
    ("(select count(*) from read_csv('/etc/passwd'))", False), ("sum(a) from other", False), ("1); drop table x; --", False),
    ("max(getenv('HOME'))", False), ("sum(", False),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "is_right"), EXPRESSIONS)
def test_a_total_looks_at_nothing_but_the_rows(place: Place, sql: str, is_right: bool) -> None:
    total = Total(pattern="(x)", equals=sql)
    assert (list(total_mistakes(place.connection, [total], "c.yml")) == []) == is_right
