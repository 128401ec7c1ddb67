"""Three GA4 events as vendors of packages publish them: raw with missing keys, raw with nulls, and staged."""

from pathlib import Path

from tests.acceptance.conftest import DATA
from tests.connectors.kit import loaded


def test_ga4_events_raw_and_staged(tmp_path: Path) -> None:
    with loaded(tmp_path, "ga4_bigquery", DATA / "vendor_shapes" / "ga4") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("events", "analytics.events") == {"clean": 3}
        assert got.clean("analytics.events", "cast(occurred_at as varchar)", "event_name", "session_id", "page") == [
            ("2021-01-28 01:40:22.695757", "page_view", "1146540.1921992520/3599645542", "/payment.html"),
            (
                "2021-04-06 06:49:50.431476",
                "first_visit",
                "1166526666.1617691776/1617691775",
                "/blog/2016/08/25/behavior-driven-testing-drupal-8",
            ),
            (
                "2022-05-27 19:30:18.347831",
                "session_start",
                "745846450.1644156613/1653679817",
                "/ideas/2021/09/22/connecting-sitecore-identity-to-saml-part-1",
            ),
        ]
        assert got.outcomes("events", "analytics.sessions") == {"clean": 1, "not_for_entity": 2}
        assert got.clean("analytics.sessions", "session_id", "channel", "source", "device", "country") == [
            ("745846450.1644156613/1653679817", "organic_search", "google", "mobile", "India")
        ]
