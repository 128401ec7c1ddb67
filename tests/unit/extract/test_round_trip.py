"""Whatever Python's csv module writes lands cell for cell alike."""

import csv
import io
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.extract.places import Place

PIECES = st.sampled_from(["a", "é", "漢", " ", '"', "'", ",", ";", "|", "\t", "\\", "#", "\n", "\r", "\r\n"])
CELL = st.lists(PIECES, max_size=6).map("".join)
TABLE = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
)


@settings(max_examples=100)
@given(
    table=TABLE,
    delimiter=st.sampled_from([",", ";", "\t", "|", "^"]),
    quote=st.sampled_from(['"', "'"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    has_odd_header=st.booleans(),
    is_ragged=st.booleans(),
)
def test_cells_come_back_alike(
    new_place: Callable[[], Place],
    table: list[list[str]],
    delimiter: str,
    quote: str,
    line_end: str,
    encoding: str,
    has_odd_header: bool,
    is_ragged: bool,
) -> None:
    """A surplus cell in one more row sends the whole file through the careful reader: the same cells again."""
    header = [f"a{delimiter}\n{quote}" if has_odd_header else "a", *(f"h{place}" for place in range(1, len(table[0])))]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *table, *([["x"] * (len(header) + 1)] if is_ragged else [])])
    place = new_place()
    place.put("orders.csv", out.getvalue().encode(encoding))
    result = place.land({"delimiter": delimiter, "quote": quote, "encoding": encoding}, mapped="a h1")
    assert [str(one.error) for one in result.refused] == []
    assert place.rows(result) == [(*row, number) for number, row in enumerate(table, 1)]
    assert result.deliveries[0].columns == tuple(name.strip() for name in header)
    assert result.deliveries[0].rejected == is_ragged
