"""Takes out of a CSV file what is no data: totals among the rows, and the footer, remarks and signatures after them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.dialect import Head
from pipeline.extract.margin import Ends, physical_lines

# More than this is no footer: the pattern was found in the rows, and cutting there would lose them
LONGEST_FOOTER = 1_000
# A few lines that are no data may well be more than the rows
FEW = 10


class Body(NamedTuple):
    """Where the data rows are: in `path` from byte `offset` on, after `skip` lines and, if any, a header."""

    path: Path
    offset: int
    skip: int
    has_header: bool


class Cut(NamedTuple):
    """The data rows, and what was taken out: lines among them that are no data, and the footer."""

    body: Body
    not_rows: Ends
    footer: Ends


def body_alone(path: Path, file: str, head: Head, read: Read, target: Path) -> Cut:
    """Copy the data rows alone, under a made-up header; raises RefusedDelivery where cutting might lose rows."""
    footer, not_rows, is_quoted, hidden, header, kept = Ends(), Ends(), False, 0, "", 0
    is_footer, is_no_row, is_passed_over = _finds(read.footer), _finds(read.not_rows), False
    with target.open("w", encoding="utf-8", newline="") as out:
        for number, line in enumerate(physical_lines(path, file, head.data_offset), head.lines + 1):
            if not header:
                header = _made_up_header(head, line)
                out.write(header)
            is_found = is_footer(line.rstrip("\r\n"))
            if footer.count or (is_found and not is_quoted):
                footer.add(line)
                _check_length(file, number, footer)
                continue
            hidden = number if is_found and not hidden else hidden
            # A cell of many lines belongs to the line in which it begins
            is_passed_over = is_no_row(line.rstrip("\r\n")) if not is_quoted else is_passed_over
            is_quoted ^= bool(head.dialect.quote) and line.count(head.dialect.quote) % 2 == 1
            if is_passed_over:
                not_rows.add(line)
            kept += not is_passed_over
            # The end of a line stays, so that lines keep their numbers
            out.write(_end_of(line) if is_passed_over else line)
    if hidden and not footer.count:
        raise _only_within_quotes(file, hidden, str(read.footer))
    check_not_rows(file, not_rows, kept)
    return Cut(Body(target, len(header.encode()), 0, bool(header)), not_rows, footer)


def _finds(pattern: str | None) -> Callable[[str], bool]:
    if pattern is None:
        return lambda line: False
    search = re.compile(pattern).search
    return lambda line: search(line) is not None


def _made_up_header(head: Head, line: str) -> str:
    """DuckDB takes the first line break it sees, even a quoted one, for the file's: let it be a true one."""
    return head.dialect.delimiter.join(["x"] * len(head.names)) + (_end_of(line) or "\n")


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _check_length(file: str, line: int, footer: Ends) -> None:
    if footer.count > LONGEST_FOOTER:
        raise RefusedDelivery(
            "the footer is found in the middle of the rows",
            where=f"{file}, line {line - footer.count + 1}",
            found=f"{footer.lines[0][:100]!r} and more than {LONGEST_FOOTER:,} lines after it",
            expected=f"a footer of at most {LONGEST_FOOTER:,} lines",
            action="make read.footer fit the footer alone, for example by ^ and $",
        )


def check_not_rows(place: str, not_rows: Ends, kept: int) -> None:
    """Raise RefusedDelivery where a pattern for totals takes most of what is there."""
    if not_rows.count > max(kept, FEW):
        raise RefusedDelivery(
            "more lines are no data than are data",
            where=place,
            found=f"{not_rows.count:,} lines that are none, {not_rows.lines[0][:100]!r} the first, and {kept:,} that are",
            expected="totals and the like among the rows",
            action="make read.not_rows fit such lines alone",
        )


def _only_within_quotes(file: str, line: int, pattern: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the footer is found within quotes only",
        where=f"{file}, line {line}",
        found="a quote that was opened before and not closed",
        expected=f"{pattern} in a line of its own",
        action="have the quotes corrected, or set read.quote to '' if quotes mean nothing in this file",
    )
