"""Google Analytics 4: events and sessions of the BigQuery export, figures by day of the Data API and of reports."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.connectors.kit import FIXTURES, loaded
from tests.servers.analytics_report import serve_report
from tests.servers.fault_server import FaultServer

EXPORT = FIXTURES / "ga4_bigquery" / "events_20260115.ndjson"


@pytest.mark.parametrize("kind", ["ndjson", "parquet"])
def test_events_and_sessions_of_the_bigquery_export(tmp_path: Path, kind: str) -> None:
    folder = EXPORT.parent if kind == "ndjson" else _as_parquet(tmp_path)
    with loaded(tmp_path, "ga4_bigquery", folder) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("events", "analytics.events") == {"clean": 14, "duplicate": 1}
        # One session_start is of nobody: consent was refused
        assert got.outcomes("events", "analytics.sessions") == {"clean": 5, "not_for_entity": 10}
        assert got.rows(
            "select event_name, count(*)::int, count(product_id)::int from clean.analytics__events group by all order by all"
        ) == [
            ("add_to_cart", 2, 2),
            ("checkout", 1, 0),
            ("page_view", 2, 0),
            ("product_view", 1, 1),
            ("purchase", 1, 1),
            ("scroll", 1, 0),
            ("session_start", 6, 0),
        ]
        assert got.one("analytics.events", "count(session_id)::int", "count(distinct session_id)::int") == (12, 5)
        assert got.one("analytics.events", "count_if(page = '/café/mug')::int") == (3,)
        assert got.clean("analytics.sessions", "visitor_id", "channel", "source", "campaign", "device", "country") == [
            ("100.1768464000", "paid_search", "google", "winter", "desktop", "Germany"),
            ("200.1", "email", "news", "jan", "other", "Germany"),
            ("300.1", "organic_search", "bing", None, "mobile", None),
            ("400.1", "direct", "(direct)", None, "desktop", "Germany"),
            ("400.1", None, None, None, "desktop", "Germany"),
        ]
        first = "cast(started_at as varchar), landing_page, user_id"
        assert got.rows(f"select {first} from clean.analytics__sessions where visitor_id = '100.1768464000'") == [
            ("2026-01-15 08:00:00", "/", "u-7")
        ]


def _as_parquet(folder: Path) -> Path:
    """The same export with its types, as BigQuery writes Parquet."""
    (folder / "export").mkdir()
    integers = "event_timestamp, event_bundle_sequence_id, batch_page_id, batch_ordering_id, batch_event_index"
    casts = ", ".join(f"cast({one} as bigint) as {one}" for one in integers.split(", "))
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (select * replace ({casts}) from read_json('{EXPORT}', format = 'newline_delimited', convert_strings_to_integers = false))
            to '{folder}/export/events_20260115.parquet' (format parquet)
        """)
    return folder / "export"


CHANNELS = [
    ("google", "cpc", "shopping de", "paid_shopping"),
    ("google", "cpc", "performance max cross-network", "cross_network"),
    ("bing", "organic", "x", "organic_search"),
    ("m.facebook.com", "referral", "x", "organic_social"),
    ("facebook", "paid_social", "x", "paid_social"),
    ("youtube.com", "cpv", "x", "paid_video"),
    ("partner", "affiliate", "x", "affiliates"),
    ("mail.google.com", "referral", "x", "referral"),
    ("newsletter", "E-Mail", "x", "email"),
    ("dv360", "cpm", "x", "display"),
    ("dv360", "banner", "x", "display"),
    ("taboola", "cpc", "x", "paid_other"),
    ("app", "web_push", "x", "mobile_push_notifications"),
    ("intern", "poster", "x", None),
]


def test_a_session_gets_the_channel_its_source_and_medium_say(tmp_path: Path) -> None:
    old = "utm_source=news&utm_medium=email&utm_campaign=jan"
    [line] = [one for one in EXPORT.read_text(encoding="utf-8").splitlines() if old in one]
    lines = [
        line.replace(old, f"utm_source={source}&utm_medium={medium}&utm_campaign={campaign}".replace(" ", "%20"))
        .replace("200.1", f"{number}.1")
        for number, (source, medium, campaign, _) in enumerate(CHANNELS, 200)
    ]  # fmt: skip
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "events.ndjson").write_text("\n".join(lines), encoding="utf-8")
    with loaded(tmp_path, "ga4_bigquery", tmp_path / "export") as got:
        found = got.clean("analytics.sessions", "visitor_id", "source", "campaign", "channel")
        assert [row[1:] for row in found] == [(source, campaign, channel) for source, _, campaign, channel in CHANNELS]


