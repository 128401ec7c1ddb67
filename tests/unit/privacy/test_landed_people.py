"""Landed deliveries are held against the list of the forgotten, in place."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipeline.privacy.cells import PersonColumn, Reading
from pipeline.privacy.forgotten import Forgotten, read_forgotten, with_key, write_forgotten
from pipeline.privacy.landing import keep_out, read_note
from pipeline.warehouse import memory_database

AT = datetime(2031, 4, 1)
CUSTOMER = PersonColumn("customer_id", '"cust"', frozenset({"cust"}), True, False)
PADDED = PersonColumn("customer_id", "ltrim(\"cust\", '0')", frozenset({"cust"}), True, False)
MAIL = PersonColumn("email", 'lower("mail")', frozenset({"mail"}), False, False)
ORDERS = Reading("shop", (CUSTOMER, MAIL), None, frozenset({"amount"}))
ROWS = ("cust,mail,amount,phone", ["17,A@B.org,5,555-1", "18,c@d.org,6,555-2", "17,,7,555-3", ",a@b.org,8,555-4"])


@dataclass
class Delivery:
    """One landed delivery, and the connection it is read with."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def land(self, header: str, rows: Sequence[str]) -> tuple[str, ...]:
        names = header.split(",")
        values = ", ".join(
            "(" + ", ".join([*(f"nullif('{cell}', '')" for cell in row.split(",")), str(at)]) + ")"
            for at, row in enumerate(rows, 1)
        )
        self.folder.mkdir(exist_ok=True)
        self.connection.execute(
            f"copy (select * from (values {values}) as t({', '.join([*names, '_source_row'])})) to '{self.folder}/rows.parquet'"
        )
        return tuple(names)

    def reject(self, *lines: str) -> None:
        values = ", ".join(f"({at}, {at}, '{line}', 'why')" for at, line in enumerate(lines, 1))
        self.connection.execute(
            f"copy (select * from (values {values}) as t(_source_row, line, raw, reason)) to '{self.folder}/rejects.parquet'"
        )

    def cells(self, file: str = "rows") -> list[list[str]]:
        found = self.connection.execute(f"select * from read_parquet('{self.folder}/{file}.parquet')").fetchall()
        return [["" if cell is None else str(cell) for cell in row] for row in found]


@pytest.fixture
def delivery(tmp_path: Path) -> Iterator[Delivery]:
    connection = memory_database()
    yield Delivery(connection, tmp_path / "load")
    connection.close()


def forgetting(
    delivery: Delivery, key: str, column: str | None = None, namespace: str | None = None
) -> tuple[Forgotten, str]:
    forgotten, entry = with_key(Forgotten("5a17"), delivery.connection, key, column, namespace, AT)
    return forgotten, entry.token


def keep(
    delivery: Delivery, columns: Sequence[str], forgotten: Forgotten, *readings: Reading, dropped: tuple[str, ...] = ()
) -> int:
    return keep_out(delivery.connection, delivery.folder, columns, frozenset(dropped), lambda: readings, forgotten)


