"""Undoes gzip and zstd while a file is read: complete or refused, and never without bound."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, Literal

import zstandard

from pipeline.errors import RefusedDelivery

Compression = Literal["none", "gzip", "zstd"]
CHUNK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Real exports shrink to a tenth, the most repetitive ones to a hundredth; what is written to be a bomb, to a thousandth
MAX_RATIO = 250
UNSUSPICIOUS_BYTES = 1 << 30
MAX_BYTES = 100 << 30
# What `zstd --long` writes and any decompressor takes without being asked twice
_MAX_WINDOW = 128 << 20
# One piece of a bomb expands thirty thousand times
_PIECE = 2048


def compression_of(start: bytes) -> Compression:
    """How a file is compressed, by its first bytes."""
    if start.startswith(_GZIP):
        return "gzip"
    return "zstd" if start.startswith(_ZSTD) else "none"


@contextmanager
def opened(path: Path, compression: Compression, file: str) -> Iterator[BinaryIO]:
    """The bytes of a file as they were before compression; raises RefusedDelivery where it is damaged or a bomb."""
    try:
        with path.open("rb") as stream:
            yield stream if compression == "none" else _bounded(stream, compression, file, path.stat().st_size)
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise RefusedDelivery(
            f"the {compression} file is damaged or was cut off",
            where=file,
            found=str(error),
            expected=f"a complete {compression} file",
            action="have it delivered again",
        ) from None


def check_expansion(file: str, packed: int, unpacked: int) -> None:
    """Raise RefusedDelivery when more comes out of a compressed file than an export would hold; sizes in bytes."""
    if unpacked > MAX_BYTES or (unpacked > UNSUSPICIOUS_BYTES and unpacked > MAX_RATIO * packed):
        raise RefusedDelivery(
            "the file expands beyond all bounds",
            where=file,
            found=f"{unpacked:,} bytes and more out of {packed:,}",
            expected=f"at most {MAX_BYTES >> 30} GiB, and beyond 1 GiB at most {MAX_RATIO} times the file's size",
            action="have it delivered in parts, or unpack it by hand if it is what it should be",
        )


def _bounded(stream: BinaryIO, compression: Compression, file: str, size: int) -> BinaryIO:
    plain: BinaryIO = gzip.GzipFile(fileobj=stream) if compression == "gzip" else BufferedReader(_Zstd(stream), CHUNK)  # type: ignore[assignment]
    return BufferedReader(_Bounded(plain, file, size), CHUNK)


class _Bounded(RawIOBase):
    """Counts what comes out of a decompressor."""

    def __init__(self, plain: BinaryIO, file: str, packed: int) -> None:
        self._plain, self._file, self._packed, self._unpacked = plain, file, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._plain.read(len(buffer))
        self._unpacked += len(data)
        check_expansion(self._file, self._packed, self._unpacked)
        buffer[: len(data)] = data
        return len(data)


class _Zstd(RawIOBase):
    """All frames of a zstd file. The library's own stream reader takes a file that was cut off for a whole one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        self._frame = self._decompressor.decompressobj()
        self._packed = b""
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._plain:
            self._packed = self._packed or self._stream.read(_PIECE)
            if not self._packed:
                return self._end()
            self._advance()
        taken = min(len(buffer), len(self._plain))
        buffer[:taken] = self._plain[:taken]
        self._plain = self._plain[taken:]
        return taken

    def _advance(self) -> None:
        if self._frame.eof:
            self._frame = self._decompressor.decompressobj()
        self._plain = memoryview(self._frame.decompress(self._packed))
        self._packed = self._frame.unused_data if self._frame.eof else b""

    def _end(self) -> int:
        if not self._frame.eof:
            raise EOFError("the last frame is not complete")
        return 0
