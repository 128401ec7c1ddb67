"""What can be wrong with a request before anything is called: each is told with its place; the documented example is right."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.configuration import load_configuration
from pipeline.contracts import Contracts
from pipeline.endpoint import Cursor, Http, OAuth2Client, OAuth2Refresh, Paginate, Request, Window
from pipeline.errors import ConfigurationError
from pipeline.settings import REPOSITORY
from pipeline.sources import Configuration

DOCUMENTED = [
    yaml.safe_load(block)
    for block in re.findall(
        r"```yaml\n(.*?)```", (REPOSITORY / "docs" / "http.md").read_text(encoding="utf-8"), re.DOTALL
    )
]
CONNECTOR, SOURCES = DOCUMENTED


def load(folder: Path, contracts: Contracts, connector: dict[str, Any], source: dict[str, Any]) -> Configuration:
    (folder / "connectors").mkdir()
    (folder / "connectors" / "shop.yml").write_text(yaml.safe_dump(connector))
    said = SOURCES | {"sources": {"shop": SOURCES["sources"]["shop"] | source}}
    (folder / "sources.yml").write_text(yaml.safe_dump(said))
    return load_configuration(folder / "sources.yml", contracts)


def with_http(**http: Any) -> dict[str, Any]:
    return CONNECTOR | {"http": CONNECTOR["http"] | http}


def with_export(**export: Any) -> dict[str, Any]:
    return CONNECTOR | {"exports": {"orders": CONNECTOR["exports"]["orders"] | export}}


def with_request(**request: Any) -> dict[str, Any]:
    return with_export(request=CONNECTOR["exports"]["orders"]["request"] | request)


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def test_the_documented_example_loads(tmp_path: Path, contracts: Contracts) -> None:
    export = load(tmp_path, contracts, CONNECTOR, {}).connectors["shop"].exports["orders"]
    assert export.request is not None
    assert export.request.window is not None
    assert export.request.window.start == "2026-01-01"


def test_a_parameter_in_a_request_is_no_sql(tmp_path: Path, contracts: Contracts) -> None:
    connector = with_request(parameters={"where": "day >= ${first_day}"})
    export = (
        load(tmp_path, contracts, connector, {"parameters": {"first_day": "2026-02-01"}}).connectors["shop"].exports
    )
    assert export["orders"].request is not None
    assert export["orders"].request.parameters == {"where": "day >= 2026-02-01"}


PAGE = {"by": "page", "parameter": "page"}
WINDOW = {"from_parameter": "a", "to_parameter": "b"}
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no address": (with_http(url=None), {}, "sources.yml, sources.shop: requests need an address"),
    "plain http": (with_http(url="http://api.example.com"), {}, "shop.yml, http.url: an address needs https; http is for this machine"),
    "plain http in sources.yml": (CONNECTOR, {"location": "http://api.example.com"}, "sources.shop.location: an address needs https"),
    "no host": (with_http(url="https:///x"), {}, "this is no address"),
    "a secret in the address": (with_http(url="https://ann:s3cret@api.example.com"), {}, "an address is an address alone"),
    "a query in the address": (with_http(url="https://api.example.com/?key=s3cret"), {}, "an address is an address alone"),
    "no such host": (with_http(hosts=["https://files.example.com"]), {}, "shop.yml, http.hosts: this is no host"),
    "an unnamed host in a path": (with_request(path="https://else.example/x"), {}, "orders.request.path: the host of the path is not named"),
    "a bucket": (CONNECTOR, {"location": "s3://bucket", "credentials": {}}, "a bucket hands out no requests"),
    "a credential that is not mapped": (CONNECTOR, {"credentials": {}}, "sources.shop: a credential is missing; expected credentials: {token:"),
    "a credential nobody uses": (CONNECTOR, {"credentials": {"token": "A", "other": "B"}}, "no auth uses this credential; found other"),
    "a token from plain http": (
        with_http(auth={"kind": "oauth2_client", "token_url": "http://x.example/t", "client_id": "token", "client_secret": "token"}),
        {}, "http.auth.token_url: an address needs https"),
    "an unknown kind of auth": (with_http(auth={"kind": "magic"}), {}, "http.auth"),
    "a secret header": (with_http(headers={"authorization": "x"}), {}, "http.headers: this header is not yours to set"),
    "a secret header of a request": (with_request(headers={"Cookie": "x"}), {}, "request.headers: this header is not yours to set"),
    "files at an address": (
        CONNECTOR | {"exports": CONNECTOR["exports"] | {"files": without(CONNECTOR["exports"]["orders"], "request") | {"files": "*"}}},
        {"location": "https://api.example.com"}, "sources.shop.location: exports of files lie in a folder or a bucket; found files"),
    "http without requests": (
        CONNECTOR | {"exports": {"orders": without(CONNECTOR["exports"]["orders"], "request") | {"files": "*"}}},
        {"location": ".", "credentials": {}}, "shop.yml, http: no export has a request"),
    "a marker": (with_export(done_marker="_OK"), {}, "exports.orders.done_marker: an endpoint has no markers"),
    "windows of everything": (with_export(write="snapshot"), {}, "exports.orders.write: a window, or what was changed, is never everything"),
    "pages of a workbook": (with_export(read={"format": "xlsx"}), {}, "request.paginate: xlsx comes in one piece"),
    "cursors in CSV": (with_export(read={"format": "csv"}), {}, "pages of CSV tell nothing of the next; expected by: page or link_header"),
    "a preamble on each page": (
        with_request(paginate=PAGE) | {"exports": {"orders": with_request(paginate=PAGE)["exports"]["orders"] | {"read": {"format": "csv", "skip": 2}}}},
        {}, "pages of CSV are joined under one plain header"),
    "changes in CSV": (
        with_export(request={"path": "/x", "since": {"field": "t", "parameter": "t"}}, read={"format": "csv"}),
        {}, "request.since: what was changed is told by JSON records alone"),
    "a window without a start": (with_request(window=WINDOW), {}, "request.window: the first day is not said"),
    "a start that is no day": (with_request(window=WINDOW | {"start": "soon"}), {}, "request.window.start: this is no day"),
    "a parameter that is no day": (CONNECTOR, {"parameters": {"first_day": "soon"}}, "request.window.start: this is no day"),
    "a format without a day": (with_request(window=WINDOW | {"start": "2026-01-01", "format": "Y-M-D"}), {}, "request.window.format"),
    "a start of another format": (
        with_export(request={"path": "/x", "since": {"field": "t", "parameter": "t", "format": "%Y", "start": "x"}}),
        {}, "request.since.start: this is not written as since.format says"),
    "window and since": (with_request(since={"field": "t", "parameter": "t"}), {}, "say either window or since, not both"),
    "a body with GET": (with_request(body={}), {}, "a body goes with method: POST"),
    "a download of pages": (with_request(download="url"), {}, "a download has no pages"),
    "a size without its parameter": (with_request(paginate=PAGE | {"size": 5}), {}, "say size and size_parameter together"),
    "a cursor without a parameter": (with_request(paginate={"by": "cursor", "cursor": "x"}), {}, "pagination by cursor needs parameter"),
    "a cursor for pages": (with_request(paginate=PAGE | {"cursor": "x"}), {}, "pagination by page has no use for cursor"),
    "a start for links": (with_request(paginate={"by": "link_header", "start": 1}), {}, "pagination by link_header has no use for start"),
    "more and done": (with_request(paginate=PAGE | {"more": "x", "done": "y"}), {}, "say either more or done, not both"),
    "an endless pace": (with_http(requests_per_second=0), {}, "http.requests_per_second"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, contracts: Contracts, case: str) -> None:
    connector, source, reason = WRONG[case]
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, contracts, connector, source)
    assert reason in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_the_first_day_may_be_that_of_the_coverage(tmp_path: Path, contracts: Contracts) -> None:
    covers = {"covers": {"finance.orders": {"from": "2026-01-01"}}}
    assert load(tmp_path, contracts, with_request(window=WINDOW), covers).connectors["shop"].http is not None


def test_every_option_is_documented() -> None:
    text = (REPOSITORY / "docs" / "http.md").read_text(encoding="utf-8")
    options = {
        name
        for model in (Http, Request, Paginate, Window, Cursor, OAuth2Client, OAuth2Refresh)
        for name in model.model_fields
    } - {"by", "kind"}
    assert sorted(name for name in options if f"`{name}`" not in text) == []
