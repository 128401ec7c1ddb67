"""Globs over keys mean what pathlib's mean over files; markers are no deliveries."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import RefusedDelivery
from pipeline.extract.bucket import Bucket
from pipeline.extract.bucket.land import batches
from pipeline.extract.bucket.listing import Object, matches, objects, without_markers

FILES = ["a.csv", "b.CSV", ".hidden.csv", "x/a.csv", "x/y/a.csv", "x/y/z/b.csv", "x/[1].csv", "orders_1.csv"]
PATTERNS = [
    "*.csv",
    "**/*.csv",
    "x/*.csv",
    "x/**/*.csv",
    "*/y/*",
    "**/y/**/*.csv",
    "[ao]*.csv",
    "?.csv",
    "x/[[]1].csv",
    "a.csv",
]


def one(file: str, size: int = 1) -> Object:
    return Object(file, file, "etag", size, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_glob_finds_what_pathlib_finds(pattern: str, tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob(pattern) if path.is_file()}
    assert {file for file in FILES if matches(Path(file).parts, Path(pattern).parts)} == there
    assert there


@pytest.mark.parametrize("pattern", ["/orders.csv", "../orders.csv", "x/../../orders.csv"])
def test_a_glob_does_not_lead_out_of_the_location(pattern: str) -> None:
    with pytest.raises(RefusedDelivery, match="leads out of the location"):
        objects(None, Bucket("exports"), pattern)


def test_a_marker_is_no_delivery() -> None:
    listed = [one("may.csv"), one("may.csv.done"), one("june.csv")]
    assert without_markers(listed, "{file}.done") == [listed[0], listed[2]]
    assert without_markers(listed, None) == listed


def test_a_batch_fits_the_spool_and_one_large_object_is_a_batch() -> None:
    sizes = [1 << 29, 1 << 29, 1, 3 << 30, 5, 6]
    found = [[two.size for two in batch] for batch in batches([one(str(at), size) for at, size in enumerate(sizes)])]
    assert found == [[1 << 29, 1 << 29], [1], [3 << 30], [5, 6]]
