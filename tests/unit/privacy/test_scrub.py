"""A forgotten value is masked in files that tell of runs, and nothing else in them changes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.privacy.scrub import GONE, holds, scrub_files, scrubbed, still_named

KEY = "zoë@example.org"


@pytest.mark.parametrize(
    ("text", "value", "left"),
    [
        ("row C-1017 of 9", "C-1017", f"row {GONE} of 9"),
        ("Mail ZOË@example.org.", KEY, f"Mail {GONE}."),
        ("2026-10-17 10:17", "10-17", "2026-10-17 10:17"),
        ("1017.5 and 21017", "1017", "1017.5 and 21017"),
        ("['1017', '10178']", "1017", f"['{GONE}', '10178']"),
        ("a/b/C-1017/d", "C-1017", "a/b/C-1017/d"),
    ],
)
def test_a_value_is_masked_where_it_stands_by_itself(text: str, value: str, left: str) -> None:
    assert scrubbed(text, value) == left


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table event_logs (id integer primary key, run_id text, event text)")
        event = {"text": f"5 rows {KEY}", "count": 1017, "nested": json.dumps({"examples": [KEY, "other"]})}
        connection.execute("insert into event_logs values (1, 'run-1', ?)", [json.dumps(event)])
        connection.execute("insert into event_logs values (2, 'run-2', 'plain')")
        connection.commit()


def test_a_database_keeps_its_events_without_the_value(tmp_path: Path) -> None:
    database(tmp_path / "index.db")
    assert scrub_files([tmp_path], KEY) == 1
    assert still_named([tmp_path], KEY) == []
    with closing(sqlite3.connect(tmp_path / "index.db")) as connection:
        rows = connection.execute("select run_id, event from event_logs order by id").fetchall()
    event = json.loads(rows[0][1])
    assert (event["text"], event["count"]) == (f"5 rows {GONE}", 1017)
    assert json.loads(event["nested"]) == {"examples": [GONE, "other"]}
    assert rows[1] == ("run-2", "plain")


def test_logs_and_documents_are_masked_and_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.out").write_text(f"saw {KEY} once", encoding="utf-8")
    (tmp_path / "logs" / "b.out").write_text("saw nobody", encoding="utf-8")
    before = (tmp_path / "logs" / "b.out").stat().st_mtime_ns
    assert scrub_files([tmp_path], KEY) == 1
    assert (tmp_path / "logs" / "a.out").read_text(encoding="utf-8") == f"saw {GONE} once"
    assert (tmp_path / "logs" / "b.out").stat().st_mtime_ns == before


def test_what_cannot_be_masked_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe" + KEY.encode())
    assert scrub_files([tmp_path], KEY) == 0
    assert still_named([tmp_path], KEY) == [tmp_path / "a.bin"]


def test_a_short_value_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.out").write_text("17 of 17", encoding="utf-8")
    assert scrub_files([tmp_path], "17") == 0
    assert still_named([tmp_path], "17") == []


def test_a_value_across_two_blocks_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * ((1 << 20) - 5) + KEY.encode() + b"y")
    assert holds(path, KEY)
    assert not holds(path, "another@example.org")
