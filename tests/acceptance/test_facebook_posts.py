"""500 posts with Page Insights' older headers, lines ending in CR alone, no ids, no year: sums computed apart."""

from pathlib import Path

from tests.acceptance.conftest import DATA
from tests.connectors.kit import loaded


def test_facebook_posts_without_ids_and_dates(tmp_path: Path) -> None:
    with loaded(tmp_path, "facebook_insights", DATA / "facebook_posts") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("posts", "social.posts") == {"clean": 500}
        assert got.one("social.posts", "count(distinct post_id)::int", "count(published_date)::int") == (500, 0)
        sums = ("reach", "engaged_users", "clicks", "reactions", "comments", "shares", "engagements")
        assert got.one("social.posts", *(f"sum({one})::int" for one in sums)) == (
            6951680,
            460172,
            707565,
            88795,
            3741,
            13524,
            106060,
        )
        # Four posts say they were shown less often (34,157 times) than to how many: of all 14,792,974 these are cleared
        assert got.one("social.posts", "count(impressions)::int", "sum(impressions)::int") == (496, 14758817)
        # One like and four shares are empty; of three the share follows from the total
        assert got.one("social.posts", "count(reactions)::int", "count(shares)::int") == (499, 499)
        assert got.one("social.posts", "count_if(is_paid)::int", "count(is_paid)::int") == (139, 499)
        assert got.rows("select kind, count(*)::int from clean.social__posts group by all order by all") == [
            ("link", 22),
            ("photo", 426),
            ("text", 45),
            ("video", 7),
        ]