def test_rows_of_the_person_lose_who_it_was_and_keep_what_happened(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    forgotten, token = forgetting(delivery, " 17 ")
    assert keep(delivery, columns, forgotten, ORDERS) == 2
    assert delivery.cells() == [
        [token, "", "5", "", "1"], ["18", "c@d.org", "6", "555-2", "2"], [token, "", "7", "", "3"],
        ["", "a@b.org", "8", "555-4", "4"],
    ]  # fmt: skip


def test_a_personal_value_matches_in_any_case_and_leaves_ids_alone(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    forgotten, _ = forgetting(delivery, "a@B.ORG")
    assert keep(delivery, columns, forgotten, ORDERS) == 2
    assert [row[:2] for row in delivery.cells()] == [["17", ""], ["18", "c@d.org"], ["17", ""], ["", ""]]


def test_an_id_means_its_column_and_namespace_alone(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    before = delivery.cells()
    for forgotten, _ in (forgetting(delivery, "17", namespace="other"), forgetting(delivery, "17", column="owner_id")):
        assert keep(delivery, columns, forgotten, ORDERS) == 0
    assert delivery.cells() == before


def test_a_key_is_found_as_delivered_and_as_the_mapping_makes_it(delivery: Delivery) -> None:
    for key in ("0017", "17"):
        columns = delivery.land("cust,amount", ["0017,5", "0018,6"])
        forgotten, token = forgetting(delivery, key)
        keep(delivery, columns, forgotten, Reading("shop", (PADDED,), None, frozenset({"amount"})))
        assert [row[0] for row in delivery.cells()] == [token, "0018"]


def test_a_person_within_an_array_is_taken_out_of_it(delivery: Delivery) -> None:
    delivery.folder.mkdir()
    lines = '[{"id": "17", "score": 4}, {"id": "18", "score": 5}]'
    delivery.connection.execute(
        f"copy (select ? as answers, 1 as _source_row) to '{delivery.folder}/rows.parquet'", [lines]
    )
    who = PersonColumn("respondent", "json_extract_string(each, '$.id')", frozenset({"answers"}), False, False)
    forgotten, _ = forgetting(delivery, "17")
    assert keep(delivery, ("answers",), forgotten, Reading("s", (who,), "answers", frozenset({"answers"}))) == 1
    assert json.loads(delivery.cells()[0][0]) == [{"id": None, "score": 4}, {"id": "18", "score": 5}]


def test_unreadable_lines_that_name_the_person_go(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    delivery.reject('18;"c@d.org', '17;"a@b.org;5', "170;x")
    forgotten, _ = forgetting(delivery, "a@b.org")
    keep(delivery, columns, forgotten, ORDERS)
    assert [row[2] for row in delivery.cells("rejects")] == ['18;"c@d.org', "•••", "170;x"]


def test_rows_that_no_mapping_fits_lose_the_cells_that_name_the_person(delivery: Delivery) -> None:
    columns = delivery.land("other,text", ["a@b.org,5", "c@d.org,mail a@b.org now"])
    forgotten, _ = forgetting(delivery, "a@b.org")
    assert keep(delivery, columns, forgotten, ORDERS) == 2
    assert [row[:2] for row in delivery.cells()] == [["", "5"], ["c@d.org", ""]]


def test_an_export_about_nobody_is_left_alone(delivery: Delivery) -> None:
    columns = delivery.land("product,price", ["17,5"])
    forgotten, _ = forgetting(delivery, "17")
    assert keep(delivery, columns, forgotten) == 0
    assert delivery.cells() == [["17", "5", "1"]]


def test_a_delivery_is_looked_at_once_for_every_state_of_the_list(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    forgotten, _ = forgetting(delivery, "17")
    assert [keep(delivery, columns, forgotten, ORDERS) for _ in range(2)] == [2, 0]
    longer, _ = with_key(forgotten, delivery.connection, "18", None, None, AT)
    assert keep(delivery, columns, longer, ORDERS) == 1
    assert read_note(delivery.folder).rows_changed == 3


def test_columns_that_came_to_be_dropped_are_emptied(delivery: Delivery) -> None:
    columns = delivery.land(*ROWS)
    keep(delivery, columns, Forgotten("5a17"), ORDERS, dropped=("phone", "absent"))
    assert {row[3] for row in delivery.cells()} == {""}
    assert [row[0] for row in delivery.cells()] == ["17", "18", "17", ""]
    assert read_note(delivery.folder).emptied == ("phone",)


def test_the_list_keeps_hashes_alone_and_a_token_for_good(delivery: Delivery, tmp_path: Path) -> None:
    forgotten, token = forgetting(delivery, "a@b.org")
    write_forgotten(forgotten, tmp_path)
    assert b"a@b.org" not in (tmp_path / "forgotten.json").read_bytes()
    assert (tmp_path / "forgotten.json").stat().st_mode & 0o077 == 0
    again, entry = with_key(read_forgotten(tmp_path), delivery.connection, "A@b.org", None, None, AT)
    assert (again, entry.token) == (forgotten, token)
