"""Salesforce, HubSpot and Zendesk as tables of a warehouse: counts and sums computed apart from the pipeline."""

import csv
from decimal import Decimal
from pathlib import Path

import yaml

from tests.acceptance.conftest import DATA
from tests.connectors.kit import loaded

SHAPES = DATA / "vendor_shapes"
SALESFORCE = {"currency": "USD", "prefix": "sf_", "suffix": "_data"}
HUBSPOT = {"currency": "USD", "suffix": "_data"}


def test_salesforce_tables_in_which_nearly_everything_is_deleted(tmp_path: Path) -> None:
    with loaded(tmp_path, "salesforce_fivetran", SHAPES / "salesforce", parameters=SALESFORCE, time_zone="UTC") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("account", "crm.accounts") == {"clean": 1, "deleted": 9}
        assert got.clean("crm.accounts", "account_id", "name") == [("0015500000Xyy06AAB", "Eric's Test")]
        assert got.outcomes("user", "crm.owners") == {"clean": 5, "deleted": 5}
        assert got.outcomes("opportunity", "crm.opportunities") == {"deleted": 10}
        assert got.outcomes("lead", "crm.leads") == {"clean": 1}
        lead = ("lead_id", "status", "account_id", "cast(created_date as varchar)", "cast(converted_date as varchar)")
        assert got.clean("crm.leads", *lead) == [
            ("00Q1G00000nDnM5UAK", "converted", "0011G00000tLWKnQAO", "2019-11-11", "2019-11-11")
        ]


def test_the_same_deals_had_nobody_deleted_them(tmp_path: Path) -> None:
    with (SHAPES / "salesforce" / "sf_opportunity_data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (tmp_path / "tables").mkdir()
    with (tmp_path / "tables" / "opportunity.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"is_deleted": "false"} for row in rows)
    with loaded(
        tmp_path,
        "salesforce_fivetran",
        tmp_path / "tables",
        exports=["opportunity"],
        parameters={"currency": "USD"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.rows(
            "select status, count(*)::int, sum(amount), min(close_date)::varchar, min(expected_close_date)::varchar"
            " from clean.crm__opportunities group by all order by all"
        ) == [
            ("lost", 4, Decimal(200001), "2018-10-31", None),
            ("open", 1, Decimal(210000), None, "2018-12-19"),
            ("won", 5, Decimal(24120000), "2018-12-13", None),
        ]
        # One is closed twelve days before it was created: the contract puts the two days the right way round
        days = ("cast(created_date as varchar)", "cast(close_date as varchar)")
        assert ("2018-12-07", "2018-12-19") in got.clean("crm.opportunities", *days)


def test_hubspot_tables(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "hubspot_fivetran",
        SHAPES / "hubspot",
        exports=["company", "contact", "deal"],
        parameters=HUBSPOT | {"without_stage": "open"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("company", "crm.accounts") == {"clean": 24}
        assert got.one("crm.accounts", "sum(annual_revenue)", "count(distinct country)::int") == (240_000_000, 2)
        # Three of them HubSpot has merged into a fourth; the table keeps them
        assert got.outcomes("contact", "crm.leads") == {"clean": 22}
        days = ("cast(min(created_date) as varchar)", "cast(max(created_date) as varchar)")
        assert got.one("crm.leads", *days) == ("2020-05-22", "2021-04-02")
        assert got.outcomes("deal", "crm.opportunities") == {"clean": 44}
        assert got.one("crm.opportunities", "count(owner_id)::int", "count(amount)::int", "min(status)", *days) == (
            22,
            0,
            "open",
            "2019-10-07",
            "2021-01-15",
        )


def test_hubspot_deals_in_no_stage_are_not_taken_for_open_ones(tmp_path: Path) -> None:
    with loaded(
        tmp_path, "hubspot_fivetran", SHAPES / "hubspot", exports=["deal"], parameters=HUBSPOT, time_zone="UTC"
    ) as got:
        assert [("44 of 44 rows" in line, "required:status" in line) for line in got.refused()] == [(True, True)]
        assert got.one("crm.opportunities", "count(*)::int") == (0,)


def test_hubspot_tables_that_feed_no_entity_land_all_the_same(tmp_path: Path) -> None:
    keys = {"deal_company": "company_id", "deal_pipeline_stage": "stage_id"}
    exports = {
        table: {
            "files": f"{table}_data.csv",
            "entities": {"crm.accounts": {"where": f"{key} is null", "columns": {"account_id": key}}},
        }
        for table, key in keys.items()
    }
    connector = {"exports": exports}
    (tmp_path / "tables.yml").write_text(yaml.safe_dump(connector), encoding="utf-8")
    with loaded(tmp_path, "./tables.yml", SHAPES / "hubspot") as got:
        assert got.refused() == []
        assert {name: [one.rows for one in result.deliveries] for name, result in got.landed.items()} == {
            "deal_company": [2],
            "deal_pipeline_stage": [71],
        }


def test_a_zendesk_table_keeps_deleted_tickets_as_deleted(tmp_path: Path) -> None:
    with loaded(
        tmp_path,
        "zendesk_fivetran",
        SHAPES / "zendesk",
        exports=["ticket"],
        parameters={"suffix": "_data"},
        time_zone="UTC",
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("ticket", "feedback.tickets") == {"clean": 10}
        assert got.rows("select status, count(*)::int from clean.feedback__tickets group by all order by all") == [
            ("closed", 7),
            ("deleted", 2),
            ("solved", 1),
        ]
        assert got.one("feedback.tickets", "count(account_id)::int", "count(priority)::int", "count(kind)::int") == (
            9,
            1,
            1,
        )
