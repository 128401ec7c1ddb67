"""A ZIP archive is a way of packing: each member that matches is a delivery, and nothing leaves its place."""

import gzip
import io
import stat
import struct
import zipfile
from collections.abc import Mapping

import pytest

from tests.unit.extract.places import LANDED_AT, Place

ONE, TWO = "a,b\n1,x\n", "a,b\n2,y\n"


def packed(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_each_member_is_a_delivery(place: Place) -> None:
    place.put("may.zip", packed({"orders_10.csv": TWO, "sub/orders_2.csv": ONE}))
    result = place.land(files="*.zip")
    assert [(one.file, one.rows, one.bytes) for one in result.deliveries] == [
        ("may.zip/orders_10.csv", 1, 8),
        ("may.zip/sub/orders_2.csv", 1, 8),
    ]
    assert [place.rows_of(one) for one in result.deliveries] == [[("2", "y", 1)], [("1", "x", 1)]]


def test_a_member_is_known_by_its_own_bytes(place: Place) -> None:
    place.put("may.zip", packed({"a.csv": ONE}))
    first = place.land(files="*").deliveries
    place.put("may.zip", packed({"a.csv": ONE, "b.csv": TWO}, zipfile.ZIP_STORED))
    place.put("c.csv", ONE)
    result = place.land(files="*")
    assert result.deliveries[0] == first[0]
    assert [one.file for one in result.new] == ["may.zip/b.csv"]
    assert result.notes == ["may.zip/a.csv: the same content as may.zip/a.csv, which is landed once"]


def test_members_that_do_not_match_are_left_alone(place: Place) -> None:
    members = {
        "orders.csv": ONE,
        "customers.csv": "id\n1\n",
        "__MACOSX/._orders.csv": "x",
        "sub/.DS_Store": "x",
        "sub/": "",
    }
    place.put("may.zip", packed(members))
    assert [one.file for one in place.land(files="*", members="orders*").deliveries] == ["may.zip/orders.csv"]
    assert [one.file for one in place.land(files="*", members="*.csv").refused] == ["may.zip/customers.csv"]


def test_a_member_may_be_compressed_or_a_workbook_again(place: Place) -> None:
    place.put("may.zip", packed({"a.csv.gz": gzip.compress(ONE.encode()), "b.csv": TWO}))
    assert [one.rows for one in place.land(files="*").deliveries] == [1, 1]


def test_names_of_old_archives_are_read_in_the_exports_encoding(place: Place) -> None:
    content = packed({"XXXX.csv": "a,b\n1,礼\n".encode("gb18030")}).replace(b"XXXX", "订单".encode("gb18030"))
    place.put("may.zip", content)
    (delivery,) = place.land({"encoding": "gb18030"}, files="*", members="订单*").deliveries
    assert (delivery.file, place.rows_of(delivery)) == ("may.zip/订单.csv", [("1", "礼", 1)])


def test_a_bad_member_stops_no_other(place: Place) -> None:
    place.put("may.zip", packed({"a.csv": ONE, "b.csv": "", "c.csv": TWO}))
    result = place.land(files="*")
    assert [one.file for one in result.deliveries] == ["may.zip/a.csv", "may.zip/c.csv"]
    assert [(one.file, one.error.what) for one in result.refused] == [("may.zip/b.csv", "the file is empty")]


def test_a_damaged_member_is_refused_alone(place: Place) -> None:
    content = packed({"a.csv": ONE, "b.csv": TWO}, zipfile.ZIP_STORED)
    place.put("may.zip", content.replace(b"2,y", b"2,z"))
    result = place.land(files="*")
    assert [one.file for one in result.deliveries] == ["may.zip/a.csv"]
    assert [(one.file, one.error.found) for one in result.refused] == [("may.zip/b.csv", "Bad CRC-32 for file 'b.csv'")]


def test_an_encrypted_member_is_refused_with_what_to_do(place: Place) -> None:
    content = bytearray(packed({"a.csv": ONE}))
    content[6] |= 1  # local header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # central directory
    place.put("may.zip", bytes(content))
    (refusal,) = place.land(files="*").refused
    assert refusal.error.what == "the member of the archive is encrypted"
    assert "without a password" in refusal.error.action


def linked() -> bytes:
    link = zipfile.ZipInfo("orders.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def doubled() -> bytes:
    return packed({"a.csv": ONE, "b.csv": TWO}).replace(b"b.csv", b"a.csv")


# name → the archive and what is found in it
UNTRUSTED = {
    "a way up": (packed({"ok.csv": ONE, "../out.csv": ONE}), "the member '../out.csv'"),
    "a way up, backslashes": (packed({"sub\\..\\..\\out.csv": ONE}), "the member 'sub\\\\..\\\\..\\\\out.csv'"),
    "an absolute name": (packed({"/etc/out.csv": ONE}), "the member '/etc/out.csv'"),
    "a drive": (packed({"C:out.csv": ONE}), "the member 'C:out.csv'"),
    "a link": (linked(), "the member 'orders.csv'"),
    "a name twice": (doubled(), "a name twice"),
}


@pytest.mark.parametrize(("content", "found"), UNTRUSTED.values(), ids=UNTRUSTED)
def test_an_archive_that_leads_out_of_its_place_is_refused_whole(place: Place, content: bytes, found: str) -> None:
    place.put("may.zip", content)
    result = place.land(files="*")
    assert [(one.file, one.error.what, one.error.found) for one in result.refused] == [
        ("may.zip", "the ZIP archive is not to be trusted", found)
    ]
    assert result.deliveries == []


def test_what_expands_beyond_bounds_is_refused_before_it_is_unpacked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extract.compression.UNSUSPICIOUS_BYTES", 1 << 16)
    place.put("may.zip", packed({"a.csv": b"a,b\n" + bytes(1 << 20)}))
    assert place.land(files="*").refused[0].error.what == "the file expands beyond all bounds"


def test_sizes_that_lie_do_not_help_a_bomb(place: Place) -> None:
    content = packed({"a.csv": b"a,b\n" + b"1,x\n" * 1000})
    place.put("may.zip", content.replace(struct.pack("<I", 4004), struct.pack("<I", 8)))
    (refusal,) = place.land(files="*").refused
    assert refusal.error.what == "the ZIP archive is damaged or of a kind that cannot be read"


def test_an_archive_without_a_matching_member_is_refused_with_what_is_there(place: Place) -> None:
    place.put("may.zip", packed({"b.txt": ONE, "a.txt": ONE}))
    (refusal,) = place.land(files="*", members="*.csv").refused
    assert (refusal.error.what, refusal.error.found) == ("no member of the archive matches", "a.txt, b.txt")


@pytest.mark.parametrize("length", [10, 60, 100])
def test_an_archive_cut_off_is_refused(place: Place, length: int) -> None:
    place.put("may.zip", packed({"a.csv": ONE})[:length])
    assert place.land(files="*").refused[0].error.action == "have it delivered again"


def test_a_files_place_is_held_by_nothing_that_was_unpacked(place: Place) -> None:
    place.put("may.zip", packed({"a.csv": ONE, "b.csv": ""}))
    place.land(files="*", landed_at=LANDED_AT)
    assert [one.name for one in (place.landing / "shop" / "orders").iterdir()] == [
        one.load_id for one in place.land(files="*").deliveries
    ]
