"""`ops-summary draft`: a connector for a file nobody wrote one for yet, every line of it a proposal.

Here belongs finding out how a file is read and which column may be which; how it is written down is in draft_words.py.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import duckdb

from pipeline.clean.mapping import landed_sql, with_quoted_names
from pipeline.clean.names import folded, is_written_bare
from pipeline.clean.sql import ident
from pipeline.connector import Connector, Read
from pipeline.contracts import Contract, Contracts
from pipeline.errors import ConfigurationError, UserError
from pipeline.extract.encodings import likely_encodings
from pipeline.extract.formats import PEEK, is_archive, open_export
from pipeline.extract.preamble import header_after_preamble
from pipeline.extract.reader import ROWS
from pipeline.operate.check_values import helping_options, keep_rows, uncast
from pipeline.sources import Company, Configuration, Feed, Source, SourcesFile
from pipeline.warehouse import memory_database

# Names less alike than this are not proposed for one another
_ALIKE = 0.7
_SUMS = ("sum", "sums", "total", "totals", "grand total", "summe", "gesamt", "somme", "合计", "总计", "小计")


@dataclass(frozen=True)
class Draft:
    """What was found out of a file: how it is read, which of its columns may be which of the entity's, what is unsure.

    `read` is what `read:` says, `columns` the proposals by column of the entity, `doubts` sentences about a column of the
    entity or (under an empty name) about the whole.
    """

    file: str
    contract: Contract
    names: tuple[str, ...]
    read: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


def draft_of(path: Path, entity: str | None, contracts: Contracts) -> Draft:
    """Look at the first rows of a file; raises UserError when it cannot be read, ConfigurationError for no such entity."""
    contract = contracts.get(entity or "")
    if contract is None:
        expected = f"one of {', '.join(sorted(contracts))}"
        raise ConfigurationError([UserError("no such entity", where="--entity", found=entity or "", expected=expected)])
    if not path.is_file():
        raise ConfigurationError([UserError("the file does not exist", where=str(path), action="correct its path")])
    if is_archive(path):
        action = "unpack it and name one of the files; the connector may read the archive, see members"
        raise ConfigurationError([UserError("an archive holds several files", where=str(path), action=action)])
    with closing(memory_database()) as connection, tempfile.TemporaryDirectory() as scratch:
        return _drafted(connection, path, contract, Path(scratch))


def _drafted(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, scratch: Path) -> Draft:
    read, doubts = _encoding(path)
    names, read = _landed(connection, path, read, scratch)
    columns = _proposals(contract, names)
    if columns:
        read, columns, more = _values(connection, contract, names, read, columns, scratch / ROWS)
        doubts |= more
    return Draft(path.name, contract, names, read, columns, doubts)


def _encoding(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What to say of the encoding: nothing of UTF-8 and of what a byte order mark tells."""
    with path.open("rb") as stream:
        start = stream.read(PEEK)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff", b"PK", b"\x1f\x8b", b"\x28\xb5") or start.startswith(b"PAR1"):
        return {}, {}
    try:
        start[: start.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        likely = likely_encodings(start, error.start)
        if likely:
            others = f", or like {' or '.join(likely[1:])}" if likely[1:] else ""
            return {"encoding": likely[0]}, {
                "": f"the bytes look like {likely[0]}{others}: see whether names and signs are right"
            }
    return {}, {}


def _landed(
    connection: duckdb.DuckDBPyConnection, path: Path, read: dict[str, Any], scratch: Path
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The file's columns, its first rows as Parquet in `scratch`, and what `read` has to say for that."""
    for part in ("first", "second"):
        (scratch / part).mkdir()
    header = header_after_preamble(connection, path, Read(**read), scratch / "first")
    read = read | ({"header": list(header)} if header else {})
    opened = open_export(connection, path, path.name, Read(**read), scratch / "second", is_head=True)
    names = opened.reader.names
    opened.reader.write(connection, names, scratch)
    first = f"select {ident(names[0])} from read_parquet('{scratch / ROWS}') order by _source_row desc limit 1"
    row = connection.execute(first).fetchone() if opened.used["format"] in ("csv", "xlsx") else None
    if row and str(row[0]).strip().rstrip(":").casefold() in _SUMS:
        read = read | {"footer": f"^{str(row[0]).strip()}"}
        connection.execute(
            f"copy (select * from read_parquet('{scratch / ROWS}') where _source_row < "
            f"(select max(_source_row) from read_parquet('{scratch / ROWS}'))) to '{scratch / 'without.parquet'}'"
        )
        (scratch / "without.parquet").rename(scratch / ROWS)
    return names, read


def _proposals(contract: Contract, names: Sequence[str]) -> dict[str, str]:
    """For columns of the entity the export's column with the most similar name, each given once, the surest first."""
    wanted = [name for name, column in contract.columns.items() if column.personal != "drop"]
    pairs = sorted(
        ((_likeness(column, name), -at, column, name) for at, column in enumerate(wanted) for name in names),
        reverse=True,
    )
    found: dict[str, str] = {}
    for likeness, _, column, name in pairs:
        if likeness >= _ALIKE and column not in found and name not in found.values():
            found[column] = name
    return {column: found[column] for column in wanted if column in found}


def _likeness(column: str, name: str) -> float:
    return SequenceMatcher(None, folded(column), folded(name)).ratio()


def _values(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    names: tuple[str, ...],
    read: dict[str, Any],
    columns: dict[str, str],
    rows: Path,
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Reading options with which the proposed columns are read, proposals that can be, and what is unsure of the others."""
    doubts: dict[str, str] = {}
    home = rows.parent / "draft" / "rows.parquet"
    home.parent.mkdir()
    rows.rename(home)
    for column in dict(columns):
        feed = with_quoted_names(_feed(contract, read, columns), names)
        keep_rows(connection, landed_sql([home], names, feed), feed)
        bad = next((one for one in uncast(connection, contract, feed) if one.column == column), None)
        if bad is None:
            continue
        options = helping_options(connection, contract, feed, column)
        if options:
            read = read | options[0]
            doubts |= {column: f"or {_said(options[1])}: the values do not tell"} if options[1:] else {}
        else:
            doubts[column] = f"{columns.pop(column)} has a like name, but {bad.reason}"
    return read, columns, doubts


def _said(option: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in option.items())


def _feed(contract: Contract, read: Mapping[str, Any], columns: Mapping[str, str]) -> Feed:
    """The draft as a feed, of a company that is none."""
    mapping = {column: right_side(name) for column, name in columns.items()}
    export = {"files": "*", "read": dict(read), "entities": {contract.entity: {"columns": mapping}}}
    connector = Connector.model_validate({"exports": {"draft": export}})
    file = SourcesFile(
        company=Company(name="Draft", time_zone="UTC", currency="USD"),
        headline=("none",),
        sources={"draft": Source(connector="draft")},
    )
    (feed,) = Configuration(path=Path("sources.yml"), file=file, connectors={"draft": connector}).feeds()
    return feed


def right_side(name: str) -> str:
    """A column of the export as a mapping's right side: as it is, or in quotes where SQL would not take it for a name."""
    return name if is_written_bare(name) else ident(name)
