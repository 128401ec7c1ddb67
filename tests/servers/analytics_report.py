"""A runReport endpoint as Google documents it: an OAuth token by refresh, POSTed dates, pages by limit and offset.

Here belongs the documented shape; what comes of it is in the tests.
"""

from collections.abc import Sequence
from typing import Any

from tests.servers.fault_server import FaultServer, Reply, Seen

DIMENSIONS = ("date", "sessionDefaultChannelGroup", "sessionSource", "sessionCampaignName", "deviceCategory", "country")
METRICS = ("sessions", "totalUsers", "newUsers", "userEngagementDuration", "screenPageViews", "purchaseRevenue")
Row = tuple[str, ...]


def serve_report(server: FaultServer, property_id: str, rows: Sequence[Row], refresh_token: str, most: int) -> None:
    """Answer for these rows (dimensions, then metrics), at most `most` a page whatever limit says."""

    def token(seen: Seen) -> Reply:
        if seen.form.get("refresh_token") != refresh_token or seen.form.get("grant_type") != "refresh_token":
            return Reply({"error": "invalid_grant"}, 400)
        return Reply({"access_token": "short-lived", "expires_in": 3599, "token_type": "Bearer"})

    def report(seen: Seen) -> Reply:
        if seen.headers.get("Authorization") != "Bearer short-lived":
            return Reply({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
        asked = seen.json
        [span] = asked["dateRanges"]
        first, last = (span[name].replace("-", "") for name in ("startDate", "endDate"))
        found = [row for row in rows if first <= row[0] <= last]
        begin = int(asked.get("offset", 0))
        return Reply(_answer(found, found[begin : begin + min(int(asked["limit"]), most)], asked))

    server.on("/token", token)
    server.on(f"/v1beta/properties/{property_id}:runReport", report)


def _answer(found: Sequence[Row], page: Sequence[Row], asked: dict[str, Any]) -> dict[str, Any]:
    assert [one["name"] for one in asked["dimensions"]] == list(DIMENSIONS)
    assert [one["name"] for one in asked["metrics"]] == list(METRICS)
    answer: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in DIMENSIONS],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in METRICS],
        "metadata": {"currencyCode": asked["currencyCode"], "timeZone": "America/New_York"},
        "kind": "analyticsData#runReport",
    }
    rows = [
        {
            "dimensionValues": [{"value": value} for value in row[: len(DIMENSIONS)]],
            "metricValues": [{"value": value} for value in row[len(DIMENSIONS) :]],
        }
        for row in page
    ]
    return answer | ({"rows": rows, "rowCount": len(found)} if found else {})
