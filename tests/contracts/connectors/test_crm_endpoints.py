"""Salesforce, HubSpot and Zendesk by their APIs, as documented: pages, tokens, deleted records, what changed since."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.kit import loaded
from tests.servers.fault_server import FaultServer, Reply, Seen

QUERY = "/services/data/v65.0/queryAll"
SHANGHAI = {"time_zone": "Asia/Shanghai"}
DAYS = (
    "cast(created_date as varchar)",
    "cast(close_date as varchar)",
    "cast(expected_close_date as varchar)",
)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def _opportunity(number: int, **said: Any) -> dict[str, Any]:
    return {
        "attributes": {"type": "Opportunity", "url": f"/services/data/v65.0/sobjects/Opportunity/{number}"},
        "Id": f"006A0000000000{number}AAA",
        "IsDeleted": False,
        "AccountId": None,
        "OwnerId": "005A00000000001AAA",
        "StageName": "Prospecting",
        "Amount": None,
        "CloseDate": "2031-05-31",
        "IsClosed": False,
        "IsWon": False,
        "CreatedDate": "2031-01-20T23:30:00.000+0000",
        "SystemModstamp": "2031-02-10T08:00:00.000+0000",
    } | said


def _page(records: list[dict[str, Any]], total: int, following: str | None = None) -> Reply:
    more = {"nextRecordsUrl": following} if following else {}
    return Reply({"totalSize": total, "done": following is None, "records": records} | more)


def test_salesforce(tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_ID", "an-id")
    monkeypatch.setenv("SF_SECRET", "a-secret")
    won = _opportunity(1, IsClosed=True, IsWon=True, StageName="Closed Won", Amount=15000.5, CloseDate="2031-02-10")
    lost = _opportunity(2, IsClosed=True, Amount=4000.0, CloseDate="2031-02-20")
    gone = _opportunity(4, IsDeleted=True, IsClosed=True, IsWon=True, Amount=99.0)
    server.on("/services/oauth2/token", Reply({"access_token": "a-token", "token_type": "Bearer"}))
    server.on(QUERY, _page([won, lost], 4, "/services/data/v65.0/query/01gA0-2000"))
    server.on("/services/data/v65.0/query/01gA0-2000", _page([_opportunity(3), gone], 4))
    with loaded(
        tmp_path,
        "salesforce_api",
        None,
        company=SHANGHAI,
        exports=["opportunity"],
        parameters={"url": server.url, "currency": "EUR"},
        credentials={"client_id": "SF_ID", "client_secret": "SF_SECRET"},
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("opportunity", "crm.opportunities") == {"clean": 3, "deleted": 1}
        assert got.clean("crm.opportunities", "status", "amount", *DAYS) == [
            ("lost", Decimal(4000), "2031-01-21", "2031-02-20", None),
            ("open", None, "2031-01-21", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "2031-01-21", "2031-02-10", None),
        ]
    assert server.queries(QUERY)[0]["q"].endswith("SystemModstamp FROM Opportunity")
    assert {one.headers["Authorization"] for one in server.seen if "/query" in one.path} == {"Bearer a-token"}


def test_salesforce_accounts_users_and_leads(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_ID", "an-id")
    monkeypatch.setenv("SF_SECRET", "a-secret")
    base: dict[str, Any] = {"IsDeleted": False, "CreatedDate": "2031-01-10T23:30:00.000+0000"}
    base |= {"SystemModstamp": "2031-02-10T08:00:00.000+0000", "OwnerId": "005A", "Industry": "Retail"}
    account: dict[str, Any] = {"Id": "001A", "Name": "Nordlicht", "BillingCountry": "Germany", "NumberOfEmployees": 120}
    account |= {"AnnualRevenue": 1.2e6, "ParentId": None}
    user: dict[str, Any] = {
        "Id": "005A",
        "Name": "Owner One",
        "Email": "one@example.com",
        "Department": None,
        "Division": "Retail",
    }
    user |= {"Country": "Germany", "SystemModstamp": "2031-02-10T08:00:00.000+0000"}
    lead: dict[str, Any] = {
        "Id": "00QA",
        "Email": "lead@example.com",
        "Company": "Nordlicht",
        "Country": None,
        "LeadSource": "Web",
    }
    lead |= {"Status": "Qualified", "IsConverted": True, "ConvertedDate": "2031-01-20"}
    lead |= {"ConvertedAccountId": "001A", "ConvertedOpportunityId": "006A"}
    answers = {"Account": base | account, "User": user, "Lead": base | lead}

    def answer(seen: Seen) -> Reply:
        return _page([answers[seen.query["q"].rsplit(" ", 1)[1]]], 1)

    server.on("/services/oauth2/token", Reply({"access_token": "a-token", "token_type": "Bearer"}))
    server.on(QUERY, answer)
    with loaded(
        tmp_path,
        "salesforce_api",
        None,
        company=SHANGHAI,
        exports=["account", "user", "lead"],
        parameters={"url": server.url, "currency": "EUR"},
        credentials={"client_id": "SF_ID", "client_secret": "SF_SECRET"},
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("crm.accounts", "name", "employees", DAYS[0]) == [("Nordlicht", 120, "2031-01-11")]
        assert got.clean("crm.owners", "name", "team") == [("Owner One", "Retail")]
        assert got.clean("crm.leads", "status", "channel", "opportunity_id", "cast(converted_date as varchar)") == [
            ("converted", "web", "006A", "2031-01-20")
        ]


def _object(number: int, **properties: str | None) -> dict[str, Any]:
    return {
        "id": str(number),
        "properties": {"hs_object_id": str(number), "createdate": "2031-01-20T23:30:00Z"} | properties,
        "createdAt": "2031-01-20T23:30:00Z",
        "updatedAt": "2031-02-11T10:00:00.123Z",
        "archived": False,
    }


def _results(*records: dict[str, Any], after: str | None = None) -> Reply:
    more = {"paging": {"next": {"after": after, "link": "https://api.hubapi.com/next"}}} if after else {}
    return Reply({"results": list(records)} | more)


def test_hubspot(tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "a-token")
    closed = {"hs_is_closed": "true", "closedate": "2031-02-10T23:30:00Z"}
    won = _object(401, hs_is_closed_won="true", amount="15000.5", hs_primary_associated_company="101", **closed)
    lost = _object(402, hs_is_closed_won="false", amount="4000", deal_currency_code="USD", **closed)
    still = _object(403, hs_is_closed="false", hs_is_closed_won="false", amount="", closedate="2031-05-31T09:00:00Z")
    server.on("/crm/v3/objects/deals", _results(won, lost, after="402"), _results(still))
    server.on("/crm/v3/objects/companies", _results(_object(101, name="Nordlicht", numberofemployees="120")))
    lead = _object(201, email="lead@example.com", hs_lead_status="IN_PROGRESS", hs_analytics_source="PAID_SEARCH")
    server.on("/crm/v3/objects/contacts", _results(lead))
    owner = {"id": "301", "email": "one@example.com", "firstName": "Owner", "lastName": "One", "archived": False}
    server.on("/crm/v3/owners", _results(owner | {"updatedAt": "2031-02-11T10:00:00.123Z"}))
    with loaded(
        tmp_path,
        "hubspot_api",
        server.url,
        company=SHANGHAI,
        parameters={"currency": "EUR"},
        credentials={"token": "HUBSPOT_TOKEN"},
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("crm.opportunities", "status", "amount", "currency", "account_id", *DAYS) == [
            ("lost", Decimal(4000), "USD", None, "2031-01-21", "2031-02-11", None),
            ("open", None, "EUR", None, "2031-01-21", None, "2031-05-31"),
            ("won", Decimal("15000.5"), "EUR", "101", "2031-01-21", "2031-02-11", None),
        ]
        assert got.clean("crm.accounts", "name", "employees", DAYS[0]) == [("Nordlicht", 120, "2031-01-21")]
        assert got.clean("crm.leads", "status", "channel", DAYS[0]) == [("working", "paid_search", "2031-01-21")]
        assert got.clean("crm.owners", "owner_id", "name") == [("301", "Owner One")]
    assert [one.get("after") for one in server.queries("/crm/v3/objects/deals")] == [None, "402"]
    assert {one.headers["Authorization"] for one in server.seen} == {"Bearer a-token"}


def _ticket(number: int, status: str, at: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject": "Late parcel",
        "requester_id": 500 + number,
        "organization_id": None,
        "type": "question",
        "via": {"channel": "email", "source": {"rel": None}},
        "priority": "normal",
        "status": status,
        "group_id": 71,
        "created_at": "2031-02-10T23:30:00Z",
        "updated_at": "2031-02-12T09:55:00Z",
        "generated_timestamp": at,
        "metric_set": {"solved_at": None, "reply_time_in_minutes": {"calendar": None, "business": None}},
    } | said


def _serve_ratings(server: FaultServer) -> None:
    """Two ratings, a page each."""
    times = {"created_at": "2031-02-12T09:00:00Z", "updated_at": "2031-02-13T23:30:00Z"}
    rating = {"requester_id": 511, **times}
    good, bad = {"id": 61, "ticket_id": 11, "score": "good"}, {"id": 62, "ticket_id": 12, "score": "bad"}
    pages = [{"has_more": True, "after_cursor": "r1"}, {"has_more": False, "after_cursor": None}]
    server.on(
        "/api/v2/satisfaction_ratings.json",
        Reply({"satisfaction_ratings": [rating | good], "meta": pages[0]}),
        Reply({"satisfaction_ratings": [rating | bad], "meta": pages[1]}),
    )


def test_zendesk(tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENDESK_USER", "one@example.com/token")
    monkeypatch.setenv("ZENDESK_TOKEN", "a-token")
    metrics = {"solved_at": "2031-02-12T09:00:00Z", "reply_time_in_minutes": {"calendar": 45, "business": 10}}
    path = "/api/v2/incremental/tickets/cursor.json"
    solved, reopened = _ticket(11, "solved", 1928653000, metric_set=metrics), _ticket(12, "open", 1928653001)
    gone = _ticket(13, "deleted", 1928653002)

    def answer(seen: Seen) -> Reply:
        is_last = "cursor" in seen.query
        tickets = [gone] if is_last else [solved, reopened]
        after = "c2" if is_last else "c1"
        link = f"{server.url}{path}?cursor={after}&include=metric_sets"
        return Reply({"tickets": tickets, "after_url": link, "after_cursor": after, "end_of_stream": is_last})

    server.on(path, answer)
    _serve_ratings(server)
    with loaded(
        tmp_path,
        "zendesk_api",
        None,
        company=SHANGHAI,
        parameters={"url": server.url},
        credentials={"username": "ZENDESK_USER", "password": "ZENDESK_TOKEN"},
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        moments = ("cast(first_replied_at as varchar)", "cast(solved_at as varchar)")
        assert got.clean("feedback.tickets", "ticket_id", "status", "channel", *moments) == [
            ("11", "solved", "email", "2031-02-11 00:15:00", "2031-02-12 09:00:00"),
            ("12", "open", "email", None, None),
            ("13", "deleted", "email", None, None),
        ]
        assert got.clean("feedback.responses", "ticket_id", "score", "cast(response_date as varchar)") == [
            ("11", 5.0, "2031-02-14"),
            ("12", 1.0, "2031-02-14"),
        ]
    assert server.queries(path) == [
        {"include": "metric_sets", "start_time": "0"},
        {"include": "metric_sets", "cursor": "c1"},
    ]
    assert [one.get("page[after]") for one in server.queries("/api/v2/satisfaction_ratings.json")] == [None, "r1"]
