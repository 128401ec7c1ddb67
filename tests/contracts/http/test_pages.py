"""Every way of handing out pages lands every record once; every way of handing them out wrongly lands nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.endpoints import Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply, Seen, paged

ALL = [str(number) for number in range(1, 8)]
BY_PAGE = {"by": "page", "parameter": "page", "size": 3, "size_parameter": "limit"}
BY_CURSOR = {"by": "cursor", "parameter": "after", "cursor": "paging.next.after"}


def page_of(number: int, size: int = 3) -> list[dict[str, Any]]:
    return rows(1 + (number - 1) * size, min(number * size, 7))


def by_cursor(seen: Seen) -> Reply:
    number = int(seen.query.get("after", "page-1").removeprefix("page-"))
    more = {"paging": {"next": {"after": f"page-{number + 1}"}}} if number < 3 else {"paging": {}}
    return Reply({"data": page_of(number), **more})


def by_odata_link(seen: Seen) -> Reply:
    number = int(seen.query.get("$skiptoken", 1))
    link = {"@odata.nextLink": f"/api/orders?$skiptoken={number + 1}"} if number < 3 else {}
    return Reply({"data": page_of(number), **link})


def by_header(seen: Seen) -> Reply:
    number = int(seen.query.get("p", 1))
    links = f'</api/orders?p=1>; rel="first", <orders?p={number + 1}>; rel="next"' if number < 3 else ""
    return Reply({"data": page_of(number)}, headers={"Link": links})


def by_last_record(seen: Seen) -> Reply:
    after = int(seen.query.get("starting_after", 0))
    return Reply({"data": rows(after + 1, min(after + 3, 7)), "has_more": after + 3 < 7})


def by_offset_capped_at_two(seen: Seen) -> Reply:
    """The server gives fewer than were asked for."""
    offset = int(seen.query["offset"])
    return Reply({"data": rows(offset + 1, min(offset + 2, 7))})


def by_offset_in_the_body(seen: Seen) -> Reply:
    assert seen.json["query"] == "all"
    offset = seen.json["range"]["offset"]
    return Reply({"data": rows(offset + 1, min(offset + 3, 7)), "found": 7})


def by_graphql(seen: Seen) -> Reply:
    after = int(seen.json["variables"].get("after") or 0)
    info = {"hasNextPage": after + 3 < 7, "endCursor": str(after + 3)}
    return Reply({"data": {"orders": {"nodes": rows(after + 1, min(after + 3, 7)), "pageInfo": info}}})


def by_done_flag(seen: Seen) -> Reply:
    after = int(seen.query.get("cursor", 0))
    return Reply({"data": rows(after + 1, min(after + 3, 7)), "after": str(after + 3), "end": after + 3 >= 7})


def by_form(seen: Seen) -> Reply:
    assert seen.form["kind"] == "order"
    return paged(rows(1, 7), 3)(Seen("POST", seen.path, seen.form, {}, b""))


GOOD: dict[str, tuple[Callable[[Seen], Reply], dict[str, Any], int]] = {
    "page numbers": (paged(rows(1, 7), 3), {"paginate": BY_PAGE}, 4),
    "page numbers and a total": (paged(rows(1, 7), 3, count=7), {"paginate": BY_PAGE | {"total": "count"}}, 3),
    "a server that gives fewer a page": (paged(rows(1, 7), 2), {"paginate": BY_PAGE}, 5),
    "a cursor": (by_cursor, {"paginate": BY_CURSOR}, 3),
    "a relative link": (by_odata_link, {"paginate": {"by": "next_link", "cursor": "@odata.nextLink"}}, 3),
    "the Link header": (by_header, {"paginate": {"by": "link_header"}}, 3),
    "the last record": (
        by_last_record,
        {"paginate": {"by": "cursor", "parameter": "starting_after", "last": "id", "more": "has_more"}},
        3,
    ),
    "an offset": (by_offset_capped_at_two, {"paginate": {"by": "offset", "parameter": "offset"}}, 5),
    "an offset in a JSON body": (
        by_offset_in_the_body,
        {
            "method": "POST",
            "body": {"query": "all", "range": {"unit": "row"}},
            "paginate": {"by": "offset", "parameter": "range.offset", "total": "found"},
        },
        3,
    ),
    "a flag that says done": (
        by_done_flag,
        {"paginate": {"by": "cursor", "parameter": "cursor", "cursor": "after", "done": "end"}},
        3,
    ),
    "a form": (by_form, {"method": "POST", "form": {"kind": "order"}, "paginate": BY_PAGE}, 4),
}


@pytest.mark.parametrize("case", GOOD)
def test_every_record_lands_once(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    answer, request, calls = GOOD[case]
    server.on("/api/orders", answer)
    result = endpoint.land(request)
    assert [str(one.error) for one in result.refused] == []
    assert endpoint.ids(result) == ALL
    assert len(result.deliveries) == 1
    assert len(server.seen) == calls
    assert endpoint.spooled() == []


def test_a_graph_is_paged_through_its_variables(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", by_graphql)
    paginate = {
        "by": "cursor", "parameter": "variables.after",
        "cursor": "data.orders.pageInfo.endCursor", "more": "data.orders.pageInfo.hasNextPage",
    }  # fmt: skip
    request = {"method": "POST", "body": {"query": "{ orders }", "variables": {}}, "paginate": paginate}
    result = endpoint.land(request, read={"format": "json", "records": "data.orders.nodes"})
    assert endpoint.ids(result) == ALL


def test_what_did_not_change_is_not_landed_again_and_what_changed_back_is(
    server: FaultServer, endpoint: Endpoint
) -> None:
    first, second = Reply({"data": rows(1, 2)}), Reply({"data": rows(1, 3)})
    server.on("/api/orders", first, first, second, first)
    new = [len(endpoint.land().new) for _ in range(4)]
    assert new == [1, 0, 1, 1]


def test_numbers_and_texts_land_as_they_are_written(server: FaultServer, endpoint: Endpoint) -> None:
    body = b'{"data": [\r\n {"id": 12345678901234567890,\n "price": 1.10, "text": "a\\nb  c", "none": null}\n]}'
    server.on("/api/orders", lambda seen: Reply(body if seen.query["page"] == "1" else {"data": []}))
    result = endpoint.land({"paginate": BY_PAGE})
    folder = result.deliveries[0].folder / "rows.parquet"
    row = endpoint.connection.execute("select id, price, text, none from read_parquet(?)", [str(folder)]).fetchone()
    assert row == ("12345678901234567890", "1.10", "a\nb  c", None)


def script(*pages: Any) -> list[Reply]:
    return [page if isinstance(page, Reply) else Reply(page) for page in pages]


def after(cursor: Any) -> dict[str, Any]:
    return {"paging": {"next": {"after": cursor}}}


WRONG: dict[str, tuple[dict[str, Any], list[Any], str]] = {
    "the page number is ignored": (BY_PAGE, [{"data": rows(1, 3)}], "a page came twice"),
    "a cursor leads back": (
        BY_CURSOR,
        [{"data": rows(1, 2), **after("b")}, {"data": rows(3, 4), **after("c")}, {"data": rows(5, 6), **after("b")}],
        "a cursor came twice; found after page 3",
    ),
    "cursors have no end": (
        BY_CURSOR | {"max_pages": 2},
        [{"data": rows(1, 1), **after("b")}, {"data": rows(2, 2), **after("c")}],
        "the pages have no end; found more than 2",
    ),
    "an empty page leads on": (BY_CURSOR, [{"data": [], **after("b")}], "a page is empty and still leads to another"),
    "an empty page claims more": (
        BY_PAGE | {"more": "more"},
        [{"data": rows(1, 3), "more": True}, {"data": [], "more": True}],
        "a page is empty and still leads to another; found page 2",
    ),
    "more is claimed and none named": (
        BY_CURSOR | {"more": "more"},
        [{"data": rows(1, 3), "more": True}],
        "more pages follow and none is named",
    ),
    "the flag is missing": (BY_PAGE | {"more": "more"}, [{"data": rows(1, 3)}], "the flag that ends the pages is not told"),
    "fewer records than the total": (
        BY_PAGE | {"total": "count"},
        [{"data": rows(1, 3), "count": 5}, {"data": [], "count": 5}],
        "the total disagrees with the records; found 3 records; expected 5 at count",
    ),
    "more records than the total": (
        BY_PAGE | {"total": "count"},
        [{"data": rows(1, 3), "count": 2}],
        "the total disagrees with the records; found 3 records; expected 2",
    ),
    "no total": (BY_PAGE | {"total": "count"}, [{"data": rows(1, 3)}], "the total is not told"),
    "records vanish while pages are asked for": (
        BY_PAGE | {"total": "count"},
        [{"data": rows(1, 3), "count": 7}, {"data": rows(4, 6), "count": 6}],
        "records vanished while pages were asked for; found 6 in all after 7",
    ),
    "a page shrinks while others follow": (
        BY_PAGE,
        [{"data": rows(1, 3)}, {"data": rows(4, 5)}, {"data": rows(7, 9)}],
        "a page shrank while others follow; found page 2 is shorter than the first",
    ),
    "the last record has no cursor": (
        {"by": "cursor", "parameter": "after", "last": "key"},
        [{"data": rows(1, 3)}],
        "the last record has no cursor",
    ),
    "no records where they are to be": (BY_PAGE, [{"errcode": 40001, "errmsg": "who?"}], "errcode"),
    "broken JSON on the second page": (BY_PAGE, [{"data": rows(1, 3)}, b'{"data": [{"id": "4"'], "the answer is no whole JSON"),
    "NaN is no JSON": (BY_PAGE, [b'{"data": [{"id": NaN}]}'], "the answer is no whole JSON; found NaN is no JSON"),
    "a page for people": (
        BY_PAGE,
        [{"data": rows(1, 3)}, Reply("<html>Please log in</html>", headers={"Content-Type": "text/html; charset=utf-8"})],
        "the answer is something else than data; found text/html: <html>Please log in",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_pages_that_cannot_be_right_land_nothing(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    paginate, pages, reason = WRONG[case]
    server.on("/api/orders", *script(*pages))
    result = endpoint.land({"paginate": paginate})
    (refusal,) = result.refused
    assert reason in str(refusal.error)
    assert refusal.file == "orders"
    assert result.deliveries == []
    assert endpoint.spooled() == []


def test_a_list_left_out_is_no_records_where_the_connector_says_so(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply({"kind": "report"}))
    assert "holds no records where" in str(endpoint.land().refused[0].error)
    result = endpoint.land({"may_lack_records": True})
    assert (result.refused, result.deliveries) == ([], [])


@pytest.mark.parametrize(
    ("told", "is_refused"),
    [({"errcode": 40001}, True), ({"errcode": 0}, False), ({}, False), ({"errcode": None}, False)],
)
def test_a_failure_told_with_status_200_is_one(
    server: FaultServer, endpoint: Endpoint, told: dict[str, Any], is_refused: bool
) -> None:
    server.on("/api/orders", Reply({"data": rows(1, 2), **told}))
    result = endpoint.land({"error": "errcode"})
    assert bool(result.refused) is is_refused
    assert bool(result.deliveries) is not is_refused
