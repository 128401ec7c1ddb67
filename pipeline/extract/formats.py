"""Opens an export in whatever format its bytes are, and checks that against what the connector says."""

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.connector import Format, Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.compression import Compression, compression_of, opened
from pipeline.extract.csv_file import open_csv
from pipeline.extract.reader import Reader
from pipeline.extract.renamed import with_names
from pipeline.extract.structured import OF_TABLES
from pipeline.extract.text import as_utf8, codec_of, head_as_utf8

PEEK = 1 << 16
HEAD_BYTES = 1 << 18
_SAVE_AS = "export it as .xlsx or CSV"
# What cannot be read, by its first bytes: what it is, and what to do
_UNREADABLE = {
    b"\xd0\xcf\x11\xe0": ("an old binary Excel workbook, or one with a password", _SAVE_AS + ", without a password"),
    b"BZh": ("bzip2", "deliver it unpacked, or as gzip, zstd or ZIP"),
    b"\xfd7zXZ": ("xz", "deliver it unpacked, or as gzip, zstd or ZIP"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "deliver it unpacked, or as gzip, zstd or ZIP"),
    b"Rar!": ("a RAR archive", "deliver it unpacked, or as gzip, zstd or ZIP"),
    b"%PDF": ("a PDF document", _SAVE_AS),
}
_HTML = re.compile(r"<(!doctype|html|head|body|table|meta|style|div|\?xml|\?mso)\b", re.IGNORECASE)
_JSON = re.compile(r"""\{\s*("|\}|$)|\[\s*(\{|\[|\]|$)""")
# By the names of its parts
_PACKED = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "content.xml": "an OpenDocument file",
    "word/document.xml": "a Word document",
}
_SUFFIXES: dict[str, Format] = {".xls": "xlsx", ".xlsx": "xlsx", ".parquet": "parquet", ".json": "json"}


class Opened(NamedTuple):
    """An export ready to be read, what is known of its form (for load.json), and what a person should know."""

    reader: Reader
    used: dict[str, Any]
    notes: tuple[str, ...]


def open_export(
    cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path, *, is_head: bool = False
) -> Opened:
    """Open the file as what it is; raises RefusedDelivery when that is nothing we read, or not what was said.

    Files of its own it writes into `work`, which must outlive the reader. Of a head only the first rows are read,
    where the format lets one stop there.
    """
    compression, start = _start(path, file)
    form = _form(path, start, file, read, is_packed=compression != "none")
    notes = _judge(form, start, file, read)
    used: dict[str, Any] = {"format": form, "compression": compression}
    if form in ("csv", "json"):
        codec = codec_of(start, read.encoding, file)
        used["encoding"] = codec
        path = _text(path, file, form, codec, compression, work, start if is_head else None)
    elif compression != "none":
        path = _unpacked(path, file, compression, work / "plain")
        form = _form(path, start, file, read, is_packed=False)
    reader = with_names(_open(form, cursor, path, file, read, work), read)
    used |= reader.used
    notes += [f"{file}: {note}" for note in used.pop("notes", [])]
    return Opened(reader, used, tuple(notes))


