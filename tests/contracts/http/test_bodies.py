"""Bodies of every kind: CSV in one piece or in pages, files that an answer leads to, answers that have not changed."""

import gzip
from typing import Any

import pytest

from tests.servers.endpoints import Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply, Seen

CSV = {"format": "csv"}
BY_PAGE = {"by": "page", "parameter": "page"}


def csv_pages(*pages: str) -> Any:
    return lambda seen: Reply(pages[min(int(seen.query["page"]), len(pages)) - 1], headers={"Content-Type": "text/csv"})


@pytest.mark.parametrize(
    ("name", "body", "read"),
    [
        ("csv", "id,text\n1,a\n2,b\n", CSV),
        ("csv told by its content", "id;text\n1;a\n2;b\n", {}),
        ("gzip", gzip.compress(b"id,text\n1,a\n2,b\n"), CSV),
        ("json", '[{"id": 1}, {"id": 2}]', {}),
        ("json with a mark", b"\xef\xbb\xbf" + b'{"data": [{"id": 1}, {"id": 2}]}', {"format": "json", "records": "data"}),
        ("ndjson", '{"id": 1}\n{"id": 2}\n', {"format": "json"}),
        ("records in every line", '{"data": [{"id": 1}]}\n{"data": [{"id": 2}]}\n', {"format": "json", "records": "data"}),
    ],
)  # fmt: skip
def test_a_body_in_one_piece(
    server: FaultServer, endpoint: Endpoint, name: str, body: Any, read: dict[str, Any]
) -> None:
    server.on("/api/orders", Reply(body))
    result = endpoint.land(read=read)
    assert [str(one.error) for one in result.refused] == []
    assert endpoint.ids(result) == ["1", "2"]


