"""What a server can do wrong: each is tried again where that helps, and ends in a clear refusal where it does not."""

from typing import Any

import pytest

from tests.servers.endpoints import AT, Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply

GOOD = Reply({"data": rows(1, 3)})
FAULTS = {
    "cut off in the middle": (Reply({"data": rows(1, 50)}, fault="cut"), "the answer broke off; found IncompleteRead|ProtocolError"),
    "chunks without an end": (Reply({"data": rows(1, 50)}, fault="no_last_chunk"), "the answer broke off"),
    "broken chunks": (Reply({"data": rows(1, 50)}, fault="bad_chunk"), "the answer broke off"),
    "gzip without its end": (Reply({"data": rows(1, 50)}, fault="cut_gzip"), "the answer broke off; found a gzip stream"),
    "damaged gzip": (Reply({"data": rows(1, 50)}, fault="bad_gzip"), "the answer's compression is damaged"),
    "no answer": (Reply(fault="hang_up"), "the server cannot be reached; found ConnectionError"),
    "408": (Reply("slow", 408), "found 408 Request Timeout: slow"),
    "425": (Reply("early", 425), "found 425 Too Early: early"),
    "429": (Reply("busy", 429), "found 429 Too Many Requests: busy"),
    "500": (Reply("oh", 500), "found 500 Internal Server Error: oh"),
    "502": (Reply("oh", 502), "found 502 Bad Gateway: oh"),
    "503": (Reply("oh", 503), "found 503 Service Unavailable: oh"),
    "504": (Reply("oh", 504), "found 504 Gateway Timeout: oh"),
    "202, not made yet": (Reply("later", 202), "found 202 Accepted: later"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_that_passes_is_waited_out(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    server.on("/api/orders", FAULTS[case][0], FAULTS[case][0], GOOD)
    result = endpoint.land()
    assert (result.refused, endpoint.ids(result)) == ([], ["1", "2", "3"])
    waited = [seconds for seconds in endpoint.time.slept if seconds > 0.5]
    assert len(waited) == 2
    assert 1 <= waited[0] <= 2 <= waited[1] <= 3
    assert len(endpoint.waits) == 2


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_that_stays_lands_nothing(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    fault, reason = FAULTS[case]
    server.on("/api/orders", fault)
    result = endpoint.land()
    (refusal,) = result.refused
    assert any(words in str(refusal.error) for words in reason.split("|"))
    assert "it was tried 3 times" in str(refusal.error)
    assert len(server.seen) == 3
    assert (result.deliveries, endpoint.spooled()) == ([], [])


def test_silence_is_no_answer(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply(fault="silent"), GOOD)
    result = endpoint.land(http={"timeout_seconds": 0.2})
    assert endpoint.ids(result) == ["1", "2", "3"]
    assert "the server fell silent" in endpoint.waits[0]


def test_a_server_that_is_not_there_is_told(endpoint: Endpoint, server: FaultServer) -> None:
    client = endpoint.client()
    object.__setattr__(client.addresses, "base", "http://127.0.0.1:1/api")
    result = endpoint.land(client=client)
    client.close()
    assert "127.0.0.1:1/api/orders: the server cannot be reached" in str(result.refused[0].error)


RETRY_AFTER = {
    "seconds": ("7", 7.0),
    "a fraction": ("0.25", 0.25),
    "a date": ("Wed, 02 Apr 2031 06:10:30 GMT", 30.0),
    "a date gone by": ("Wed, 02 Apr 2031 05:00:00 GMT", 0.0),
}


@pytest.mark.parametrize("case", RETRY_AFTER)
def test_the_wait_a_server_asks_for_wins(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    said, seconds = RETRY_AFTER[case]
    server.on("/api/orders", Reply("busy", 429, {"Retry-After": said}), GOOD)
    result = endpoint.land()
    assert result.refused == []
    assert max(endpoint.time.slept, default=0.0) == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize("said", ["soon", "-5", "", "1e9", "nan", "Wed, 99 Apr 2031"])
def test_a_wait_that_means_nothing_is_ours_to_choose(server: FaultServer, endpoint: Endpoint, said: str) -> None:
    server.on("/api/orders", Reply("busy", 429, {"Retry-After": said}), GOOD)
    assert endpoint.land().refused == []
    assert 1 <= max(endpoint.time.slept) <= 2


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("600", "come back at 2031-04-02 06:20:00 UTC, in 600 seconds"),
        ("Thu, 03 Apr 2031 06:10:00 GMT", "come back at 2031-04-03 06:10:00 UTC, in 86400 seconds"),
        ("99999999999999999999", "come back at 2032-04-01 06:10:00 UTC"),
    ],
)
def test_a_server_that_wants_a_long_rest_ends_the_run_of_its_source(
    server: FaultServer, endpoint: Endpoint, said: str, found: str
) -> None:
    page = {"by": "page", "parameter": "page"}
    window = {"start": "2031-03-30", "from_parameter": "from", "to_parameter": "to"}
    server.on("/api/orders", GOOD, Reply({"data": []}), Reply("busy", 429, {"Retry-After": said}))
    client = endpoint.client()
    result = endpoint.land({"paginate": page, "window": window}, client=client)
    (refusal,) = result.refused
    assert found in str(refusal.error)
    assert refusal.file == "orders/2031-03-31_2031-03-31"
    assert [one.file for one in result.deliveries] == ["orders/2031-03-30_2031-03-30"]
    assert "1 more windows were not asked for" in result.notes[0]
    asked = len(server.seen)
    again = endpoint.land({"path": "/others"}, client=client)
    client.close()
    assert found in str(again.refused[0].error)
    assert len(server.seen) == asked


REFUSED: dict[str, tuple[Reply, str]] = {
    "400": (Reply('{"message": "from is too early"}', 400), 'found 400 Bad Request: {"message": "from is too early"}'),
    "401": (Reply("who are you", 401), "the server does not let us in; found 401 Unauthorized: who are you"),
    "403": (Reply("not you", 403), "the server does not let us in; found 403 Forbidden: not you"),
    "404": (Reply("nothing here", 404), "/api/orders: the server refuses the request; found 404 Not Found"),
    "206": (Reply("half", 206), "found 206 Partial Content"),
    "long words": (Reply("word\n" * 1000, 400), "found 400 Bad Request: word word word"),
    "words in gzip": (Reply("packed words", 400, fault="gzip"), "400 Bad Request: packed words"),
    "304 unasked": (Reply("", 304), "found 304 Not Modified"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_will_not_change_is_not_tried_again(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    reply, reason = REFUSED[case]
    server.on("/api/orders", reply, GOOD)
    result = endpoint.land()
    assert reason in str(result.refused[0].error)
    assert len(str(result.refused[0].error)) < 600
    assert len(server.seen) == 1


def test_an_encoding_nobody_asked_for_is_refused(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply(b"...", headers={"Content-Encoding": "br"}))
    result = endpoint.land()
    assert "compressed in a way that was not asked for; found br" in str(result.refused[0].error)
    assert server.seen[0].headers["Accept-Encoding"] == "gzip"


def test_gzip_is_undone(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": rows(1, 2000)}, fault="gzip"))
    assert len(endpoint.ids(endpoint.land())) == 2000


def test_requests_keep_their_pace(server: FaultServer, endpoint: Endpoint) -> None:
    page: dict[str, Any] = {"by": "page", "parameter": "page"}
    server.on("/api/orders", GOOD, Reply({"data": rows(4, 6)}), Reply({"data": []}))
    endpoint.land({"paginate": page}, http={"requests_per_second": 2})
    assert endpoint.time.slept == [0.5, 0.5]
    assert endpoint.time.now > AT


def test_many_refusals_in_a_row_end_the_export(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply("too early", 400))
    window = {"start": "2031-03-01", "from_parameter": "from", "to_parameter": "to"}
    result = endpoint.land({"window": window})
    assert len(result.refused) == 3
    assert result.notes == ["orders: 29 more windows were not asked for; the next run does"]


def test_one_bad_window_keeps_no_other_from_landing(server: FaultServer, endpoint: Endpoint) -> None:
    def answer(seen: Any) -> Reply:
        return Reply("no", 400) if seen.query["from"] == "2031-03-31" else Reply({"data": [{"id": seen.query["from"]}]})

    server.on("/api/orders", answer)
    window = {"start": "2031-03-30", "from_parameter": "from", "to_parameter": "to"}
    result = endpoint.land({"window": window})
    assert endpoint.ids(result) == ["2031-03-30", "2031-04-01"]
    assert [one.file for one in result.refused] == ["orders/2031-03-31_2031-03-31"]
    server.on("/api/orders", Reply({"data": [{"id": "late"}]}))
    assert endpoint.ids(endpoint.land({"window": window})) == ["2031-03-30", "2031-04-01", "late"]
