"""Columns of Parquet land as text that says exactly what they hold."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.parquet_file import open_parquet
from pipeline.extract.reader import Reader
from tests.unit.extract.readings import FILE, Shelf

# name: (SQL of the value, the cell)
VALUES: dict[str, tuple[str, str | None]] = {
    "integer": ("7::integer", "7"),
    "unsigned": ("18446744073709551615::ubigint", "18446744073709551615"),
    "decimal": ("1.10::decimal(10, 3)", "1.100"),
    "widest decimal": ("1.0000000000000000000000000000000000001::decimal(38, 37)", "1." + "0" * 36 + "1"),
    "float": ("0.1::float", "0.1"),
    "double": ("0.1::double + 0.2::double", "0.30000000000000004"),
    "truth": ("true", "true"),
    "text": ("' x ' || chr(10) || '漢\"'", ' x \n漢"'),
    "empty text": ("''", ""),
    "nothing": ("null::varchar", None),
    "date": ("date '2024-02-29'", "2024-02-29"),
    "time": ("time '08:30:00.5'", "08:30:00.5"),
    "time with a zone": ("timestamptz '2024-02-29 13:05:07.25+02'", "2024-02-29 11:05:07.25+00"),
    "time without a zone": ("timestamp '2024-02-29 13:05:07'", "2024-02-29 13:05:07"),
    "nanoseconds": ("timestamp_ns '2024-02-29 13:05:07.123456789'", "2024-02-29 13:05:07.123456789"),
    "uuid": ("'2f1c5fd6-9f0b-4a5c-8e55-0f1f7b8d9a10'::uuid", "2f1c5fd6-9f0b-4a5c-8e55-0f1f7b8d9a10"),
    "text in bytes": ("encode('é漢')", "é漢"),
    "bytes": (r"'\xAA\x00'::blob", "aa00"),
    "JSON": ("'{\"a\": 1.10}'::json", '{"a": 1.10}'),
    "list": ("[1, null, 3]", "[1,null,3]"),
    "list of decimals": ("[1.10::decimal(10, 2), null]", '["1.10",null]'),
    "struct": (
        "{a: 1.10::decimal(38, 10), 'b c': [{d: timestamptz '2024-01-01 10:00:00+02'}], f: 0.1::float, n: null::integer}",
        '{"a":"1.1000000000","b c":[{"d":"2024-01-01 08:00:00+00"}],"f":"0.1","n":null}',
    ),
    "map": ("map {'x': 1.10::decimal(5, 2)}", '{"x":"1.10"}'),
    "nested nothing": ("null::struct(a integer)", None),
    "empty list": ("[]::integer[]", "[]"),
}


def write(query: str) -> Callable[[Path], object]:
    """Writes the rows of a query with a DuckDB of its own."""

    def to(path: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'Asia/Tokyo'")
            connection.execute(f"copy ({query}) to '{path}' (format parquet)")

    return to


@pytest.mark.parametrize(("value", "cell"), VALUES.values(), ids=VALUES)
def test_values_land_exactly(shelf: Shelf, value: str, cell: str | None) -> None:
    reading = shelf.read(open_parquet, write(f"select 'k' as a, {value} as b"))
    assert reading.names == ("a", "b")
    assert reading.rows == [("k", cell, 1)]
    assert reading.margin == ()


def test_rows_keep_their_order_and_number(shelf: Shelf) -> None:
    reading = shelf.read(open_parquet, write("select n, [n] as l from range(5000) t(n)"))
    assert reading.rows == [(str(n), f"[{n}]", n + 1) for n in range(5000)]


def test_columns_are_called_as_in_the_file(shelf: Shelf) -> None:
    query = """select 1 as "c d", {"x": 2} as "e""f", 3 as "select", 4 as file_row_number, 5 as é"""
    reading = shelf.read(open_parquet, write(query))
    assert reading.names == ("c d", 'e"f', "select", "file_row_number", "é")
    assert reading.cells == [("1", '{"x":2}', "3", "4", "5")]
    assert shelf.read(open_parquet, write(query), ("é", "c d")).cells == [("5", "1")]


def test_a_name_of_signs_and_a_folder_like_a_partition_mean_nothing(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "day=1" / "o'r[d]ers *?.parquet"
    path.parent.mkdir()
    write("select 1 as a")(tmp_path / "plain")
    (tmp_path / "plain").rename(path)
    (tmp_path / "day=1" / "o'rders x.parquet").write_bytes(path.read_bytes())

    def open_it(cursor: duckdb.DuckDBPyConnection, _: Path, file: str, read: Read, work: Path) -> Reader:
        return open_parquet(cursor, path, file, read, work)

    assert shelf.read(open_it, b"").names == ("a",)
    assert shelf.read(open_it, b"").rows == [("1", 1)]


def cut(path: Path) -> None:
    write("select n, repeat('x', 100) as t from range(1000) s(n)")(path)
    path.write_bytes(path.read_bytes()[:-50])


def spoil(path: Path) -> None:
    """A page in the middle that is no longer what it was."""
    write("select hash(n)::varchar as t from range(20000) s(n)")(path)
    content = bytearray(path.read_bytes())
    content[2000:6000] = b"\xff" * 4000
    path.write_bytes(bytes(content))


def widen(path: Path) -> None:
    """The schema of a file whose decimals are said to have 39 digits."""
    write("select 1.5::decimal(38, 2) as a")(path)
    content = path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little")
    body, footer = content[: -8 - size], content[-8 - size :]
    wider = footer.replace(bytes([38 << 1]), bytes([39 << 1]))
    assert wider != footer
    path.write_bytes(body + wider)


def twins(path: Path) -> None:
    """A second column under a name of the first, which DuckDB would not write."""
    write("select 1 as aaaa, 2 as bbbb")(path)
    path.write_bytes(path.read_bytes().replace(b"bbbb", b"AAAA"))


# name: (how the file is made, read options, what, found)
REFUSED: dict[str, tuple[Callable[[Path], object], dict[str, int], str, str]] = {
    "cut off": (cut, {}, "damaged", ""),
    "a page spoiled": (spoil, {}, "damaged", ""),
    "no Parquet": (lambda path: path.write_bytes(b"PAR1" + b"x" * 50), {}, "damaged", ""),
    "no rows": (write("select 1 as a limit 0"), {}, "no rows", "0 rows"),
    "decimals too wide": (widen, {}, "without loss", "a, a decimal of more than 38 digits"),
    "names that differ in case": (twins, {}, "a name twice", "aaaa, AAAA"),
    "options of another format": (write("select 1 as a"), {"skip": 1}, "no use for", "read.skip"),
}


@pytest.mark.parametrize(("make", "read", "what", "found"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_told_why(
    shelf: Shelf, make: Callable[[Path], object], read: dict[str, int], what: str, found: str
) -> None:
    with pytest.raises(RefusedDelivery) as refusal:
        shelf.read(open_parquet, make, **read)
    assert refusal.value.where == FILE
    assert what in refusal.value.what
    assert found in refusal.value.found
    assert refusal.value.action
