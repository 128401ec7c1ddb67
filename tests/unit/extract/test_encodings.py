"""Any encoding lands as the same text; what is not UTF-8 is never guessed, but named for a person to choose from."""

import pytest

from tests.unit.extract.places import Place, facts

CHINESE, JAPANESE, GERMAN = "订单,茶叶礼盒,￥12.50", "注文,山田太郎さん,ﾃｽﾄ", "Köln,Müller,50 €"
RUSSIAN, CZECH = "Заказ,Иван Петров,5", "Příliš,žluťoučký,kůň"

# (encoding, a row it can write)
ENCODINGS = [
    ("utf-8", CHINESE), ("utf-8-sig", CHINESE), ("utf-16", CHINESE), ("utf-16-le", CHINESE), ("utf-16-be", JAPANESE),
    ("utf-32", CHINESE), ("utf-32-be", GERMAN), ("utf-7", GERMAN), ("gb18030", CHINESE), ("gbk", CHINESE), ("gb2312", "订单,茶叶,礼盒"),
    ("hz", "订单,茶叶,礼盒"), ("big5", "訂單,茶葉,禮盒"), ("shift_jis", JAPANESE), ("cp932", JAPANESE), ("euc_jp", JAPANESE),
    ("iso2022_jp", "注文,山田太郎さん,x"), ("euc_kr", "주문,김철수,x"), ("latin-1", "Köln,Müller,x"), ("cp1252", GERMAN), ("iso8859-15", GERMAN),
    ("cp1250", CZECH), ("cp1251", RUSSIAN), ("koi8-r", RUSSIAN), ("cp437", "Köln,Müller,x"), ("mac-roman", "Köln,Müller,x"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "row"), ENCODINGS, ids=[one[0] for one in ENCODINGS])
def test_every_encoding_lands_as_the_same_text(place: Place, encoding: str, row: str) -> None:
    place.put("orders.csv", f"a,b,c\r\n{row}\r\n".encode(encoding))
    result = place.land({"encoding": encoding})
    assert [str(one.error) for one in result.refused] == []
    assert place.rows(result) == [(*row.split(","), 1)]
    assert result.deliveries[0].columns == ("a", "b", "c")


def test_a_character_cut_by_the_readers_blocks_stays_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extract.text.CHUNK", 3)
    for number, encoding in enumerate(("gb18030", "utf-16", "shift_jis", "utf-8"), 1):
        place.put(f"{number}.csv", f"a,b\n{number},日本語\n".encode(encoding))
        (*_, last) = place.land({"encoding": encoding}, files=f"{number}.csv").deliveries
        assert place.rows_of(last) == [(str(number), "日本語", 1)]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-8"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(place: Place, encoding: str) -> None:
    place.put("orders.csv", "\ufeffa,b\n1,x\n".encode(encoding))
    assert place.land({"encoding": encoding}).deliveries[0].columns == ("a", "b")


def test_a_mark_is_believed_before_what_is_said(place: Place) -> None:
    place.put("orders.csv", "a,b\n1,é\n".encode("utf-16"))
    result = place.land({"encoding": "gb18030"})
    assert place.rows(result) == [("1", "é", 1)]
    assert facts(result.deliveries[0])["read"]["encoding"] == "utf-16"


# (encoding, a row, the encoding to be proposed first)
PROPOSED = [
    ("gb18030", "订单号,商家订单号,茶叶礼盒与金额", "gb18030"),
    ("big5", "訂單編號,客戶名稱,臺灣茶葉禮盒", "big5"),
    ("shift_jis", "注文番号,山田太郎さん,お茶", "shift_jis"),
    ("euc_kr", "주문번호,고객,김철수", "euc_kr"),
    ("cp1252", "Müller,Köln,José García Málaga", "cp1252"),
    ("latin-1", "Straße in Köln,Café à Paris,Ærø Señor François", "cp1252"),
    ("cp1251", "Заказ,Иван Петров,сумма", "cp1251"),
    ("cp1250", "Příliš,žluťoučký,kůň úpěl", "cp1250"),
]


@pytest.mark.parametrize(("encoding", "row", "proposed"), PROPOSED, ids=[one[0] for one in PROPOSED])
def test_what_is_not_utf_8_is_refused_with_the_encodings_it_looks_like(
    place: Place, encoding: str, row: str, proposed: str
) -> None:
    place.put("orders.csv", f"a,b,c\n{row}\n".encode(encoding))
    (refusal,) = place.land().refused
    assert refusal.error.what == "a byte cannot be decoded"
    assert refusal.error.where.startswith("orders.csv, line 2, byte ")
    assert refusal.error.action.startswith(f"the bytes look like text in {proposed}")
    assert place.land({"encoding": proposed}).refused == []


def test_bytes_that_look_like_nothing_are_refused_without_a_proposal(place: Place) -> None:
    place.put(
        "orders.csv", b"a,b\n" + bytes(range(128, 256)) + b"\x81\xff\x8d\x90\n" + bytes([0xFF, 0xFE, 0x81, 0x1A]) * 40
    )
    assert place.land().refused[0].error.what == "a byte cannot be decoded"


@pytest.mark.parametrize("encoding", ["unicode_escape", "idna", "base64", "latin-99", "undefined"])
def test_what_is_no_encoding_of_files_is_refused(place: Place, encoding: str) -> None:
    place.put("orders.csv", "a,b\n1,x\n")
    assert place.land({"encoding": encoding}).refused[0].error.what == "the encoding is not known"
