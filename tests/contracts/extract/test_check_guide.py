"""`ops-summary check` guides: what it sees of an export, what is wrong with it, and the option that helps."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import ConfigurationError
from pipeline.operate.check import checked, exports_seen
from pipeline.operate.check_export import Seen
from pipeline.operate.check_words import export_lines
from pipeline.operate.project import Project, load_project
from pipeline.settings import load_settings

COLUMNS = {
    "order_id": "No",
    "status": "State",
    "order_date": "Day",
    "amount": "Total",
    "currency": "'EUR'",
}
HEAD = "No,State,Day,Total"
GOOD = f"{HEAD}\n1,paid,2026-05-13,10.50\n2,paid,2026-05-14,7\n"


def project(folder: Path, files: dict[str, str], columns: dict[str, str] = COLUMNS, **export: Any) -> Project:
    """A company whose one source delivers these files."""
    (folder / "exports").mkdir()
    for name, content in files.items():
        (folder / "exports" / name).write_text(content, encoding="utf-8")
    options = {name: export.pop(name) for name in ("where", "each", "deleted") if name in export}
    entities = {export.pop("entity", "finance.orders"): {"columns": columns} | options}
    said = {"exports": {"sales": {"files": "*.csv", "entities": entities} | export}}
    (folder / "shop.yml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    sources = {
        "company": {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"},
        "headline": ["net_revenue"],
        "sources": {"shop": {"connector": "./shop.yml", "location": "exports"}},
    }
    (folder / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    return load_project(load_settings(sources=folder / "sources.yml", data_dir=folder / "data", as_of="2031-04-01"))


def seen(folder: Path, content: str, columns: dict[str, str] = COLUMNS, **export: Any) -> Seen:
    (one,) = exports_seen(project(folder, {"may.csv": content}, columns, **export))
    return one


def orders(*rows: str) -> str:
    return "\n".join([HEAD, *rows, ""])


# name: (rows, the mistake in short, what to do)
HELPED = {
    "an amount with a comma": (
        orders("1,paid,2026-05-13,\"1.204,50\"", '2,paid,2026-05-13,"9,90"'),
        'finance.orders: amount is no money; found "1.204,50", and so on: 2 of 2 values',
        'say read: {decimal: ","} in exports.sales of ./shop.yml; all 2 values are read so'),
    "thousands that may be decimals": (
        orders('1,paid,2026-05-13,"1,204"', "2,paid,2026-05-13,5.50"),
        'amount is no money; found "1,204", and so on: 1 of 2 values', 'say read: {thousands: ","} in'),
    "a day first": (
        orders("1,paid,13/05/2026,1", "2,paid,02/05/2026,1"),
        'order_date is no date; found "13/05/2026", and so on: 2 of 2 values', 'say read: {dates: ["%d/%m/%Y"]} in'),
    "a month first, two digits of a year": (
        orders("1,paid,5/13/26,1", "2,paid,5/2/26,1"),
        'order_date is no date; found "5/13/26"', 'say read: {dates: ["%m/%d/%y"]} in'),
    "a day or a month first": (
        orders("1,paid,01/05/2026,1", "2,paid,02/05/2026,1"),
        "order_date is no date",
        'say read: {dates: ["%d/%m/%Y"]} or read: {dates: ["%m/%d/%Y"]} in exports.sales of ./shop.yml; all 2 values are read so either way, so you have'),
    "a time of twelve hours": (
        orders("1,paid,05/13/2026 11:20 PM,1", "2,paid,05/02/2026 1:05 AM,1"),
        "order_date is no date", 'say read: {timestamps: ["%m/%d/%Y %I:%M %p"]} in'),
    "milliseconds since 1970": (
        orders("1,paid,1778630400000,1", "2,paid,1778630460000,1"),
        "order_date is no date", 'say read: {timestamps: ["epoch_ms"]} in'),
    "a word for nothing": (
        orders("1,paid,2026-05-13,n/a", "2,paid,2026-05-13,5.50"),
        'amount is no money; found "n/a", and so on: 1 of 2 values', 'say read: {null: ["", "n/a"]} in'),
    "no one form": (
        orders("1,paid,13/05/2026,1", "2,paid,05/13/2026,1"),
        'order_date is no date; found "13/05/2026" may be day or month first',
        "correct order_date in exports.sales of ./shop.yml, or what its read: says"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "what", "action"), HELPED.values(), ids=HELPED)
def test_values_that_are_none_are_told_with_the_option_that_reads_them(
    tmp_path: Path, content: str, what: str, action: str
) -> None:
    (mistake,) = seen(tmp_path, content).mistakes
    assert str(mistake).startswith("may.csv, row 1: finance.orders: ")
    assert what in str(mistake)
    assert f"to do: {action}" in str(mistake)


def test_an_option_that_would_read_another_column_otherwise_is_not_proposed(tmp_path: Path) -> None:
    columns = COLUMNS | {"updated_at": "Changed"}
    text = "No,State,Day,Changed,Total\n1,paid,2026-05-13,1778630400,1\n2,paid,2026-05-14,1778630460,2\n"
    (mistake,) = seen(tmp_path, text, columns).mistakes
    assert mistake.action.startswith('say read: {timestamps: ["epoch_s"]} in')
    (tmp_path / "other").mkdir()
    # As seconds since 1970 this is a day in August of that year
    (mistake,) = seen(tmp_path / "other", text.replace("2026-05-14", "20260514"), columns).mistakes
    assert mistake.action.startswith("correct updated_at in exports.sales")


def test_every_column_is_judged_for_itself(tmp_path: Path) -> None:
    content = orders('1,paid,13/05/2026,"1,50"', '2,paid,14/05/2026,"2,50"')
    told = [(one.what, one.action.split(" in ")[0]) for one in seen(tmp_path, content).mistakes]
    assert told == [
        ("finance.orders: amount is no money", 'say read: {decimal: ","}'),
        ("finance.orders: order_date is no date", 'say read: {dates: ["%d/%m/%Y"]}'),
    ]


def test_what_is_missing_says_how_rows_are_left_out(tmp_path: Path) -> None:
    (mistake,) = seen(tmp_path, f"{GOOD}Sum,,,17.50\n").mistakes
    assert str(mistake).startswith(
        "may.csv, row 3: finance.orders: status is missing; found 1 of 3 rows; expected at most 1%"
    )
    assert "left out by where, a last line of sums by read: {footer: …}" in mistake.action
    (tmp_path / "two").mkdir()
    (mistake,) = seen(tmp_path / "two", orders("1,paid,,10", "2,paid,2026-05-13,5")).mistakes
    assert "order_date is missing" in mistake.what
    assert "footer" not in mistake.action


def test_a_required_column_that_nothing_is_mapped_to_is_a_mistake_and_others_are_hints(tmp_path: Path) -> None:
    less = {name: sql for name, sql in COLUMNS.items() if name not in ("amount", "order_date")}
    found = seen(tmp_path, GOOD.replace("Total", "Amount €"), less)
    assert [(one.what, one.expected.split(":")[0]) for one in found.mistakes] == [
        ("a required column is not mapped", "order_date"),
        ("a required column is not mapped", "amount"),
    ]
    assert found.mistakes[0].action == "map it, or ordered_at, which it follows from"
    assert found.mistakes[1].action == "map it; 'Amount €' is left over, and has a like name"
    assert found.hints[0].startswith(
        "finance.orders has further columns, which may stay unmapped: customer_id, session_id"
    )


def test_an_expression_that_is_none_is_told_once_and_with_the_files_columns(tmp_path: Path) -> None:
    made = project(
        tmp_path, {"may.csv": GOOD.replace("Total", "Order Total")}, COLUMNS | {"amount": "number(Order Totl)"}
    )
    (mistake,) = checked(made).mistakes
    assert mistake.what == "this is not an SQL expression"
    assert "'Order Total' is the nearest there is" in mistake.action


def test_an_expression_that_may_not_run_is_run_on_no_file(tmp_path: Path) -> None:
    made = project(
        tmp_path, {"may.csv": GOOD}, COLUMNS | {"amount": "(select content from read_text('/etc/hostname'))"}
    )
    (mistake,) = checked(made).mistakes
    assert mistake.what == "a mapping may not query anything"


def test_a_mistake_of_many_files_is_told_of_the_first(tmp_path: Path) -> None:
    files = {f"{month}.csv": orders(f"1,paid,2026-05-13,{month}x") for month in (1, 2, 10)}
    made = project(tmp_path, files | {"3.csv": GOOD})
    (mistake,) = checked(made).mistakes
    assert mistake.where == "1.csv, row 1 (and 2 more like it)"


def test_an_encoding_is_told_as_a_run_would(tmp_path: Path) -> None:
    made = project(tmp_path, {})
    (tmp_path / "exports" / "may.csv").write_bytes(GOOD.replace("paid", "bezahlt für München").encode("cp1252"))
    (mistake,) = checked(made).mistakes
    assert (mistake.what, mistake.where) == ("a byte cannot be decoded", "may.csv, line 2, byte 30")
    assert "set read.encoding" in mistake.action


def test_a_source_is_told_with_its_files_columns_and_what_they_become(tmp_path: Path) -> None:
    text = "Of May;x\n\nNo;State;E-Mail;Contact;Opened;Phone;Rest\n13812345678;open;a@example.com;b@example.com;2026-05-13 10:00;+49 30 1234567;\n"
    columns = {"lead_id": "No", "status": "lower(State)", "created_at": "Opened", "email": "E-Mail"}
    files = {"leads_2.csv": text, "leads_10.csv": text + "2;open;;;2026-05-14 10:00;;\n"}
    options = {"entity": "crm.leads", "read": {"skip": 2}, "where": "State <> 'none'"}
    (one,) = exports_seen(project(tmp_path, files, columns, **options))
    assert one.mistakes == ()
    lines = list(export_lines(one))
    assert lines[:11] == [
        "shop.sales to crm.leads",
        "  files    2 files, the newest leads_10.csv",
        "  read as  csv, utf-8, ';' between cells, header in line 3 after 2 lines of preamble",
        "  columns  7 columns in 2 rows looked at",
        "    No       13812345678       lead_id",
        "    State    open              status, where",
        "    E-Mail   •••               email",
        "    Contact  •••               not mapped",
        "    Opened   2026-05-13 10:00  created_at",
        "    Phone    •••               not mapped",
        "    Rest                       not mapped",
    ]


def test_the_command_tells_of_all_sources_in_short_and_of_one_in_full(tmp_path: Path) -> None:
    made = project(tmp_path, {"may.csv": GOOD})
    said = ["check", "--sources", str(made.settings.sources)]
    short = CliRunner().invoke(app, said)
    assert (short.exit_code, short.output.splitlines()) == (
        0,
        ["shop: 1 file to finance.orders: all well", "all well: 1 sources, 1 mappings to 1 entities"],
    )
    full = CliRunner().invoke(app, [*said, "--source", "shop"])
    assert full.output.splitlines()[:2] == ["shop.sales to finance.orders", "  files    1 file, the newest may.csv"]
    (tmp_path / "exports" / "may.csv").write_text(GOOD.replace("10.50", "much"))
    wrong = CliRunner().invoke(app, said)
    assert wrong.output.splitlines() == ["shop: 1 file to finance.orders: 1 mistake"]
    assert isinstance(wrong.exception, ConfigurationError)
    unknown = CliRunner().invoke(app, [*said, "--source", "shpo"])
    assert "sources.yml, sources: no such source; found shpo; expected one of shop" in str(unknown.exception)


def test_a_few_values_that_would_go_to_quarantine_are_a_hint(tmp_path: Path) -> None:
    rows = [f"{number},paid,2026-05-13,{number}.50" for number in range(1, 200)]
    found = seen(tmp_path, orders(*rows, "200,paid,2026-05-13,much"))
    assert found.mistakes == ()
    assert 'finance.orders.amount: 1 of 200 values would not be read: "much" is no number' in found.hints
