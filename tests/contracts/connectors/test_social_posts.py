"""Posts of social platforms with their figures, as the platforms export them."""

from pathlib import Path

from tests.connectors.kit import FIXTURES, loaded

FIGURES = ("reach", "impressions", "reactions", "comments", "shares", "engagements", "clicks", "video_views")


def test_facebook_posts_of_today_and_of_the_older_export(tmp_path: Path) -> None:
    with loaded(tmp_path, "facebook_insights", FIXTURES / "facebook_insights", time_zone="America/Los_Angeles") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        # A day of a daily export, and the older export's line of descriptions
        assert got.outcomes("posts", "social.posts") == {"clean": 4, "not_for_entity": 2}
        assert got.clean("social.posts", "post_id", *FIGURES) == [
            ("122100000000000001", 900, 1250, 40, 5, 3, 48, 31, None),
            ("122100000000000002", 4100, 5400, 180, 20, 5, 205, 0, None),
            ("122100000000000003", 210, None, 4, None, None, 4, 2, None),
            ("61500000000001_900001", 500, 640, None, None, None, None, 30, None),
        ]
        assert got.clean("social.posts", "cast(published_at as varchar)", "kind", "account", "is_paid") == [
            ("2020-01-01 07:55:00", "link", None, True),
            ("2026-01-06 02:30:00", "photo", "Mug House", None),
            ("2026-01-12 11:30:00", "video", "Mug House", None),
            ("2026-01-20 17:00:00", "text", "Mug House", None),
        ]


def test_an_id_a_spreadsheet_has_rounded_is_refused(tmp_path: Path) -> None:
    [file] = (FIXTURES / "facebook_insights").glob("Jan*.csv")
    (tmp_path / "posts").mkdir()
    text = file.read_text(encoding="utf-8-sig").replace("122100000000000001", "1.221E+17")
    (tmp_path / "posts" / "posts.csv").write_text(text, encoding="utf-8")
    with loaded(tmp_path, "facebook_insights", tmp_path / "posts") as got:
        assert [line for line in got.refused() if "required:post_id" in line] == got.refused() != []
        assert got.one("social.posts", "count(*)") == (0,)


def test_instagram_posts_and_stories(tmp_path: Path) -> None:
    with loaded(
        tmp_path, "instagram_insights", FIXTURES / "instagram_insights", time_zone="America/Los_Angeles"
    ) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("posts", "social.posts") == {"clean": 4, "not_for_entity": 1}
        assert got.clean("social.posts", "post_id", "kind", *FIGURES) == [
            ("18000000000000001", "photo", 900, 1250, 40, 5, 3, 48, None, None),
            ("18000000000000002", "video", 4100, 5400, 180, 5, 20, 205, None, 5400),
            ("18000000000000003", "carousel", 210, None, 4, None, None, None, None, None),
            ("18000000000000009", "story", 75, 80, None, None, 1, None, 6, None),
        ]
        assert got.clean("social.posts", "cast(published_at as varchar)", "account", "platform")[0] == (
            "2026-01-06 02:30:00",
            "mughouse",
            "instagram",
        )
