"""A run that is killed in the middle goes on where it stopped; what cannot be continued is begun anew, and nothing is doubled."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.http.client import Client
from pipeline.extract.http.spool import Spool
from tests.servers.endpoints import Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply, Seen

CURSOR = {"paginate": {"by": "cursor", "parameter": "after", "cursor": "next"}}
ALL = [str(number) for number in range(1, 9)]


class Killed(BaseException):
    """What a process that is killed comes to in one that is not."""


def four_pages(seen: Seen) -> Reply:
    after = int(seen.query.get("after", 0))
    following = {"next": str(after + 2)} if after < 6 else {}
    return Reply({"data": rows(after + 1, after + 2), **following})


def killed_after(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, left = Client.ask, iter(range(calls))

    def ask_or_die(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise Killed
        return ask(*arguments)

    monkeypatch.setattr(Client, "ask", ask_or_die)


@pytest.fixture
def killed(server: FaultServer, endpoint: Endpoint) -> Endpoint:
    """An endpoint of which two pages of four were fetched before the run was killed."""
    server.on("/api/orders", four_pages)
    with pytest.MonkeyPatch.context() as monkeypatch:
        killed_after(2, monkeypatch)
        with pytest.raises(Killed):
            endpoint.land(CURSOR)
    assert endpoint.spooled() == ["page-00001.json", "page-00002.json"]
    server.seen.clear()
    return endpoint


def cursors(server: FaultServer) -> list[str | None]:
    return [one.query.get("after") for one in server.seen]


def test_a_killed_run_goes_on_at_the_page_it_was_at(server: FaultServer, killed: Endpoint) -> None:
    result = killed.land(CURSOR)
    assert killed.ids(result) == ALL
    assert cursors(server) == ["4", "6"]
    assert killed.spooled() == []


def test_a_run_that_failed_goes_on_too(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", lambda seen: four_pages(seen) if seen.query.get("after") != "4" else Reply("oh", 500))
    assert len(endpoint.land(CURSOR).refused) == 1
    server.on("/api/orders", four_pages)
    server.seen.clear()
    assert endpoint.ids(endpoint.land(CURSOR)) == ALL
    assert cursors(server) == ["4", "6"]


def cut(folder: Path) -> object:
    body = folder / "page-00002.body"
    return body.write_bytes(body.read_bytes()[:-3])


def change_facts(**facts: Any) -> Callable[[Path], object]:
    def change(folder: Path) -> object:
        path = folder / "page-00002.json"
        return path.write_text(json.dumps(json.loads(path.read_text()) | facts))

    return change


DAMAGE: dict[str, Callable[[Path], object]] = {
    "the page was cut off": cut,
    "the page is gone": lambda folder: (folder / "page-00002.body").unlink(),
    "its facts were cut off": lambda folder: (folder / "page-00002.json").write_text('{"number": 2, "sha'),
    "its facts are of another kind": lambda folder: (folder / "page-00002.json").write_text("[]"),
    "its facts have a key of another version": change_facts(colour="red"),
    "its facts are of another page": change_facts(number=7),
    "its time is none": change_facts(fetched_at="yesterday"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_page_that_is_not_whole_is_fetched_again(server: FaultServer, killed: Endpoint, case: str) -> None:
    (folder,) = killed.home.glob(".fetching/*")
    DAMAGE[case](folder)
    assert killed.ids(killed.land(CURSOR)) == ALL
    assert cursors(server) == ["2", "4", "6"]


@pytest.mark.parametrize("passed", [timedelta(hours=25), timedelta(days=-2)])
def test_pages_of_another_day_are_not_continued(server: FaultServer, killed: Endpoint, passed: timedelta) -> None:
    killed.time.now += passed
    result = killed.land(CURSOR)
    assert killed.ids(result) == ALL
    assert result.notes == ["orders: pages fetched more than a day ago were thrown away"]
    assert cursors(server) == [None, "2", "4", "6"]


def test_pages_of_another_request_are_thrown_away_and_it_is_said(server: FaultServer, killed: Endpoint) -> None:
    result = killed.land(CURSOR | {"parameters": {"status": "any"}})
    assert killed.ids(result) == ALL
    assert cursors(server) == [None, "2", "4", "6"]
    assert result.notes == ["orders: pages fetched for a request that is not made any more were thrown away"]
    assert killed.spooled() == []


def test_a_cursor_that_has_expired_begins_anew(server: FaultServer, killed: Endpoint) -> None:
    server.on("/api/orders", lambda seen: Reply("expired", 400) if seen.query.get("after") == "4" else four_pages(seen))
    assert "400 Bad Request: expired" in str(killed.land(CURSOR).refused[0].error)
    assert killed.spooled() == []
    server.on("/api/orders", four_pages)
    assert killed.ids(killed.land(CURSOR)) == ALL


def test_windows_landed_before_the_kill_stay(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", lambda seen: Reply({"data": [{"id": seen.query["from"]}]}))
    request = {"window": {"start": "2031-03-29", "from_parameter": "from", "to_parameter": "to"}}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("pipeline.extract.http.land._BATCH_TURNS", 2)
        killed_after(3, monkeypatch)
        with pytest.raises(Killed):
            endpoint.land(request)
    server.seen.clear()
    result = endpoint.land(request)
    assert endpoint.ids(result) == ["2031-03-29", "2031-03-30", "2031-03-31", "2031-04-01"]
    assert server.queries("/api/orders") == [{"from": "2031-04-01", "to": "2031-04-01"}]


def test_killed_between_landing_and_tidying_up_doubles_nothing(server: FaultServer, endpoint: Endpoint) -> None:
    def die(spool: Spool) -> None:
        raise Killed

    server.on("/api/orders", four_pages)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Spool, "remove", die)
        with pytest.raises(Killed):
            endpoint.land(CURSOR)
    assert len(endpoint.spooled()) == 4
    result = endpoint.land(CURSOR)
    assert (endpoint.ids(result), result.new) == (ALL, [])
    assert endpoint.spooled() == []
