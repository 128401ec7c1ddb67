"""The parts of the client that need no server: addresses, waits, paths, days, values that compare, secrets."""

import logging
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.endpoint import Window
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import Addresses, followed, joined, shown, without_parameter
from pipeline.extract.http.body import MISSING, at_path, in_lines, read_document, records_of
from pipeline.extract.http.failures import SourceEnded, wait_asked_for
from pipeline.extract.http.masking import Mask
from pipeline.extract.http.since import comparable
from pipeline.extract.http.turn import label_of
from pipeline.extract.http.windows import Span, wanted_spans, written

NOW = datetime(2031, 4, 2, 6, 0)


@pytest.mark.parametrize(
    ("base", "path", "address"),
    [
        ("https://a.example/v1", "/orders", "https://a.example/v1/orders"),
        ("https://a.example/v1/", "orders?x=1", "https://a.example/v1/orders?x=1"),
        ("https://a.example", "https://b.example/orders", "https://b.example/orders"),
    ],
)
def test_a_path_is_joined_to_the_address(base: str, path: str, address: str) -> None:
    assert joined(base, path) == address


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://a.example/x?key=s3cret&page=2", "https://a.example/x?key=…&page=…"),
        ("https://ann:s3cret@a.example/x#part", "https://a.example/x"),
        ("https://[", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_values(url: str, text: str) -> None:
    assert shown(url) == text


@pytest.mark.parametrize(
    ("url", "is_home", "is_named"),
    [
        ("https://a.example/other", True, True),
        ("https://A.EXAMPLE:443/", True, True),
        ("http://a.example/", False, False),
        ("https://a.example:8443/", False, False),
        ("https://files.example/x", False, True),
        ("https://files.example:8443/x", False, False),
        ("https://more.example:8443/x", False, True),
        ("https://evil.example/https://a.example", False, False),
        ("https://a.example@evil.example/", False, False),
        ("https://a.example.evil.example/", False, False),
        ("ftp://a.example/", False, False),
        ("https://a.example:port/", False, False),
    ],
)
def test_hosts_are_told_apart(url: str, is_home: bool, is_named: bool) -> None:
    addresses = Addresses("https://a.example/v1", ("files.example", "more.example:8443"))
    assert (addresses.is_home(url), addresses.is_named(url)) == (is_home, is_named)


def test_nobody_goes_back_from_https() -> None:
    addresses = Addresses("http://127.0.0.1:80/", ("127.0.0.1",))
    with pytest.raises(RefusedDelivery, match="leads to an address that is not named"):
        addresses.check("http://127.0.0.1:80/", before="https://127.0.0.1/")


def test_links_are_followed_from_where_they_stand() -> None:
    assert followed("https://a.example/v1/orders?p=1", "?p=2 b") == "https://a.example/v1/orders?p=2%20b"
    assert followed("https://a.example/v1/orders", "/v2?c=a%2Bb") == "https://a.example/v2?c=a%2Bb"
    assert without_parameter("https://a.example/x?a=1&key=s&b=", "key") == "https://a.example/x?a=1&b="


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0), (" 120 ", 120.0), ("1.5", 1.5), ("Wed, 02 Apr 2031 06:01:00 GMT", 60.0),
        ("Wed, 02 Apr 2031 08:01:00 +0200", 60.0), ("Tue, 01 Apr 2031 06:00:00 GMT", 0.0),
        ("Wed, 02 Apr 2031 06:01:00 -0000", 60.0), ("9" * 400, 31_536_000.0),
        (None, None), ("", None), ("soon", None), ("-1", None), ("1e3", None), ("inf", None), ("٣", None),
    ],
)  # fmt: skip
def test_a_wait_is_read_as_seconds_or_a_date(said: str | None, seconds: float | None) -> None:
    assert wait_asked_for(said, NOW) == seconds


BODY: dict[str, Any] = {
    "a": {"b": [1], "c.d": {"e": None}}, "@odata.nextLink": "link", "x.y.z": 5, "lists": [{"r": [1]}, {"r": [2]}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", [1]), ("a.c.d.e", None), ("@odata.nextLink", "link"), ("x.y.z", 5),
        ("a.x", MISSING), ("a.b.c", MISSING), ("", MISSING), ("@odata", MISSING),
    ],
)  # fmt: skip
def test_a_path_leads_through_keys_with_dots(path: str, value: Any) -> None:
    assert at_path(BODY, path) == value or at_path(BODY, path) is value