def _open(form: Format, cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path) -> Reader:
    """Imports what a format needs only where there is a file of it: most exports are CSV."""
    if form == "json":
        from pipeline.extract.json_file import open_json

        return open_json(cursor, path, file, read, work)
    if form == "xlsx":
        from pipeline.extract.workbook import open_workbook

        return open_workbook(cursor, path, file, read, work)
    if form == "parquet":
        from pipeline.extract.parquet_file import open_parquet

        return open_parquet(cursor, path, file, read, work)
    return open_csv(cursor, path, file, read, work)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive of deliveries, and no document that merely is packed as one."""
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"PK\x03\x04":
                return False
    except OSError:
        # Told where the file is read
        return False
    names = _part_names(path)
    return names is not None and not any(part in names for part in _PACKED)


def _start(path: Path, file: str) -> tuple[Compression, bytes]:
    with path.open("rb") as stream:
        compression = compression_of(stream.read(4))
    with opened(path, compression, file) as plain:
        start = plain.read(PEEK)
    if not start:
        raise RefusedDelivery(
            "the file is empty",
            where=file,
            found="0 bytes",
            expected="a header and rows",
            action="have it delivered again",
        )
    return compression, start


def _form(path: Path, start: bytes, file: str, read: Read, *, is_packed: bool) -> Format:
    """The format by content; raises RefusedDelivery for what is none of ours."""
    for magic, (meaning, action) in _UNREADABLE.items():
        if start.startswith(magic):
            raise _no_export(file, meaning, action)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK"):
        return "xlsx" if is_packed else _form_of_zip(path, file)
    text = start.decode(codec_of(start, read.encoding, file), "ignore").lstrip("\ufeff \t\r\n")
    if _HTML.match(text):
        raise _no_export(file, "a web page or XML, whatever its name says", _SAVE_AS)
    if read.format == "json" and text[:1] in ("{", "["):
        return "json"
    return "json" if _JSON.match(text) and (not _says_delimited(read) or _has_json_value(text)) else "csv"


def _says_delimited(read: Read) -> bool:
    return any(getattr(read, option) for option in (*OF_TABLES, "delimiter", "quote"))


def _has_json_value(text: str) -> bool:
    """Whether a whole JSON value stands at the start, or of an array the first one: a cell may begin as JSON does."""
    decoder = json.JSONDecoder()
    for start in (text, text[1:].lstrip()):
        try:
            decoder.raw_decode(start)
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _form_of_zip(path: Path, file: str) -> Format:
    names = _part_names(path)
    if names is None:
        raise _no_export(file, "a ZIP archive or workbook that is damaged or was cut off", "have it delivered again")
    meaning = next((meaning for part, meaning in _PACKED.items() if part in names), "a ZIP archive within another file")
    if meaning != "xlsx":
        raise _no_export(file, meaning, _SAVE_AS if "archive" not in meaning else "deliver the files in one archive")
    return "xlsx"


def _part_names(path: Path) -> set[str] | None:
    """Names of the parts of a ZIP file; None when it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return None


def _judge(form: Format, start: bytes, file: str, read: Read) -> list[str]:
    """Compare with what was said: delimited text is read as such and noted, anything else must be as said."""
    named = _SUFFIXES.get(Path(file).suffix.lower())
    if read.format in (None, form):
        return [f"{file}: delimited text, whatever its name says"] if form == "csv" and named else []
    if form == "csv":
        return [f"{file}: delimited text and read as such, though the connector says {read.format}"]
    raise RefusedDelivery(
        "the file has another format than the connector says",
        where=file,
        found=form,
        expected=f"read.format: {read.format}",
        action="have it delivered as before, or correct read.format in the connector",
    )


def _text(
    path: Path, file: str, form: Format, codec: str, compression: Compression, work: Path, head: bytes | None
) -> Path:
    """Plain UTF-8: of a head the first lines, but of a JSON document that is not one value per line all of it."""
    target = work / f"text.{form}"
    if head is not None and (form == "csv" or _has_values_in_lines(head.decode(codec, "ignore"))):
        return head_as_utf8(path, file, codec, compression, target, HEAD_BYTES).path
    # The JSON reader knows no byte order marks
    return as_utf8(path, file, codec, compression, target, keeps_mark=form == "csv").path


def _has_values_in_lines(text: str) -> bool:
    lines = text.lstrip("\ufeff \t\r\n").splitlines()
    try:
        json.loads(lines[0])
    except ValueError:
        return False
    return len(lines) > 1


def _unpacked(path: Path, file: str, compression: Compression, target: Path) -> Path:
    with opened(path, compression, file) as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return target


def _no_export(file: str, found: str, action: str) -> RefusedDelivery:
    return RefusedDelivery(
        "this is not an export that can be read",
        where=file,
        found=found,
        expected="CSV or other delimited text, JSON, .xlsx or Parquet",
        action=action,
    )
