"""The untried connectors of docs/ against answers in the documented shape: what becomes of one record of each."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Connector
from pipeline.endpoint import credential_names
from pipeline.settings import REPOSITORY
from pipeline.yaml_files import read_model
from tests.connectors.kit import Loaded, loaded
from tests.servers.fault_server import FaultServer, Reply, Seen

UNTRIED = REPOSITORY / "docs" / "connectors" / "untried"
DAY = {"first_day": "2026-01-02"}
VISIT = {
    "idVisit": 6, "visitIp": "192.0.2.1", "userId": None, "visitorId": "ab", "firstActionTimestamp": 1767340800,
    "referrerType": "search", "referrerName": "Google", "deviceType": "Smartphone", "country": "France", "visitDuration": 91,
}  # fmt: skip
QUERIED = {
    "results": [{"dimensions": ["2026-01-02", "Organic Search", "Google", "(not set)", "Mobile", "Estonia"],
                 "metrics": [10, 8, 30, 12.5]}],
    "meta": {"total_rows": 1},
}  # fmt: skip
TREND = {"result": {"items": [[["2026/01/02"], ["2026/01/01"]], [[10, 8, 3, 30, "12"], ["--"] * 5], [], []]}}
TWEET = {
    "id": "123", "text": "Hello", "created_at": "2026-01-02T10:00:00.000Z",
    "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "impression_count": 99},
}  # fmt: skip
STATUS = {
    "created_at": "Fri Jan 02 17:46:55 +0800 2026", "idstr": "11488058246", "text": "你好", "user": {"screen_name": "acme"},
    "reposts_count": 8, "comments_count": 9, "attitudes_count": 7,
}  # fmt: skip
ORDER = {
    "id": 727, "status": "processing", "currency": "USD", "customer_id": 0, "total": "29.35", "total_tax": "1.35",
    "date_created_gmt": "2026-01-02T10:07:02", "date_modified_gmt": "2026-01-02T10:07:03", "shipping_total": "10.00",
    "shipping": {"country": ""}, "billing": {"country": "US"},
    "line_items": [{"id": 315, "product_id": 93, "quantity": 2, "total": "18.00"}],
}  # fmt: skip
REFUND = {"id": 726, "parent_id": 727, "date_created_gmt": "2026-01-02T20:07:11", "amount": "10.00", "reason": ""}


def once(body: Any, after: Any) -> Any:
    """The first page, and what every later one is."""
    return lambda seen: Reply(after if _is_later(seen) else body)


def _is_later(seen: Seen) -> bool:
    return seen.query.get("page", "1") != "1" or seen.query.get("filter_offset", "0") != "0"


CASES: dict[str, tuple[dict[str, str], dict[str, Any], dict[str, tuple[str, tuple[str, ...]]]]] = {
    "matomo": (
        {"site": "1", **DAY},
        {"/index.php": once([VISIT], [])},
        {"analytics.sessions": ("session_id channel device engaged_seconds", ("6", "organic_search", "mobile", "91.0"))},
    ),
    "plausible": (
        {"site": "shop.example", **DAY},
        {"/api/v2/query": Reply(QUERIED)},
        {"analytics.channel_daily": ("channel sessions users engaged_seconds", ("organic_search", "10", "8", "125.0"))},
    ),
    "x": (
        {"user_id": "1", "account": "acme", **DAY},
        {"/2/users/1/tweets": Reply({"data": [TWEET], "meta": {"result_count": 1}})},
        {"social.posts": ("post_id impressions shares engagements", ("123", "99", "5", "10"))},
    ),
    "weibo": (
        {},
        {"/statuses/user_timeline/biz.json": once({"statuses": [STATUS]}, {"statuses": []})},
        {"social.posts": ("account published_at engagements", ("acme", "2026-01-02 09:46:55", "24"))},
    ),
    "woocommerce": (
        {"currency": "USD"},
        {"/wp-json/wc/v3/orders": once([ORDER], []), "/wp-json/wc/v3/refunds": once([REFUND], [])},
        {
            "finance.orders": ("order_id customer_id status amount", ("727", "None", "paid", "18.0000")),
            "finance.order_lines": ("order_line_id quantity amount", ("315", "2", "18.0000")),
            "finance.refunds": ("order_id refunded_at amount", ("727", "2026-01-02 20:07:11", "10.0000")),
        },
    ),
    "baidu_tongji": (
        {"site": "1", **DAY},
        {"/rest/2.0/tongji/report/getData": Reply(TREND)},
        {"analytics.channel_daily": ("min(channel) count(*) sum(sessions) sum(engaged_seconds)",
                                     ("direct", "3", "30", "360.0"))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_answer_in_the_documented_shape_becomes_rows(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNTRIED_SECRET", "secret")
    parameters, paths, expected = CASES[name]
    file = UNTRIED / f"{name}.yml"
    auth = read_model(file, Connector, name).http.auth  # type: ignore[union-attr]
    credentials = dict.fromkeys(credential_names(auth), "UNTRIED_SECRET")
    with FaultServer() as server:
        server.scripts = {path: [answer] for path, answer in paths.items()}
        said: dict[str, Any] = {"parameters": parameters, "credentials": credentials}
        with loaded(tmp_path, str(file), server.url, as_of=date(2026, 1, 2), **said) as got:
            assert (got.refused(), got.quarantined()) == ([], [])
            assert {entity: _rows(got, entity, columns) for entity, (columns, _) in expected.items()} == {
                entity: [row] for entity, (_, row) in expected.items()
            }


def _rows(got: Loaded, entity: str, columns: str) -> list[tuple[str, ...]]:
    return [tuple(str(cell) for cell in row) for row in got.clean(entity, *columns.split())]


def test_every_untried_connector_has_its_case() -> None:
    assert sorted(CASES) == sorted(file.stem for file in UNTRIED.glob("*.yml"))
