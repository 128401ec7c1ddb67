"""Arrays within rows, rows that are one, expressions that fail: what an entity gets of them, and that it all adds up."""

import json

from tests.contracts.clean.test_outcomes import outcomes
from tests.deliveries import Loader, make_feed

LINES = {
    "order_line_id": "each->>'id'",
    "order_id": "ord",
    "quantity": "each->>'n'",
    "unit_price": "each->>'price'",
    "amount": "each->>'total'",
    "currency": "'USD'",
}
ACCOUNTS = {"account_id": "who", "name": "who", "industry": "sector"}
READ = ("read", "clean", "quarantined", "duplicate", "superseded", "not_for_entity")


def line(id_: str, total: object = 4) -> dict[str, object]:
    return {"id": id_, "n": 1, "price": total, "total": total}


def table(*cells: object) -> str:
    """Orders 1, 2, … each with one cell of lines: JSON of a list, or a text as it is."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in cells]
    return "\n".join(["ord | lines", *(f"{number} | {cell}" for number, cell in enumerate(texts, 1))])


def counted(loader: Loader) -> tuple[int, ...]:
    return tuple(outcomes(loader)[name] for name in READ)


def many(count: int) -> list[dict[str, object]]:
    """Sound lines that keep a bad row below the share that refuses a delivery."""
    return [line(f"m{number}") for number in range(count)]


def test_every_element_is_a_row_beside_the_columns_of_its_own(loader: Loader) -> None:
    loader.load(table([line("a"), line("b", 2.5)], [line("c")]), make_feed("finance.order_lines", LINES, each="lines"))
    assert loader.rows("select order_line_id, order_id, amount::varchar, _source_row from clean.finance__order_lines order by 1") == [
        ("a", "1", "4.0000", 1), ("b", "1", "2.5000", 1), ("c", "2", "4.0000", 2),
    ]  # fmt: skip
    ids = [row[0].split("-", 1)[1] for row in loader.rows("select _row_id from clean.finance__order_lines order by 1")]
    assert ids == ["1-1", "1-2", "2-1"]


def test_nothing_gives_no_rows_and_counts_none(loader: Loader) -> None:
    loader.load(table([line("a")], "", "[]", "null", " "), make_feed("finance.order_lines", LINES, each="lines"))
    assert counted(loader) == (1, 1, 0, 0, 0, 0)


def test_what_is_no_array_is_one_row_in_quarantine(loader: Loader) -> None:
    cells = ['{"id": "x"}', '"x"', "7", "[1,", "plain text"]
    loader.load(table(many(600), *cells), make_feed("finance.order_lines", LINES, each="lines"))
    assert counted(loader) == (605, 600, 5, 0, 0, 0)
    found = loader.rows("select rule, reason, raw from quarantine.rows order by source_row")
    assert [json.loads(raw)["lines"] for _, _, raw in found] == cells
    assert {(rule, "lines gives no JSON array" in reason) for rule, reason, _ in found} == {("each:not_an_array", True)}
    assert loader.rows("select rows_unexpected from ops.check_results where rule = 'each:not_an_array'") == [(5,)]


def test_an_element_of_another_kind_is_judged_like_any_row(loader: Loader) -> None:
    loader.load(table([*many(200), None, 7]), make_feed("finance.order_lines", LINES, each="lines"))
    assert counted(loader) == (202, 200, 2, 0, 0, 0)
    assert {rule for (rule,) in loader.rows("select rule from quarantine.rows")} == {"required:order_line_id"}


def test_where_judges_elements(loader: Loader) -> None:
    feed = make_feed("finance.order_lines", LINES, each="lines", where="each->>'kind' is distinct from 'tip'")
    loader.load(table([line("a"), line("b") | {"kind": "tip"}]), feed)
    assert counted(loader) == (2, 1, 0, 0, 0, 1)


def test_no_array_of_a_row_that_is_surely_for_another_entity_is_left_alone(loader: Loader) -> None:
    loader.load(table([line("a")], "oops"), make_feed("finance.order_lines", LINES, each="lines", where="ord <> '2'"))
    assert counted(loader) == (2, 1, 0, 0, 0, 1)


def test_repeated_elements_are_duplicates_and_money_adds_up(loader: Loader) -> None:
    loader.load(table([line("a"), line("a")], [line("b")]), make_feed("finance.order_lines", LINES, each="lines"))
    assert counted(loader) == (3, 2, 0, 1, 0, 0)
    compared = loader.rows(
        "select split_part(check_id, '/', -1), left_value, is_within from ops.reconciliation order by 1"
    )
    assert compared == [("amount", 12, True), ("rows", 3, True), ("unit_price", 12, True)]


def test_a_source_column_of_the_same_name_gives_way(loader: Loader) -> None:
    said = table([line("a")]).replace("lines", "each")
    assert loader.load(said, make_feed("finance.order_lines", LINES, each="each")).status == "loaded"
    assert counted(loader) == (1, 1, 0, 0, 0, 0)


def test_objects_and_lists_can_be_taken_apart_too(loader: Loader) -> None:
    columns = {"product_id": "each->>'key'", "name": "each->>'key'", "unit_cost": "each->>'value'"}
    loader.load('rates\n{"EUR": 0.9, "GBP": 0.8}', make_feed("finance.products", columns, each="entries(rates)"))
    loader.load(
        "rates\nJPY;SEK",
        make_feed(
            "finance.products",
            columns | {"product_id": "each->>'$'", "name": "each->>'$'"},
            each="to_json(string_split(rates, ';'))",
        ),
        file="list.csv",
    )
    assert loader.rows("select product_id from clean.finance__products order by 1") == [
        ("EUR",),
        ("GBP",),
        ("JPY",),
        ("SEK",),
    ]


DEALS = "who | sector | deal\nAcme | metal | 1\nAcme | metal | 2\nAcme | metal | 3\nBolt | wood | 4\n | wood | 5"


def test_rows_alike_in_all_mapped_columns_are_one_and_no_duplicates(loader: Loader) -> None:
    loader.load(DEALS, make_feed("crm.accounts", ACCOUNTS, distinct=True, where="who <> ''"))
    assert counted(loader) == (3, 2, 0, 0, 0, 1)
    assert loader.rows("select account_id, _source_row from clean.crm__accounts order by 1") == [
        ("Acme", 1),
        ("Bolt", 4),
    ]


def test_rows_that_differ_stay_a_conflict(loader: Loader) -> None:
    many_more = "\n".join(f"Firm {number} | wood | 0" for number in range(300))
    loader.load(
        f"{DEALS}\nAcme | Metals | 6\n{many_more}",
        make_feed("crm.accounts", ACCOUNTS, distinct=True, where="who <> ''"),
    )
    assert counted(loader) == (304, 301, 2, 0, 0, 1)


def test_an_expression_that_fails_on_a_row_quarantines_that_row_alone(loader: Loader) -> None:
    columns = {
        "order_id": "id", "status": "details->>'state'", "order_date": "'2031-03-01'", "currency": "'USD'",
        # What stands twice DuckDB works out once, and outside of the TRY around the expression
        "amount": "case when cast(total as decimal(9, 2)) > 0 then cast(total as decimal(9, 2)) * 2 end",
    }  # fmt: skip
    good = [f'{number} | 5.00 | {{"state": "paid"}} | 1' for number in range(400)]
    bad = ['a | five | {"state": "paid"} | 1', 'b | 5.00 | {"state": | 1', 'c | 5.00 | {"state": "paid"} | one']
    text = "\n".join(["id | total | details | shop", *good, *bad])
    loader.load(text, make_feed("finance.orders", columns, where="cast(shop as integer) = 1"))
    assert counted(loader) == (403, 400, 3, 0, 0, 0)
    found = loader.rows("select rule, reason from quarantine.rows order by source_row")
    assert [rule for rule, _ in found] == ["mapping:amount", "mapping:status", "mapping:where"]
    assert all(columns.get(rule.split(":")[1], "cast(shop as integer) = 1") in reason for rule, reason in found)
