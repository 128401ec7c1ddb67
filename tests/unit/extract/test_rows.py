"""Every data row is accounted for: landed with its number, or rejected with its text and a reason."""

import csv
import random
from pathlib import Path

import pytest

from pipeline.extract import csv_file, margin
from pipeline.extract.tally import count_records
from tests.unit.extract.places import Place

# name: (data rows, the landed ones, the rejected ones as (number, line, text, reason))
ACCOUNTS = {
    "too few cells": ("1,x\n2\n3,z\n", [("1", "x", 1), ("3", "z", 3)], [(2, 3, "2", "1 cells where the header has 2")]),
    "too many cells": ("1,x,9\n2,y\n", [("2", "y", 2)], [(1, 2, "1,x,9", "3 cells where the header has 2")]),
    "text after a closing quote": (
        '1,"x"y\n2,y\n',
        [("2", "y", 2)],
        [(1, 2, '1,"x"y', "',' expected after '\"'")],
    ),
    "an open quote costs one line": (
        '1,x\n2,"y\n3,z\n4,w\n',
        [("1", "x", 1), ("3", "z", 3), ("4", "w", 4)],
        [(2, 3, '2,"y', "a quote is opened and never closed")],
    ),
    "two open quotes cost two lines": (
        '1,"x\n2,y\n3,"z\n4,w\n',
        [("2", "y", 2), ("4", "w", 4)],
        [(1, 2, '1,"x', "',' expected after '\"'"), (3, 4, '3,"z', "a quote is opened and never closed")],
    ),
    "a record of several lines": (
        '1,"x\ny"\n\n2,"p\nq",9\n3,z\n',
        [("1", "x\ny", 1), ("3", "z", 3)],
        [(2, 5, '2,"p\nq",9', "3 cells where the header has 2")],
    ),
    "a lone return ends a line": (
        "1,x\ry\n2,z\n",
        [("1", "x", 1), ("2", "z", 3)],
        [(2, 3, "y", "1 cells where the header has 2")],
    ),
}


@pytest.mark.parametrize(("data", "landed", "rejected"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_bad_rows_are_rejected_and_the_others_land(
    place: Place, data: str, landed: list[tuple[str, str, int]], rejected: list[tuple[int, int, str, str]]
) -> None:
    place.put("orders.csv", "a,b\n" + data)
    result = place.land()
    assert place.rows(result) == landed
    assert place.rows(result, "rejects.parquet") == rejected
    assert (result.deliveries[0].rows, result.deliveries[0].rejected) == (len(landed), len(rejected))


def test_lines_before_the_header_count_in_the_line_of_a_rejected_row(place: Place) -> None:
    place.put("orders.csv", 'x\ny\n"a\n",b\n1,2\n3\n')
    result = place.land({"skip": 2}, mapped='"a"')
    assert place.rows(result, "rejects.parquet")[0][:3] == (2, 6, "3")


def test_a_record_too_long_is_rejected_and_a_long_cell_lands(place: Place) -> None:
    place.put("orders.csv", f"a,b\n1,{'x' * 1_900_000}\n2,{'y' * 2_100_000}\n3\n")
    result = place.land()
    assert [(row[0], len(row[1]), row[2]) for row in place.rows(result)] == [("1", 1_900_000, 1)]
    assert [(row[0], row[3]) for row in place.rows(result, "rejects.parquet")] == [
        (2, "longer than 2,000,000 characters"),
        (3, "1 cells where the header has 2"),
    ]


def test_a_line_without_end_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(margin, "LONGEST_RECORD_BYTES", 1000)
    place.put("orders.csv", f"a,b\n1\n2,{'y' * 2000}\n")
    (refusal,) = place.land().refused
    assert refusal.error.found == "a line longer than 1,000 characters"


@pytest.mark.parametrize("look_alike", ["", "x,y,z\n1,2,3\n"])
def test_rows_keep_their_number_across_the_readers_blocks(
    place: Place, monkeypatch: pytest.MonkeyPatch, look_alike: str
) -> None:
    """Cells that look like rows mislead a reader that starts in the middle of the file."""
    monkeypatch.setattr(csv_file, "LONGEST_RECORD_BYTES", 20_000)
    chance = random.Random(1)
    with (place.location / "orders.csv").open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["a", "b", "c"])
        writer.writerows([number, look_alike * chance.randint(0, 40) + '"\n"', ""] for number in range(1, 6_001))
    (delivery,) = place.land().deliveries
    wrong = "count(*) filter (where a <> _source_row::varchar or not ends_with(b, chr(34)))"
    counted = f"select count(*), {wrong} from read_parquet(?)"
    rows = str(delivery.folder / "rows.parquet")
    assert place.connection.execute(counted, [rows]).fetchall() == [(6_000, 0)]


def test_rows_that_duckdb_loses_in_silence_are_found(place: Place) -> None:
    """Its reader returns nothing for these files and says nothing; the tally differs, and the careful reader decides."""
    place.put("1.csv", 'a,"b\n"\r\n1,2\r\n')
    place.put("2.csv", "of May\n\ra,b\r\n3,4\r\n5,6\r\n")
    (first,) = place.land(files="1.csv").deliveries
    (second,) = place.land({"skip": 2}, files="2.csv").deliveries
    assert (place.rows_of(first), place.rows_of(second)) == ([("1", "2", 1)], [("3", "4", 1), ("5", "6", 2)])


# name: (text after the header, its records)
COUNTED = {
    "plain": ("1\n2\n", 2),
    "no end": ("1\n2", 2),
    "blank lines": ("\n\n1\n\n\n2\n\n", 2),
    "CRLF and blank lines": ("\r\n1\r\n\r\n2\r\n", 2),
    "CR": ("1\r\r2\r", 2),
    "quoted breaks": ('"1\n\n\r\n"\n"2"\n', 2),
    "quoted emptiness is no blank line": ('""\n""\n\n""', 3),
    "nothing": ("\n\r\n\r", 0),
}


@pytest.mark.parametrize(("text", "records"), COUNTED.values(), ids=COUNTED)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_records_are_counted_wherever_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, records: int, chunk: int
) -> None:
    monkeypatch.setattr("pipeline.extract.tally.CHUNK", chunk)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"h\n" + text.encode())
    assert count_records(path, 2, '"') == records