def test_pages_of_csv_are_joined_under_one_header(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", csv_pages("id,t\r\n1,a\r\n2,b", "id,t\r\n3,c\r\n", "id,t\r\n"))
    result = endpoint.land({"paginate": BY_PAGE}, read=CSV)
    assert endpoint.ids(result) == ["1", "2", "3"]


def test_pages_without_a_header_are_joined(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", csv_pages("1,a\n2,b\n", "3,c\n", ""))
    result = endpoint.land({"paginate": BY_PAGE}, read=CSV | {"names": ["id", "t"]})
    assert endpoint.ids(result) == ["1", "2", "3"]


def test_pages_of_which_the_columns_change_land_nothing(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", csv_pages("id,t\n1,a\n", "t,id\nb,2\n", "id,t\n"))
    result = endpoint.land({"paginate": BY_PAGE}, read=CSV)
    assert "the columns changed between pages; found t,id; expected id,t" in str(result.refused[0].error)
    assert result.deliveries == []


def test_a_csv_page_that_comes_twice_is_noticed(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply("id,t\n1,a\n"))
    assert "a page came twice" in str(endpoint.land({"paginate": BY_PAGE}, read=CSV).refused[0].error)


def test_a_file_an_answer_leads_to_is_fetched(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"report": {"url": "/files/1?signature=s1gned"}}))
    server.on("/files/1", Reply("id\n1\n2\n", headers={"ETag": '"v1"'}))
    result = endpoint.land({"method": "POST", "body": {"make": "report"}, "download": "report.url"}, read=CSV)
    assert endpoint.ids(result) == ["1", "2"]
    assert [(one.method, one.path) for one in server.seen] == [("POST", "/api/orders"), ("GET", "/files/1")]
    assert "s1gned" not in endpoint.everything_written()


@pytest.mark.parametrize(
    ("body", "reason"),
    [({"status": "running"}, "the answer names no file"), ({"url": None}, "names no file"), (b"soon", "no whole JSON")],
)
def test_an_answer_that_leads_nowhere_is_refused(
    server: FaultServer, endpoint: Endpoint, body: Any, reason: str
) -> None:
    server.on("/api/orders", Reply(body))
    assert reason in str(endpoint.land({"download": "url"}, read=CSV).refused[0].error)


VALIDATORS = {
    "an ETag": ({"ETag": '"v1"'}, "If-None-Match", '"v1"'),
    "a date": (
        {"Last-Modified": "Tue, 01 Apr 2031 00:00:00 GMT"},
        "If-Modified-Since",
        "Tue, 01 Apr 2031 00:00:00 GMT",
    ),
}


@pytest.mark.parametrize("case", VALIDATORS)
def test_what_has_not_changed_is_not_sent_again(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    headers, condition, value = VALIDATORS[case]
    server.on(
        "/api/orders", Reply({"data": rows(1, 2)}, headers=headers), Reply(status=304), Reply({"data": rows(1, 3)})
    )
    first, second, third = (endpoint.land() for _ in range(3))
    assert [one.headers.get(condition) for one in server.seen] == [None, value, value]
    assert (len(second.new), second.deliveries, second.refused) == (0, first.deliveries, [])
    assert len(third.new) == 1


def test_pages_and_changes_are_asked_for_without_conditions(server: FaultServer, endpoint: Endpoint) -> None:
    record = [{"id": "1", "t": 1}]
    server.on(
        "/api/orders",
        lambda seen: Reply({"data": [] if seen.query.get("page", "1") > "1" else record}, headers={"ETag": "x"}),
    )
    for request in ({"paginate": BY_PAGE}, {"since": {"field": "t", "parameter": "after"}}):
        endpoint.land(request)
        endpoint.land(request)
    assert [one for one in server.seen if "If-None-Match" in one.headers] == []


def test_pages_are_asked_for_without_the_condition_of_an_answer_without_pages(
    server: FaultServer, endpoint: Endpoint
) -> None:
    server.on("/api/orders", Reply({"data": rows(1, 2)}, headers={"ETag": "x"}), Reply({"data": []}))
    endpoint.land()
    endpoint.land({"paginate": BY_PAGE})
    assert [one for one in server.seen if "If-None-Match" in one.headers] == []


def test_a_page_for_people_is_no_data_whatever_it_looks_like(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply("<b>Sign in, please</b>\n<i>or not</i>\n", headers={"Content-Type": "text/html"}))
    result = endpoint.land(read={})
    assert "something else than data; found text/html: <b>Sign in, please" in str(result.refused[0].error)


def test_everything_there_is_is_never_nothing(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": rows(1, 2)}), Reply({"data": []}), Reply(status=204))
    endpoint.land(write="snapshot")
    for _ in range(2):
        result = endpoint.land(write="snapshot")
        assert "the answer holds nothing" in str(result.refused[0].error)
        assert len(result.deliveries) == 1


def test_nothing_to_add_is_said(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": []}))
    result = endpoint.land()
    assert (result.deliveries, result.refused, result.notes) == ([], [], ["orders: the answer holds no records"])


@pytest.mark.parametrize("body", [b"", b"  ", b"quota exceeded", b"<!doctype html><html></html>"])
def test_a_body_that_is_no_data_is_refused(server: FaultServer, endpoint: Endpoint, body: bytes) -> None:
    server.on("/api/orders", Reply(body))
    result = endpoint.land()
    assert "the answer is something else than data" in str(result.refused[0].error)


def test_what_landing_refuses_is_asked_for_again(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply("id,id\n1,2\n"), Reply("id,t\n1,2\n"))
    first = endpoint.land(read=CSV)
    assert "the header has a name twice" in str(first.refused[0].error)
    assert first.refused[0].file == "orders"
    assert endpoint.ids(endpoint.land(read=CSV)) == ["1"]


def test_query_headers_and_types_go_out_as_said(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": rows(1, 1)}))
    http = {"headers": {"Accept": "application/json", "X-Version": "1"}}
    endpoint.land({"parameters": {"all": True, "n": 5, "q": "a&b=ü"}, "headers": {"X-Version": "2"}}, http=http)
    seen: Seen = server.seen[0]
    assert dict(seen.query) == {"all": "true", "n": "5", "q": "a&b=ü"}
    assert (seen.headers["Accept"], seen.headers["X-Version"]) == ("application/json", "2")


def test_a_page_too_large_to_look_into_is_refused(
    server: FaultServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extract.http.fetching.LOOKED_INTO_BYTES", 100)
    server.on("/api/orders", Reply({"data": rows(1, 50)}))
    result = endpoint.land({"paginate": BY_PAGE})
    assert "too large for one page; found more than 100 bytes" in str(result.refused[0].error)
