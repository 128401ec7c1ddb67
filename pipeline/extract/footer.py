"""Cuts the footer off a CSV file: totals, remarks and signatures after the last row are no data."""

import re
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RefusedDelivery
from pipeline.extract.dialect import Head
from pipeline.extract.margin import Ends, physical_lines

# More than this is no footer: the pattern was found in the rows, and cutting there would lose them
LONGEST_FOOTER = 1_000


class Body(NamedTuple):
    """Where the data rows are: in `path` from byte `offset` on, after `skip` lines and, if any, a header."""

    path: Path
    offset: int
    skip: int
    has_header: bool


def body_without_footer(path: Path, file: str, head: Head, pattern: str, target: Path) -> tuple[Body, Ends]:
    """Copy the data rows alone, under a made-up header; raises RefusedDelivery where cutting might lose rows."""
    footer, is_quoted, hidden, header = Ends(), False, 0, ""
    is_footer = re.compile(pattern).search
    with target.open("w", encoding="utf-8", newline="") as out:
        for number, line in enumerate(physical_lines(path, file, head.data_offset), head.lines + 1):
            if not header:
                header = _made_up_header(head, line)
                out.write(header)
            is_found = is_footer(line.rstrip("\r\n")) is not None
            if footer.count or (is_found and not is_quoted):
                footer.add(line)
                _check_length(file, number, footer)
                continue
            hidden = number if is_found and not hidden else hidden
            is_quoted ^= bool(head.dialect.quote) and line.count(head.dialect.quote) % 2 == 1
            out.write(line)
    if hidden and not footer.count:
        raise _only_within_quotes(file, hidden, pattern)
    return Body(target, len(header.encode()), 0, bool(header)), footer


def _made_up_header(head: Head, line: str) -> str:
    """DuckDB takes the first line break it sees, even a quoted one, for the file's: let it be a true one."""
    end = line[len(line.rstrip("\r\n")) :] or "\n"
    return head.dialect.delimiter.join(["x"] * len(head.names)) + end


def _check_length(file: str, line: int, footer: Ends) -> None:
    if footer.count > LONGEST_FOOTER:
        raise RefusedDelivery(
            "the footer is found in the middle of the rows",
            where=f"{file}, line {line - footer.count + 1}",
            found=f"{footer.lines[0][:100]!r} and more than {LONGEST_FOOTER:,} lines after it",
            expected=f"a footer of at most {LONGEST_FOOTER:,} lines",
            action="make read.footer fit the footer alone, for example by ^ and $",
        )


def _only_within_quotes(file: str, line: int, pattern: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the footer is found within quotes only",
        where=f"{file}, line {line}",
        found="a quote that was opened before and not closed",
        expected=f"{pattern} in a line of its own",
        action="have the quotes corrected, or set read.quote to '' if quotes mean nothing in this file",
    )
