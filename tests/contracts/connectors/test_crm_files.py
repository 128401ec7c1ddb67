"""Salesforce, HubSpot and Zendesk as they hand out files themselves: flags as 0 and 1, labels, local times, ratings."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.kit import FIXTURES, loaded

SHANGHAI = {"time_zone": "Asia/Shanghai"}
CREATED = "cast(created_date as varchar)"
DAYS = (CREATED, "cast(close_date as varchar)", "cast(expected_close_date as varchar)")


def _changed(folder: Path, connector: str, name: str, old: str, new: str) -> Path:
    """One fixture with one text changed, in a folder of its own."""
    text = (FIXTURES / connector / name).read_text(encoding="utf-8")
    assert old in text
    path = folder / "changed" / name
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder / "changed"


def test_salesforce(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "salesforce",
        FIXTURES / "salesforce",
        company=SHANGHAI,
        parameters={"currency": "EUR"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("account", "crm.accounts") == {"clean": 2, "deleted": 1}
        assert got.clean("crm.accounts", "name", "annual_revenue", CREATED) == [
            ("Nordlicht Systeme", 1200000.0, "2031-01-02"),
            ('Quayside "Retail", Ltd', None, "2031-01-05"),
        ]
        assert got.outcomes("user", "crm.owners") == {"clean": 2}
        assert got.clean("crm.owners", "name", "team") == [("Owner One", "Enterprise"), ("Two", "Retail")]
        assert got.outcomes("lead", "crm.leads") == {"clean": 2, "deleted": 1}
        assert got.clean("crm.leads", "status", "channel", CREATED, "cast(converted_date as varchar)") == [
            ("converted", "paid_search", "2031-01-11", "2031-01-20"),
            ("working", None, "2031-02-01", None),
        ]
        assert got.outcomes("opportunity", "crm.opportunities") == {"clean": 3, "deleted": 1}
        assert got.clean("crm.opportunities", "status", "amount", *DAYS) == [
            ("lost", Decimal(4000), "2031-01-21", "2031-02-20", None),
            ("open", None, "2031-02-01", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "2031-01-21", "2031-02-10", None),
        ]


def test_a_salesforce_flag_that_is_neither_yes_nor_no_is_no_status(tmp_path: Path) -> None:
    name = "2031-03-01/Opportunity.csv"
    location = _changed(tmp_path, "salesforce", name, '"005A00000000002AAA","0","0"', '"005A00000000002AAA","","0"')
    with loaded(
        tmp_path, "salesforce", location, exports=["opportunity"], parameters={"currency": "EUR"}, time_zone="UTC"
    ) as got:
        assert [("1 of 4 rows" in line, "required:status" in line) for line in got.refused()] == [(True, True)]


def test_salesforce_deals_in_several_currencies(tmp_path: Path) -> None:
    name = "2031-03-01/Opportunity.csv"
    rows = list(csv.reader((FIXTURES / "salesforce" / name).open(encoding="utf-8", newline="")))
    codes = ["CurrencyIsoCode", "USD", "USD", "", ""]
    (tmp_path / "exports" / "2031-03-01").mkdir(parents=True)
    with (tmp_path / "exports" / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row, code] for row, code in zip(rows, codes, strict=True))
    with loaded(
        tmp_path, "salesforce", tmp_path / "exports", exports=["opportunity"], parameters={"currency": "EUR"}
    ) as got:
        assert got.refused() == []
        assert got.clean("crm.opportunities", "currency") == [("EUR",), ("USD",), ("USD",)]


def test_hubspot(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "hubspot",
        FIXTURES / "hubspot",
        company=SHANGHAI,
        parameters={"currency": "EUR"},
        time_zone="America/New_York",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("deals", "crm.opportunities") == {"clean": 4}
        assert got.clean("crm.opportunities", "status", "amount", "account_id", *DAYS) == [
            ("lost", Decimal(4000), None, "2031-01-22", "2031-02-11", None),
            ("open", Decimal(300), None, "2031-02-03", None, None),
            ("open", None, "101", "2031-02-02", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "101", "2031-01-21", "2031-02-11", None),
        ]
        assert got.outcomes("deals", "crm.owners") == {"clean": 2, "not_for_entity": 1}
        assert got.clean("crm.accounts", "name", "employees", CREATED) == [
            ("Nordlicht Systeme", 120, "2031-01-03"),
            ("Quayside Retail", None, "2031-01-04"),
        ]
        assert got.clean("crm.leads", "lead_id", "status", "channel", "account_id", CREATED) == [
            ("201", "working", "paid_search", "101", "2031-02-01"),
            ("202", "unqualified", "offline_sources", None, "2031-01-30"),
        ]


def test_a_hubspot_stage_nobody_has_named_is_not_taken_for_an_open_one(tmp_path: Path) -> None:
    name = "hubspot-crm-exports-all-deals-2031-03-01.csv"
    location = _changed(tmp_path, "hubspot", name, "contractsent", "Handed over (Reseller)")
    with loaded(tmp_path, "hubspot", location, exports=["deals"], parameters={"currency": "EUR"}) as got:
        assert [("1 of 4 rows" in line, "status" in line) for line in got.refused()] == [(True, True)]
    (tmp_path / "again").mkdir()
    said = {"currency": "EUR", "open_stages": "Qualified To Buy,Handed over"}
    with loaded(tmp_path / "again", "hubspot", location, exports=["deals"], parameters=said) as got:
        assert (got.refused(), got.outcomes("deals", "crm.opportunities")) == ([], {"clean": 4})


def test_zendesk(tmp_path: Path) -> None:
    with loaded(tmp_path, "zendesk", FIXTURES / "zendesk", company=SHANGHAI, time_zone="America/New_York") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("tickets", "feedback.tickets") == {"clean": 4}
        ticket = ("ticket_id", "status", "priority", "channel", "kind", "customer_id", "account_id")
        assert got.clean("feedback.tickets", *ticket) == [
            ("11", "solved", "high", "email", "incident", "C-9", "Nordlicht Systeme"),
            ("12", "closed", None, "web", "question", None, None),
            ("13", "open", "normal", "chat", None, None, None),
            ("14", "hold", "urgent", "email", "task", None, None),
        ]
        moments = ("created_at", "first_replied_at", "solved_at")
        assert got.clean("feedback.tickets", "ticket_id", *(f"cast({one} as varchar)" for one in moments))[:2] == [
            ("11", "2031-02-11 04:30:00", "2031-02-11 05:15:00", "2031-02-12 14:55:00"),
            ("12", "2031-02-11 14:00:00", "2031-02-11 14:30:00", "2031-02-12 14:00:00"),
        ]
        assert got.outcomes("tickets", "feedback.responses") == {"clean": 2, "not_for_entity": 2}
        assert got.clean("feedback.responses", "ticket_id", "score", "scale_max", "channel") == [
            ("11", 5.0, 5, "email"),
            ("12", 1.0, 5, "web"),
        ]


@pytest.mark.parametrize(("old", "new", "told"), [(",Good,", ",Splendid,", "score"), (",Open,", ",Parked,", "status")])
def test_a_zendesk_word_we_do_not_know_is_no_answer_and_no_status(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    location = _changed(tmp_path, "zendesk", "export-2031-03-01.csv", old, new)
    with loaded(tmp_path, "zendesk", location) as got:
        assert [told in line for line in got.refused()] == [True]
