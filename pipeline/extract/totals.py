"""Checks what a file states of itself, a count or a sum in its preamble or footer, against the rows that landed."""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.connector import Read, Total
from pipeline.errors import RefusedDelivery, UserError


class Checked(NamedTuple):
    """One total as stated and as reckoned from the rows; None where it is not stated, or is no number."""

    total: Total
    stated: Decimal | None
    reckoned: Decimal
    is_equal: bool

    @property
    def difference(self) -> str:
        """What is wrong, for a note or a refusal."""
        stated = "nothing" if self.stated is None else f"{self.stated:f}"
        return f"the file states {stated}, {self.total.equals} is {self.reckoned:f}"

    @property
    def facts(self) -> dict[str, Any]:
        """For load.json."""
        return {
            "pattern": self.total.pattern,
            "equals": self.total.equals,
            "stated": None if self.stated is None else f"{self.stated:f}",
            "reckoned": f"{self.reckoned:f}",
            "is_equal": self.is_equal,
            "on_failure": self.total.on_failure,
        }


def total_mistakes(connection: duckdb.DuckDBPyConnection, totals: Sequence[Total], where: str) -> Iterator[UserError]:
    """What is wrong with the totals' SQL as such: it may reckon over the export's rows and look at nothing else."""
    for total in totals:
        row = connection.execute("select json_serialize_sql(?::varchar)", [f"select ({total.equals}\n)"]).fetchall()[0]
        tree = json.loads(row[0])
        if (
            tree["error"]
            or len(tree["statements"]) != 1
            or tree["statements"][0]["node"].get("from_table", {}).get("type") != "EMPTY"
        ):
            found = "no SQL expression"
        elif re.search(r'"(class|function_name)":\s*"(SUBQUERY|getenv|current_setting)"', row[0]):
            found = "a query or a look at the environment"
        else:
            continue
        yield UserError(
            "a total may reckon over the export's rows and nothing else",
            where=where,
            found=f"{found}: {total.equals}",
            expected="an aggregate over the export's columns, for example count(*)",
        )


def check_totals(
    cursor: duckdb.DuckDBPyConnection, totals: Sequence[Total], margin: Sequence[str], rows: Path, file: str, read: Read
) -> list[Checked]:
    """Every total, checked; raises RefusedDelivery where one that refuses is not equal or not there."""
    checked = [_checked(cursor, one, margin, rows, file, read) for one in totals]
    wrong = [one for one in checked if not one.is_equal and one.total.on_failure == "refuse"]
    if wrong:
        raise RefusedDelivery(
            "the file's own totals do not match its rows",
            where=file,
            found="; ".join(one.difference for one in wrong),
            expected="; ".join(f"{one.total.equals} as stated by {one.total.pattern}" for one in wrong),
            action="have it delivered again, or correct totals: in the connector",
        )
    return checked


def as_number(text: str, read: Read) -> Decimal | None:
    """The number a text writes down, with thousands separators and the decimal separator of read; None for no number."""
    decimal, groups = read.decimal, read.thousands or ("," if read.decimal == "." else ".")
    plain = re.sub(rf"(?<=[0-9])[{re.escape(groups)}\s'’](?=[0-9]{{3}}(?![0-9]))", "", text.strip().rstrip(".,;"))
    try:
        return Decimal(plain.replace(decimal, ".").replace("−", "-"))
    except InvalidOperation:
        return None


def _checked(
    cursor: duckdb.DuckDBPyConnection, total: Total, margin: Sequence[str], rows: Path, file: str, read: Read
) -> Checked:
    found = next((match for line in margin if (match := re.search(total.pattern, line))), None)
    stated = as_number(found[1] or "", read) if found else None
    reckoned = _reckoned(cursor, total, rows, file)
    is_equal = stated is not None and abs(stated - reckoned) <= Decimal(str(total.tolerance))
    return Checked(total, stated, reckoned, is_equal)


def _reckoned(cursor: duckdb.DuckDBPyConnection, total: Total, rows: Path, file: str) -> Decimal:
    """The aggregate over the landed rows; a sum over no rows is 0."""
    try:
        value = cursor.execute(f"select ({total.equals}) from read_parquet(?)", [str(rows)]).fetchall()[0][0]
        return Decimal(str(value or 0))
    except (duckdb.Error, InvalidOperation) as error:
        raise RefusedDelivery(
            "a total cannot be reckoned",
            where=file,
            found=str(error).splitlines()[0] if isinstance(error, duckdb.Error) else f"{total.equals} is {value}",
            expected=f"an aggregate over the export's columns: {total.equals}",
            action="correct totals: in the connector",
        ) from None
