"""Windows of days: each a delivery, asked once, the newest again; what holds nothing is known all the same."""

from datetime import date
from typing import Any

import pytest

from pipeline.extract import landed
from pipeline.extract.http import covered_spans
from pipeline.extract.http.windows import Span
from tests.servers.endpoints import Endpoint
from tests.servers.fault_server import FaultServer, Reply, Seen

WINDOW = {"start": "2031-03-28", "days": 2, "from_parameter": "from", "to_parameter": "to"}


def days_of(server: FaultServer) -> list[tuple[str, str]]:
    """Spans asked for since the last look."""
    asked = [(one.query["from"], one.query["to"]) for one in server.seen]
    server.seen.clear()
    return asked


def one_record_a_window(seen: Seen) -> Reply:
    return Reply({"data": [{"id": f"{seen.query['from']}/{seen.query['to']}"}]})


def test_each_window_is_a_delivery_and_the_last_ends_on_the_day_counted(
    server: FaultServer, endpoint: Endpoint
) -> None:
    server.on("/api/orders", one_record_a_window)
    result = endpoint.land({"window": WINDOW})
    assert days_of(server) == [("2031-03-28", "2031-03-29"), ("2031-03-30", "2031-03-31"), ("2031-04-01", "2031-04-01")]
    assert [one.file for one in result.deliveries] == [
        "orders/2031-03-28_2031-03-29", "orders/2031-03-30_2031-03-31", "orders/2031-04-01_2031-04-01",
    ]  # fmt: skip
    assert {name: result.deliveries[0].state[name] for name in ("from", "to")} == {
        "from": "2031-03-28", "to": "2031-03-29",
    }  # fmt: skip
    endpoint.land({"window": WINDOW})
    assert days_of(server) == []
    endpoint.land({"window": WINDOW}, as_of=date(2031, 4, 3))
    assert days_of(server) == [("2031-04-02", "2031-04-03")]


def test_the_newest_days_are_asked_for_again(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", one_record_a_window)
    request = {"window": WINDOW | {"days": 1, "again": 2}}
    endpoint.land(request)
    server.seen.clear()
    same = endpoint.land(request)
    assert days_of(server) == [("2031-03-31", "2031-03-31"), ("2031-04-01", "2031-04-01")]
    assert same.new == []
    server.on("/api/orders", lambda seen: Reply({"data": [{"id": f"corrected {seen.query['from']}"}]}))
    later = endpoint.land(request, as_of=date(2031, 4, 4))
    assert [first for first, _ in days_of(server)] == [
        "2031-03-31", "2031-04-01", "2031-04-02", "2031-04-03", "2031-04-04",
    ]  # fmt: skip
    assert len(later.new) == 5
    assert len(later.deliveries) == 10


def test_windows_that_give_the_same_are_two_deliveries(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": [{"id": "same"}]}))
    assert len(endpoint.land({"window": WINDOW}).deliveries) == 3
    server.seen.clear()
    endpoint.land({"window": WINDOW})
    assert server.seen == []


def test_days_without_rows_are_fetched_days(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": []}), one_record_a_window, Reply(status=204))
    result = endpoint.land({"window": WINDOW})
    assert (result.refused, len(result.deliveries)) == ([], 1)
    known = landed(endpoint.landing, "shop", "orders")
    assert covered_spans(known, endpoint.home) == [Span(date(2031, 3, 28), date(2031, 4, 1))]
    server.seen.clear()
    endpoint.land({"window": WINDOW})
    assert server.seen == []


@pytest.mark.parametrize("text", ["", "[{}]", '[{"asks": "x", "from": "1", "to": "2031-04-01"}]', "null", "[1]"])
def test_without_the_list_of_empty_days_they_are_asked_for_once_more(
    server: FaultServer, endpoint: Endpoint, text: str
) -> None:
    server.on("/api/orders", Reply({"data": []}))
    endpoint.land({"window": WINDOW})
    (endpoint.home / ".empty.json").write_text(text)
    server.seen.clear()
    endpoint.land({"window": WINDOW})
    assert len(server.seen) == 3


def test_a_window_that_is_empty_when_asked_again_says_so(server: FaultServer, endpoint: Endpoint) -> None:
    request = {"window": WINDOW | {"start": "2031-04-01", "again": 1}}
    server.on("/api/orders", one_record_a_window, Reply({"data": []}))
    endpoint.land(request)
    again = endpoint.land(request)
    assert again.notes == ["orders/2031-04-01_2031-04-01: empty now; the 1 rows landed before stand"]
    assert len(again.deliveries) == 1


def test_a_start_still_to_come_gives_no_rows_and_says_so(server: FaultServer, endpoint: Endpoint) -> None:
    result = endpoint.land({"window": WINDOW | {"start": "2999-01-01"}})
    assert (result.deliveries, result.refused, server.seen) == ([], [], [])
    assert result.notes == ["orders: begins on 2999-01-01, after the last day counted, 2031-04-01"]


def test_state_from_the_future_is_no_reason_to_ask_for_nothing(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", one_record_a_window)
    window = WINDOW | {"days": 3660}
    endpoint.land({"window": window}, as_of=date(2035, 1, 1))
    server.seen.clear()
    assert endpoint.land({"window": window}).refused == []
    assert server.seen == []


def test_another_request_begins_anew(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", one_record_a_window)
    endpoint.land({"window": WINDOW})
    endpoint.land({"window": WINDOW | {"days": 3, "start": "2031-03-27"}})
    assert [first for first, _ in days_of(server)][3:] == ["2031-03-27"]
    result = endpoint.land({"window": WINDOW, "parameters": {"status": "any"}})
    assert len(days_of(server)) == 3
    assert result.notes == ["orders: the request is not the one landed before, it is asked from the start"]
    endpoint.land(
        {"window": WINDOW, "parameters": {"status": "any"}}, read={"format": "json", "records": "data", "null": ["-"]}
    )
    assert days_of(server) == []


def test_a_window_goes_into_lists_within_a_body(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": [{"id": "1"}]}))
    ranges: dict[str, Any] = {"dateRanges": [{"name": "all"}]}
    window = {"start": "2031-04-01", "from_parameter": "dateRanges.0.startDate", "to_parameter": "dateRanges.0.endDate"}
    endpoint.land({"method": "POST", "body": ranges, "window": window})
    assert server.seen[0].json == {
        "dateRanges": [{"name": "all", "startDate": "2031-04-01", "endDate": "2031-04-01"}]
    }  # fmt: skip
    endpoint.land(
        {"method": "POST", "body": ranges | {"x": 1}, "window": window | {"to_parameter": "dateRanges.1.end"}}
    )
    assert len(server.seen) == 1