REPORT = [
    ("20260102", "Paid Search", "google", "winter", "desktop", "Germany", "10", "9", "4", "620", "31", "120.5"),
    ("20260102", "Unassigned", "(not set)", "(not set)", "smart tv", "(not set)", "1", "1", "0", "0", "1", "0"),
    ("20260102", "Direct", "(direct)", "(direct)", "mobile", "Germany", "5", "5", "5", "12.5", "8", "0"),
    ("20260105", "Organic Search", "bing", "(organic)", "desktop", "France", "2", "2", "2", "44", "4", "0"),
    ("20260105", "Organic Search", "google", "(organic)", "desktop", "France", "3", "3", "1", "81", "6", "19.99"),
    ("20260109", "Email", "news", "jan", "tablet", "France", "7", "6", "0", "300", "12", "0"),
]


@pytest.mark.parametrize("most", [100, 2])
def test_figures_by_day_of_the_data_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    for name in ("client_id", "client_secret", "refresh_token"):
        monkeypatch.setenv(f"GA4_{name.upper()}", f"the {name}")
    with FaultServer() as server:
        serve_report(server, "123456789", REPORT, "the refresh_token", most)
        with loaded(
            tmp_path,
            "ga4_data_api",
            server.url,
            as_of=date(2026, 1, 17),
            parameters={
                "property": "123456789",
                "currency": "EUR",
                "first_day": "2026-01-01",
                "token_url": f"{server.url}/token",
            },
            credentials={one: f"GA4_{one.upper()}" for one in ("client_id", "client_secret", "refresh_token")},
        ) as got:
            assert (got.refused(), got.quarantined()) == ([], [])
            assert [one.rows for one in got.landed["channel_daily"].deliveries] == [5, 1]
            assert got.clean(
                "analytics.channel_daily", "channel", "source", "device", "sessions", "purchase_amount"
            ) == [
                ("direct", "(direct)", "mobile", 5, Decimal(0)),
                ("email", "news", "tablet", 7, Decimal(0)),
                ("organic_search", "bing", "desktop", 2, Decimal(0)),
                ("organic_search", "google", "desktop", 3, Decimal("19.99")),
                ("paid_search", "google", "desktop", 10, Decimal("120.5")),
                ("unknown", "(not set)", "smart_tv", 1, Decimal(0)),
            ]
            sums = [f"sum({one})" for one in ("users", "new_users", "engaged_seconds", "page_views")]
            assert got.one("analytics.channel_daily", *sums, "min(currency)") == (26, 12, 1057.5, 62, "EUR")
        assert len(server.asked("/token")) == 1
        spans = [one.json["dateRanges"] for one in server.asked("/v1beta/properties/123456789:runReport")]
        # Nobody knows anything of the last three days
        assert [[tuple(one.values()) for one in span] for span in spans] == [
            *([[("2026-01-01", "2026-01-07")]] * (1 if most == 100 else 3)),
            [("2026-01-08", "2026-01-14")],
            [("2026-01-15", "2026-01-17")],
        ]


def test_reports_as_their_pages_download_them(tmp_path: Path) -> None:
    with loaded(tmp_path, "ga4_report", FIXTURES / "ga4_report", parameters={"currency": "EUR"}) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("sessions_by_day", "analytics.channel_daily") == {"clean": 7}
        assert got.rows("select notes from ops.loads order by file") == [
            ("1 lines are no data (read.not_rows)",), (None,),
        ]  # fmt: skip
        assert got.clean("analytics.channel_daily", "cast(session_date as varchar)", "channel", "device", "sessions", "currency") == [
            ("2026-01-01", "other", "desktop", 1, "EUR"),
            ("2026-01-01", "paid_search", "desktop", 10, "EUR"),
            ("2026-01-01", "unknown", "smart_tv", 1, "EUR"),
            ("2026-01-02", "direct", "mobile", 5, "EUR"),
            ("2026-01-02", "organic_search", "desktop", 9, "EUR"),
            ("2026-01-03", "organic_search", "all", 8, None),
            ("2026-01-04", "organic_search", "all", 4, None),
        ]  # fmt: skip
        sums = [f"sum({one})" for one in ("users", "new_users", "engaged_seconds", "page_views", "purchase_amount")]
        assert got.one("analytics.channel_daily", *sums) == (23, 10, 1200.5, 80, Decimal("140.49"))


def test_a_row_of_totals_wider_than_the_header_is_no_row(tmp_path: Path) -> None:
    rows = [f"20260101,Channel {number},{number + 1}" for number in range(20)]
    (tmp_path / "reports").mkdir()
    text = "\n".join(["# Free form", "", "Date,Session default channel group,Sessions", ",,99,Grand total", *rows, ""])
    (tmp_path / "reports" / "wide.csv").write_text(text, encoding="utf-8")
    with loaded(tmp_path, "ga4_report", tmp_path / "reports", parameters={"currency": "EUR"}) as got:
        assert (got.refused(), got.one("analytics.channel_daily", "count(*)::int")) == ([], (20,))
