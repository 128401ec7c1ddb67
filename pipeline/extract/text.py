"""Turns a delivered file into plain UTF-8 text on disk: gzip undone, any encoding transcoded, strictly.

Files that already are plain UTF-8 are checked and used where they lie. Memory is one chunk, whatever the size.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from pipeline.errors import RefusedDelivery

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
# UTF-32's little-endian mark begins with UTF-16's: longest first
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NOT_TEXT = {b"PK\x03\x04": "a ZIP archive or an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}


@dataclass(frozen=True)
class Text:
    """Plain UTF-8 on disk; `encoding` and `compression` are what the delivered file had."""

    path: Path
    encoding: str
    compression: str


def as_utf8(path: Path, file: str, encoding: str | None, work: Path) -> Text:
    """Check the file and, where it is not plain UTF-8, write it as such into `work`; raises RefusedDelivery."""
    with path.open("rb") as stream:
        start = stream.read(4)
    compression = "gzip" if start.startswith(_GZIP) else "none"
    try:
        with _open(path, compression) as stream:
            start = stream.read(4)
        codec = _codec(start, encoding, file)
        is_plain = compression == "none" and codec in ("utf-8", "utf-8-sig")
        target = path if is_plain else work / "text.csv"
        with _open(path, compression) as stream, nullcontext() if is_plain else target.open("wb") as out:
            for chunk in _decoded(stream, codec, file):
                if out is not None:
                    out.write(chunk.encode())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RefusedDelivery(
            "the gzip file is damaged or was cut off",
            where=file,
            found=str(error),
            expected="a complete gzip file",
            action="have it delivered again",
        ) from None
    return Text(target, codec, compression)


def _open(path: Path, compression: str) -> BufferedIOBase:
    return gzip.open(path, "rb") if compression == "gzip" else path.open("rb")


def _codec(start: bytes, said: str | None, file: str) -> str:
    """The codec to decode with: a byte order mark is certain, then what the connector says, then UTF-8."""
    if not start:
        raise RefusedDelivery(
            "the file is empty",
            where=file,
            found="0 bytes",
            expected="a header and rows",
            action="have it delivered again",
        )
    for magic, meaning in _NOT_TEXT.items():
        if start.startswith(magic):
            raise RefusedDelivery(
                "this is not a text file", where=file, found=meaning, expected="CSV", action="export it as CSV"
            )
    for mark, codec in _MARKS.items():
        if start.startswith(mark):
            return codec
    try:
        info = codecs.lookup(said or "utf-8")
        "".encode(info.name)
    except LookupError:
        raise RefusedDelivery(
            "the encoding is not known",
            where=file,
            found=f"read.encoding: {said}",
            expected="a codec Python knows, for example cp1252 or gb18030",
            action="correct read.encoding in the connector",
        ) from None
    return info.name


def _decoded(stream: BufferedIOBase, codec: str, file: str) -> Iterator[str]:
    """The text chunk by chunk; raises RefusedDelivery at the first byte or character that cannot be."""
    decoder = codecs.getincrementaldecoder(codec)()
    offset, lines = 0, 0
    while True:
        data = stream.read(CHUNK)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            lines += error.object[: error.start].decode(codec, "ignore").count("\n")
            raise _undecodable(file, error, codec, offset - pending + error.start, lines + 1) from None
        if "\0" in text:
            raise _nul(file, lines + text[: text.index("\0")].count("\n") + 1)
        lines += text.count("\n")
        offset += len(data)
        yield text
        if not data:
            return


def _undecodable(file: str, error: UnicodeDecodeError, codec: str, offset: int, line: int) -> RefusedDelivery:
    return RefusedDelivery(
        "a byte cannot be decoded",
        where=f"{file}, line {line}, byte {offset}",
        found=f"0x{error.object[error.start : error.start + 1].hex()}",
        expected=f"text in {codec}",
        action="set read.encoding in the connector to the file's encoding, for example cp1252 or gb18030",
    )


def _nul(file: str, line: int) -> RefusedDelivery:
    return RefusedDelivery(
        "the file holds NUL characters",
        where=f"{file}, line {line}",
        found="NUL",
        expected="text",
        action="have it delivered again; if it is UTF-16, set read.encoding to utf-16-le or utf-16-be",
    )
