"""Writing an export's rows as files, the same bytes for the same rows on any number of threads."""

import codecs
from pathlib import Path

import duckdb

from pipeline.sample.exports import Export

CHUNK = 1 << 20


def write_file(
    connection: duckdb.DuckDBPyConnection, export: Export, file: str, folder: Path, *, is_gzip: bool = False
) -> Path:
    """Write the rows of out_<export> delivered in `file`; gzip only where the dialect is DuckDB's own."""
    folder.mkdir(parents=True, exist_ok=True)
    is_gzip = is_gzip or export.is_gzip
    path = folder / f"{file}.{'ndjson' if export.record else 'csv'}{'.gz' if is_gzip else ''}"
    target = path if export.dialect.is_plain else path.with_suffix(".part")
    name = file.replace("'", "''")
    connection.execute(
        f"copy (select {export.record or _headers(connection, export)} from out_{export.name} where _file = '{name}'"
        f" order by _sort, _no, _copy) to '{str(target).replace(chr(39), chr(39) * 2)}'"
        f" ({_format(export)}, compression {'gzip' if is_gzip else 'none'})"
    )
    if target != path:
        _dress(target, path, export.dialect.encoding, export.dialect.newline)
        target.unlink()
    return path


def _headers(connection: duckdb.DuckDBPyConnection, export: Export) -> str:
    described = connection.execute(f"describe out_{export.name}").fetchall()
    return ", ".join(f'"{row[0]}"' for row in described if not row[0].startswith("_"))


def _format(export: Export) -> str:
    return "format json" if export.record else f"format csv, header, delimiter '{export.dialect.delimiter}'"


def _dress(source: Path, target: Path, encoding: str, newline: str) -> None:
    """Rewrite a UTF-8 file with other line ends and in another encoding, chunk by chunk."""
    encoder = codecs.getincrementalencoder(encoding)()
    with source.open(encoding="utf-8", newline="") as read, target.open("wb") as write:
        while chunk := read.read(CHUNK):
            write.write(encoder.encode(chunk.replace("\n", newline)))