@pytest.mark.parametrize(
    ("body", "path", "records"),
    [
        (b'[{"a": 1}, {"a": 2}]', None, [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}', None, [{"a": 1}]),
        (b'{"a": 1}\n\n{"a": 2}\n', None, [{"a": 1}, {"a": 2}]),
        (b'{"d": {"r": [1.10, 2]}}', "d.r", [Decimal("1.10"), 2]),
        (b'{"d": [{"r": [1]}, {"r": null}, {"r": [2]}]}', "d.r", [1, 2]),
        (b'\xef\xbb\xbf{"r": []}', "r", []),
        ('{"r": ["ü"]}'.encode("utf-16"), "r", ["ü"]),
    ],
)
def test_records_are_found(body: bytes, path: str | None, records: list[Any]) -> None:
    assert records_of(read_document(body, "here"), path, "here") == records


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value at character 1"), (b'{"r": [1', "Expecting"), (b'{"r": [1]}}', "Extra data"),
        (b'{"r": [Infinity]}', "Infinity is no JSON"), (b'{"r": "\xff"}', "codec can't decode"), (b"[" * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_whole_json_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(RefusedDelivery, match="the answer is no whole JSON") as caught:
        records_of(read_document(body, "here"), "r", "here")
    assert reason in str(caught.value) or reason == "Extra data"


def test_a_body_becomes_one_line_and_nothing_else_changes() -> None:
    body = b'\xef\xbb\xbf{\r\n "a": 1.10,\n "t": "x\\n  y"\n}\n'
    assert in_lines(body, is_lines=False) == b'{   "a": 1.10,  "t": "x\\n  y" }\n'
    assert in_lines(b'{"a": 1}\n{"a": 2}', is_lines=True) == b'{"a": 1}\n{"a": 2}\n'


def span(text: str) -> Span:
    first, _, last = text.partition("..")
    return Span(date.fromisoformat(f"2031-{first}"), date.fromisoformat(f"2031-{last or first}"))


@pytest.mark.parametrize(
    ("days", "again", "covered", "wanted"),
    [
        (1, 0, [], ["03-30", "03-31", "04-01"]),
        (2, 0, [], ["03-30..03-31", "04-01"]),
        (9, 0, [], ["03-30..04-01"]),
        (9, 0, ["03-31"], ["03-30", "04-01"]),
        (9, 0, ["03-01..04-01"], []),
        (9, 0, ["03-30..12-31"], []),
        (9, 1, ["03-30..03-31"], ["03-31..04-01"]),
        (1, 2, ["03-30..04-01"], ["03-31", "04-01"]),
        (9, 99, ["03-30..03-31"], ["03-30..04-01"]),
        (9, 3, [], ["03-30..04-01"]),
    ],
)
def test_days_not_fetched_and_the_newest_are_wanted(
    days: int, again: int, covered: list[str], wanted: list[str]
) -> None:
    window = Window(days=days, again=again, from_parameter="a", to_parameter="b")
    spans = wanted_spans(window, date(2031, 3, 30), date(2031, 4, 1), [span(one) for one in covered])
    assert spans == [span(one) for one in wanted]


@pytest.mark.parametrize(
    ("form", "to_is", "expected"),
    [
        ("%Y-%m-%d", "inclusive", ("2031-03-08", "2031-03-09")),
        ("%Y-%m-%d", "exclusive", ("2031-03-08", "2031-03-10")),
        ("%Y-%m-%dT%H:%M:%S", "inclusive", ("2031-03-08T00:00:00", "2031-03-09T23:59:59")),
        ("%Y-%m-%dT%H:%M:%S%z", "exclusive", ("2031-03-08T00:00:00-0500", "2031-03-10T00:00:00-0400")),
        ("%Y-%m-%dT%H:%M:%SZ", "exclusive", ("2031-03-08T05:00:00Z", "2031-03-10T04:00:00Z")),
        ("epoch_s", "exclusive", (1930712400, 1930881600)),
        ("epoch_ms", "inclusive", (1930712400000, 1930881599999)),
    ],
)
def test_days_are_written_in_the_zone_of_the_source(form: str, to_is: Any, expected: tuple[Any, Any]) -> None:
    """Clocks go forward on 9 March: the span is an hour short of two days."""
    window = Window(format=form, to_is=to_is, from_parameter="a", to_parameter="b")
    said = written(span("03-08..03-09"), window, ZoneInfo("America/New_York"))
    assert (said["a"], said["b"]) == expected


@pytest.mark.parametrize(
    ("older", "newer", "form"),
    [
        ("9", "10", None), ("2031-03-01", "2031-03-01T00:00:01Z", None), ("2031-03-01T01:00:00+02:00", "2031-03-01", None),
        ("1898000000000", "1898000000001", "epoch_ms"), ("1898000000", "99999999999999999999", "epoch_s"),
        ("31/01/31", "28/02/31", "%d/%m/%y"), ("A", "a", None), ("1e2", "101", None),
    ],
)  # fmt: skip
def test_values_compare_by_what_they_mean(older: str, newer: str, form: str | None) -> None:
    assert comparable(older, form, "here") < comparable(newer, form, "here")  # type: ignore[operator]


def test_names_of_deliveries_fit_a_path() -> None:
    assert label_of("orders", "since_2031-03-01T00:00:00+02:00/../x") == "orders/since_2031-03-01T00-00-00-02-00-x"
    assert label_of("orders") == "orders"


@pytest.mark.parametrize(
    "text", ["pa55 w/rd+", "pa55%20w/rd%2B", "pa55%20w%2Frd%2B", "pa55+w%2Frd%2B", "cGE1NSB3L3JkKw=="]
)
def test_a_secret_is_masked_however_it_is_written(text: str) -> None:
    mask = Mask()
    mask.add("pa55 w/rd+")
    assert mask(f"it is <{text}>") == "it is <***>"


def test_a_masked_error_is_of_the_same_kind() -> None:
    mask = Mask()
    mask.add("s3cret")
    error = mask.error(SourceEnded("no s3cret", where="s3cret", found="s3cret", expected="s3cret", action="s3cret"))
    assert (type(error), "s3cret" in str(error), str(error).count("***")) == (SourceEnded, False, 5)


def test_what_the_http_library_logs_is_masked_while_watched(caplog: pytest.LogCaptureFixture) -> None:
    mask, logger = Mask(), logging.getLogger("urllib3.connectionpool")
    mask.add("s3cret")
    caplog.set_level(logging.DEBUG)
    mask.watch()
    logger.debug("%s asked", "/x?key=s3cret")
    mask.unwatch()
    assert caplog.messages == ["/x?key=*** asked"]
