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
    path = folder / (f"{file}.csv.gz" if is_gzip else f"{file}.csv")
    described = connection.execute(f"describe out_{export.name}").fetchall()
    headers = ", ".join(f'"{row[0]}"' for row in described if not row[0].startswith("_"))
    name, delimiter = file.replace("'", "''"), export.dialect.delimiter
    target = path if export.dialect.is_plain else path.with_suffix(".part")
    connection.execute(
        f"copy (select {headers} from out_{export.name} where _file = '{name}' order by _sort, _no, _copy)"
        f" to '{str(target).replace(chr(39), chr(39) * 2)}'"
        f" (format csv, header, delimiter '{delimiter}', compression {'gzip' if is_gzip else 'none'})"
    )
    if target != path:
        _dress(target, path, export.dialect.encoding, export.dialect.newline)
        target.unlink()
    return path


def _dress(source: Path, target: Path, encoding: str, newline: str) -> None:
    """Rewrite a UTF-8 file with other line ends and in another encoding, chunk by chunk."""
    encoder = codecs.getincrementalencoder(encoding)()
    with source.open(encoding="utf-8", newline="") as read, target.open("wb") as write:
        while chunk := read.read(CHUNK):
            write.write(encoder.encode(chunk.replace("\n", newline)))
