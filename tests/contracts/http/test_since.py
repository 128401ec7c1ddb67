"""What was changed since: the newest value landed is where the next call begins, its own rows included."""

from typing import Any

import pytest

from tests.servers.endpoints import Endpoint
from tests.servers.fault_server import FaultServer, Reply, Seen

SINCE = {"field": "changed", "parameter": "updated_after"}


def changed(*values: Any) -> list[dict[str, Any]]:
    return [{"id": str(number), "changed": value} for number, value in enumerate(values, 1)]


def asked(server: FaultServer) -> list[str | None]:
    return [one.query.get("updated_after") for one in server.seen]


NEWEST: dict[str, tuple[dict[str, Any], list[Any], str]] = {
    "ISO times": ({}, ["2031-03-01T08:00:00Z", "2031-03-01T07:30:00-05:00", "2031-02-28"], "2031-03-01T07:30:00-05:00"),
    "numbers as they are written": ({}, [9, 10, 9.5], "10"),
    "numbers in texts": ({}, ["9", "10"], "10"),
    "texts": ({}, ["b", "ab"], "b"),
    "epochs": ({"format": "epoch_ms"}, [1898000000123, 1898000000001], "1898000000123"),
    "a format": ({"format": "%d.%m.%Y"}, ["02.03.2031", "28.02.2031"], "02.03.2031"),
    "null is no value": ({}, [None, "2031-03-01"], "2031-03-01"),
}


@pytest.mark.parametrize("case", NEWEST)
def test_the_next_call_begins_at_the_newest_value(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    more, values, newest = NEWEST[case]
    server.on("/api/orders", Reply({"data": changed(*values)}))
    request = {"since": SINCE | more}
    assert endpoint.land(request).refused == []
    endpoint.land(request)
    assert asked(server) == [None, newest]


def test_rows_at_the_boundary_come_again_and_nothing_new_is_nothing_landed(
    server: FaultServer, endpoint: Endpoint
) -> None:
    rows = changed("2031-03-01", "2031-03-02", "2031-03-02")
    server.on("/api/orders", lambda seen: Reply(
        {"data": [row for row in rows if row["changed"] >= seen.query.get("updated_after", "")]}
    ))  # fmt: skip
    request = {"since": SINCE | {"start": "2031-01-01"}}
    new = [[one.rows for one in endpoint.land(request).new] for _ in range(3)]
    rows.append({"id": "4", "changed": "2031-03-02"})
    new.append([one.rows for one in endpoint.land(request).new])
    assert new == [[3], [2], [], [3]]
    assert asked(server) == ["2031-01-01", "2031-03-02", "2031-03-02", "2031-03-02"]


def test_an_answer_without_records_moves_nothing(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": changed("2031-03-01")}), Reply({"data": []}))
    for _ in range(3):
        result = endpoint.land({"since": SINCE})
    assert asked(server) == [None, "2031-03-01", "2031-03-01"]
    assert (result.notes, result.refused) == ([], [])


def test_older_values_never_move_it_back(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": changed("2031-03-05")}), Reply({"data": changed("2031-03-01")}))
    for _ in range(3):
        endpoint.land({"since": SINCE})
    assert asked(server) == [None, "2031-03-05", "2031-03-05"]


def test_a_record_from_the_future_does_not_hide_what_is_to_come(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"data": changed("2031-03-01", "2999-01-01")}))
    result = endpoint.land({"since": SINCE})
    assert result.deliveries[0].rows == 2
    assert "1 records say they were changed in the future" in result.notes[0]
    endpoint.land({"since": SINCE})
    assert asked(server) == [None, "2031-03-01"]


@pytest.mark.parametrize("start", ["2999-01-01", "2999-01-01T00:00:00+01:00"])
def test_a_start_in_the_future_gives_no_rows_and_says_so(server: FaultServer, endpoint: Endpoint, start: str) -> None:
    server.on("/api/orders", Reply({"data": []}))
    result = endpoint.land({"since": SINCE | {"start": start}})
    assert (result.deliveries, result.refused) == ([], [])
    assert result.notes == [f"orders: asks for changes since {start}, which lies in the future"]


UNUSABLE = {
    "no record has it": ({}, [{"id": "1"}], "no record has it"),
    "times and texts": ({}, changed("2031-03-01", "yesterday"), "values of one kind"),
    "a list": ({}, changed(["2031"]), "changed is list"),
    "another format": ({"format": "%d.%m.%Y"}, changed("2031-03-01"), "found '2031-03-01'; expected %d.%m.%Y"),
    "no epoch": ({"format": "epoch_s"}, changed("2031-03-01"), "expected epoch_s"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_field_that_does_not_tell_refuses_the_call(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    more, rows, reason = UNUSABLE[case]
    server.on("/api/orders", Reply({"data": rows}))
    result = endpoint.land({"since": SINCE | more})
    assert reason in str(result.refused[0].error)
    assert (result.deliveries, endpoint.spooled()) == ([], [])


def test_changes_are_read_across_pages(server: FaultServer, endpoint: Endpoint) -> None:
    def answer(seen: Seen) -> Reply:
        values = {"1": ["2031-03-01", "2031-03-09"], "2": ["2031-03-04", "2031-03-05"]}.get(seen.query["page"], [])
        rows = [{"id": f"{seen.query['page']}{number}", "changed": value} for number, value in enumerate(values)]
        return Reply({"data": rows})

    server.on("/api/orders", answer)
    request = {"since": SINCE, "paginate": {"by": "page", "parameter": "page"}}
    endpoint.land(request)
    endpoint.land(request)
    assert asked(server) == [None, None, None, "2031-03-09", "2031-03-09", "2031-03-09"]
