"""Finds the files of an export, in order of delivery, and identifies them by content."""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from pipeline.errors import RefusedDelivery

_HEAD = 1 << 16


class Member(NamedTuple):
    """One file inside a ZIP archive; size in bytes, unpacked."""

    name: str
    size: int


@dataclass(frozen=True)
class Found:
    """One file as it was when it was looked at; `file` is relative to the location, size in bytes.

    `state` is whatever its finder wants to know of it in later runs (an ETag, a window); it comes back as
    Delivery.state. `identity` tells apart deliveries that may have the same bytes and still are two (two windows).
    `member` is set where the file lies inside an archive at `path`. Of a head, the first rows alone are of interest.
    """

    path: Path
    file: str
    size: int
    modified_ns: int
    state: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
    member: Member | None = None
    is_head: bool = False

    @property
    def modified_at(self) -> datetime:
        """When the file was last written, in UTC without time zone."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC).replace(tzinfo=None)

    @property
    def bytes(self) -> int:
        """Size of what is delivered: of a member, not of its archive."""
        return self.member.size if self.member else self.size

    def is_unchanged(self) -> bool:
        """False when somebody wrote to the file, or took it away, since it was found."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified_ns)


def discover(location: Path, pattern: str, marker: str | None = None) -> list[Found]:
    """The files matching the glob, in order of delivery; raises RefusedDelivery when there are none to be had.

    Markers, which only say that another file is whole, are never among them.
    """
    if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
        raise RefusedDelivery(
            "the pattern leads out of the location",
            where=pattern,
            expected="a glob inside the location",
            action="correct files: in the connector",
        )
    _look_into(location)
    found = [one for path in location.glob(pattern) if (one := _found(path, location))]
    if marker is not None:
        markers = {marker_of(marker, one.file) for one in found}
        found = [one for one in found if one.file not in markers]
    if not found:
        raise RefusedDelivery(
            "no file matches",
            where=f"{location}/{pattern}",
            found=_names(location),
            expected=f"files named {pattern}",
            action="deliver the file, or correct files: in the connector",
        )
    return sorted(found, key=lambda one: natural_order(one.file))


def marker_of(marker: str, file: str) -> str:
    """Name of the file that says that this one is whole, beside it: {file} is its name, {stem} that without suffix."""
    path = PurePosixPath(file)
    parts = {"{file}": path.name, "{stem}": path.stem}
    return str(path.with_name(re.sub(r"\{(file|stem)\}", lambda found: parts[found[0]], marker)))


def is_marked(found: Found, marker: str) -> bool:
    """Whether the file that says that this one is whole stands beside it."""
    return found.path.with_name(PurePosixPath(marker_of(marker, found.file)).name).is_file()


def natural_order(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key in which orders_2 comes before orders_10; equal readings (01 and 1) fall back to the text."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts), name


def content_hash(found: Found) -> str:
    """SHA-256 of the bytes as delivered, compressed or not; raises RefusedDelivery when they cannot be had."""
    if not _is_utf8(str(found.path)):
        raise RefusedDelivery(
            "the file's name cannot be written down",
            where=found.file,
            found="bytes that are no UTF-8",
            expected="a name in UTF-8",
            action="rename the file",
        )
    try:
        with found.path.open("rb") as stream:
            return digest(stream, found)
    except OSError as error:
        raise RefusedDelivery(
            "the file cannot be read",
            where=found.file,
            found=str(error.strerror),
            expected="a file this process may read",
            action="correct its permissions",
        ) from None


def digest(stream: IO[bytes], found: Found) -> str:
    """SHA-256 of a delivery's bytes. Of a head, which is never kept, the beginning is enough to tell it from others."""
    if found.is_head:
        return hashlib.sha256(stream.read(_HEAD) + found.file.encode()).hexdigest()
    whole = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]
    if found.identity:
        whole.update(b"\0" + found.identity.encode())
    return whole.hexdigest()


def _found(path: Path, location: Path) -> Found | None:
    """None for what is no file, or has gone since it was listed."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(
        path,
        path.relative_to(location).as_posix().encode("utf-8", "backslashreplace").decode(),
        status.st_size,
        status.st_mtime_ns,
    )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _look_into(location: Path) -> None:
    """pathlib's glob passes over folders it may not read in silence, so the location is opened first."""
    try:
        with os.scandir(location):
            return
    except OSError as error:
        raise _unreadable(location, error) from None


def _unreadable(location: Path, error: OSError) -> RefusedDelivery:
    if isinstance(error, FileNotFoundError):
        what, action = "the location does not exist", "create it, or correct location: in sources.yml"
    elif isinstance(error, NotADirectoryError):
        what, action = "the location is not a folder", "name the folder that holds the files"
    else:
        what, action = "the location cannot be read", "give this process permission to read it"
    return RefusedDelivery(what, where=str(location), found=str(error.strerror), expected="a folder", action=action)


def _names(location: Path) -> str:
    """A few of the names that are there instead."""
    names = sorted(path.name for path in location.iterdir())
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "") or "an empty folder"
