"""Finds the files of an export, in order of delivery, and identifies them by content."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from pipeline.errors import RefusedDelivery


@dataclass(frozen=True)
class Found:
    """One file as it was when it was looked at; `file` is relative to the location, size in bytes."""

    path: Path
    file: str
    size: int
    modified_ns: int

    @property
    def modified_at(self) -> datetime:
        """When the file was last written, in UTC without time zone."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC).replace(tzinfo=None)

    def is_unchanged(self) -> bool:
        """False when somebody wrote to the file, or took it away, since it was found."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified_ns)


def discover(location: Path, pattern: str) -> list[Found]:
    """The files matching the glob, in order of delivery; raises RefusedDelivery when there are none to be had."""
    if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
        raise RefusedDelivery(
            "the pattern leads out of the location",
            where=pattern,
            expected="a glob inside the location",
            action="correct files: in the connector",
        )
    _look_into(location)
    found = [one for path in location.glob(pattern) if (one := _found(path, location))]
    if not found:
        raise RefusedDelivery(
            "no file matches",
            where=f"{location}/{pattern}",
            found=_names(location),
            expected=f"files named {pattern}",
            action="deliver the file, or correct files: in the connector",
        )
    return sorted(found, key=lambda one: natural_order(one.file))


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
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RefusedDelivery(
            "the file cannot be read",
            where=found.file,
            found=str(error.strerror),
            expected="a file this process may read",
            action="correct its permissions",
        ) from None


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
