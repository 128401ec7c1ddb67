"""Turns a delivered file into plain UTF-8 text on disk: compression undone, any encoding transcoded, strictly.

Files that already are plain UTF-8 are checked and used where they lie. Memory is one chunk, whatever the size.
"""

import codecs
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import RefusedDelivery
from pipeline.extract.compression import Compression, opened
from pipeline.extract.encodings import likely_encodings

CHUNK = 1 << 20
# UTF-32's little-endian mark begins with UTF-16's: longest first
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Codecs of Python's that are no encodings of files: they would turn what is written into something else
_NO_ENCODINGS = {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}


@dataclass(frozen=True)
class Text:
    """Plain UTF-8 on disk; `encoding` is what the delivered file had."""

    path: Path
    encoding: str


def codec_of(start: bytes, said: str | None, file: str) -> str:
    """The codec to decode with: a byte order mark is certain, then what the connector says, then UTF-8."""
    for mark, codec in _MARKS.items():
        if start.startswith(mark):
            return codec
    try:
        info = codecs.lookup(said or "utf-8")
        "".encode(info.name)
        if info.name.replace("-", "_") in _NO_ENCODINGS:
            raise LookupError
    except (LookupError, UnicodeError):
        raise RefusedDelivery(
            "the encoding is not known",
            where=file,
            found=f"read.encoding: {said}",
            expected="a codec Python knows, for example cp1252 or gb18030",
            action="correct read.encoding in the connector",
        ) from None
    return info.name


def as_utf8(path: Path, file: str, codec: str, compression: Compression, target: Path, *, keeps_mark: bool) -> Text:
    """Check the whole file and, where it is not plain UTF-8, write it as such to `target`; raises RefusedDelivery.

    Without `keeps_mark` a file that begins with a byte order mark is written without it too.
    """
    is_plain = compression == "none" and (codec == "utf-8" or (keeps_mark and codec == "utf-8-sig"))
    with opened(path, compression, file) as stream, nullcontext() if is_plain else target.open("wb") as out:
        for chunk in _decoded(stream, codec, file):
            if out is not None:
                out.write(chunk.encode())
    return Text(path if is_plain else target, codec)


def head_as_utf8(path: Path, file: str, codec: str, compression: Compression, target: Path, size: int) -> Text:
    """The first lines, about `size` bytes of them, as a file of their own; the whole file where it is no larger.

    Raises RefusedDelivery where they cannot be decoded.
    """
    with opened(path, compression, file) as stream:
        data = stream.read(size)
        is_whole = not stream.read(1)
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data, final=is_whole)
    except UnicodeDecodeError as error:
        lines = data[: error.start].decode(codec, "ignore").count("\n")
        raise _undecodable(file, error, codec, error.start, lines + 1) from None
    # A line cut in half would look like a broken row
    cut = len(text) if is_whole else max(text.rfind("\n"), text.rfind("\r")) + 1
    target.write_bytes((text[:cut] or text).encode())
    return Text(target, codec)


def _decoded(stream: BinaryIO, codec: str, file: str) -> Iterator[str]:
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
    likely = likely_encodings(error.object, error.start)
    advice = f"the bytes look like text in {' or '.join(likely)}; " if likely else ""
    example = likely[0] if likely else "cp1252 or gb18030"
    return RefusedDelivery(
        "a byte cannot be decoded",
        where=f"{file}, line {line}, byte {offset}",
        found=f"0x{error.object[error.start : error.start + 1].hex()}",
        expected=f"text in {codec}",
        action=f"{advice}set read.encoding in the connector to the file's encoding, for example {example}",
    )


def _nul(file: str, line: int) -> RefusedDelivery:
    return RefusedDelivery(
        "the file holds NUL characters",
        where=f"{file}, line {line}",
        found="NUL",
        expected="text",
        action="have it delivered again; if it is UTF-16, set read.encoding to utf-16-le or utf-16-be",
    )
