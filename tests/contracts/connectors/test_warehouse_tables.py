"""Salesforce, HubSpot and Zendesk as tables of a warehouse, times in UTC: deleted rows, zones, stages nobody has named."""

from decimal import Decimal
from pathlib import Path

from tests.connectors.kit import FIXTURES, loaded

SHANGHAI = {"time_zone": "Asia/Shanghai"}
DAYS = ("cast(created_date as varchar)", "cast(close_date as varchar)", "cast(expected_close_date as varchar)")


def test_salesforce(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "salesforce_fivetran",
        FIXTURES / "salesforce_fivetran",
        company=SHANGHAI,
        parameters={"currency": "eur"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("account", "crm.accounts") == {"clean": 2, "deleted": 1}
        assert got.clean("crm.accounts", "name", "industry", "country", "parent_account_id") == [
            ("Nordlicht Systeme", "technology", "Germany", None),
            ("Quayside Retail", "retail", "GB", "001A00000000001AAA"),
        ]
        assert got.outcomes("user", "crm.owners") == {"clean": 2, "deleted": 1}
        assert got.clean("crm.owners", "name", "team") == [("Owner One", "Enterprise"), ("Owner Two", "Retail")]
        assert got.outcomes("lead", "crm.leads") == {"clean": 2, "deleted": 1}
        lead = ("status", "channel", "cast(created_date as varchar)", "cast(converted_date as varchar)")
        assert got.clean("crm.leads", *lead) == [
            ("converted", "paid_search", "2031-01-11", "2031-01-20"),
            ("new", None, "2031-02-01", None),
        ]
        assert got.outcomes("opportunity", "crm.opportunities") == {"clean": 3, "deleted": 1}
        assert got.clean("crm.opportunities", "status", "amount", "currency", *DAYS) == [
            ("lost", Decimal(4000), "EUR", "2031-01-21", "2031-02-20", None),
            ("open", None, "EUR", "2031-02-01", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "EUR", "2031-01-21", "2031-02-10", None),
        ]


def test_a_salesforce_row_that_is_deleted_later_does_not_keep_standing(tmp_path: Path) -> None:
    text = (FIXTURES / "salesforce_fivetran" / "opportunity.csv").read_text(encoding="utf-8")
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "opportunity.csv.1").write_text(text, encoding="utf-8")
    (tables / "opportunity.csv.2").write_text(text.replace("1AAA,true,false,true", "1AAA,true,true,true"), "utf-8")
    with loaded(
        tmp_path,
        "salesforce_fivetran",
        tables,
        exports=["opportunity"],
        parameters={"currency": "EUR"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("crm.opportunities", "status") == [("lost",), ("open",)]


def test_hubspot(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "hubspot_fivetran",
        FIXTURES / "hubspot_fivetran",
        company=SHANGHAI,
        parameters={"currency": "EUR", "open_stages": "qualifiedtobuy,8801"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("company", "crm.accounts") == {"clean": 1, "deleted": 1}
        assert got.outcomes("contact", "crm.leads") == {"clean": 1, "deleted": 1}
        assert got.one("crm.leads", "cast(created_date as varchar)", "company_name") == (
            "2031-02-01",
            "Nordlicht Systeme",
        )
        assert got.clean("crm.owners", "name") == [("Owner One",), ("Two",)]
        assert got.outcomes("deal", "crm.opportunities") == {"clean": 4, "deleted": 1}
        assert got.clean("crm.opportunities", "status", "amount", *DAYS) == [
            ("lost", Decimal(4000), "2031-01-21", "2031-02-11", None),
            ("open", Decimal(300), "2031-02-02", None, "2031-02-20"),
            ("open", Decimal(700), "2031-02-01", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "2031-01-20", "2031-02-11", None),
        ]


def test_a_hubspot_stage_nobody_has_named_is_not_taken_for_an_open_one(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "hubspot_fivetran",
        FIXTURES / "hubspot_fivetran",
        exports=["deal"],
        parameters={"currency": "EUR"},
        time_zone="UTC",
    ) as got:
        assert [("1 of 5 rows" in line, "status" in line) for line in got.refused()] == [(True, True)]
        assert got.one("crm.opportunities", "count(*)::int") == (0,)


def test_zendesk(tmp_path: Path) -> None:
    with loaded(tmp_path, "zendesk_fivetran", FIXTURES / "zendesk_fivetran", company=SHANGHAI, time_zone="UTC") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("ticket", "feedback.tickets") == {"clean": 3}
        ticket = ("status", "kind", "channel", "cast(created_date as varchar)", "cast(solved_date as varchar)")
        assert got.clean("feedback.tickets", *ticket) == [
            ("deleted", None, "email", "2031-02-11", None),
            ("hold", None, "email", "2031-02-11", None),
            ("solved", "incident", "web", "2031-02-11", None),
        ]
        assert got.outcomes("satisfaction_rating", "feedback.responses") == {"clean": 2, "not_for_entity": 1}
        answer = ("ticket_id", "kind", "score", "scale_max", "cast(response_date as varchar)")
        assert got.clean("feedback.responses", *answer) == [
            ("11", "csat", 5.0, 5, "2031-02-14"),
            ("12", "csat", 1.0, 5, "2031-02-14"),
        ]


def test_a_zendesk_rating_that_says_nothing_is_no_answer_and_is_told(tmp_path: Path) -> None:
    name = "satisfaction_rating.csv"
    text = (FIXTURES / "zendesk_fivetran" / name).read_text(encoding="utf-8")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / name).write_text(text.replace(",bad,", ",,"), encoding="utf-8")
    with loaded(
        tmp_path, "zendesk_fivetran", tmp_path / "tables", exports=["satisfaction_rating"], time_zone="UTC"
    ) as got:
        assert [("1 of 2 rows" in line, "required:score" in line) for line in got.refused()] == [(True, True)]
