"""Looks into ZIP archives: each member that matches is a delivery of its own, and nothing leaves its place."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from pipeline.connector import Export
from pipeline.errors import RefusedDelivery
from pipeline.extract.compression import check_expansion
from pipeline.extract.files import Found, Member, digest, natural_order

MAX_MEMBERS = 100_000
# What packing on a Mac leaves beside the files
_LITTER = ("__MACOSX/", ".DS_Store")
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1


def members(found: Found, export: Export) -> list[Found]:
    """The members to land, in natural order; raises RefusedDelivery when the archive as such cannot be trusted."""
    with _open(found.path, found.file) as archive:
        infos = [one for one in archive.infolist() if not one.is_dir()]
        names = {one.filename: _name(one, export.read.encoding) for one in infos}
    _check_names(found.file, infos, names)
    matching = [one for one in infos if _matches(names[one.filename], export.members)]
    if not matching:
        raise RefusedDelivery(
            "no member of the archive matches",
            where=found.file,
            found=", ".join(sorted(names.values())[:5]) or "an empty archive",
            expected=f"members named {export.members}",
            action="have it delivered again, or correct members: in the connector",
        )
    check_expansion(found.file, found.size, sum(one.file_size for one in matching))
    taken = [
        replace(found, file=f"{found.file}/{names[one.filename]}", member=Member(one.filename, one.file_size))
        for one in matching
    ]
    return sorted(taken, key=lambda one: natural_order(one.file))


@contextmanager
def opened_member(found: Found, member: Member) -> Iterator[IO[bytes]]:
    """The bytes of a member, unpacked as they are read; raises RefusedDelivery when it is damaged or encrypted."""
    with _open(found.path, found.file) as archive:
        if archive.getinfo(member.name).flag_bits & _ENCRYPTED:
            raise RefusedDelivery(
                "the member of the archive is encrypted",
                where=found.file,
                found="a password is needed",
                expected="an archive without a password",
                action="unpack it by hand, or have it delivered without a password",
            )
        with archive.open(member.name) as stream:
            yield stream


def member_hash(found: Found, member: Member) -> str:
    """SHA-256 of a member's own bytes, whatever else its archive holds; raises RefusedDelivery."""
    with opened_member(found, member) as stream:
        return digest(stream, found)


def unpack(found: Found, member: Member, target: Path) -> Path:
    """Write a member to a path of ours; its own name decides nothing."""
    with opened_member(found, member) as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    return target


@contextmanager
def _open(path: Path, file: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError) as error:
        raise RefusedDelivery(
            "the ZIP archive is damaged or of a kind that cannot be read",
            where=file,
            found=str(error),
            expected="a complete ZIP archive",
            action="have it delivered again",
        ) from None


def _name(one: zipfile.ZipInfo, encoding: str | None) -> str:
    """The member's name: archives of old tools do not say how they write it, so the export's encoding may help."""
    if one.flag_bits & _UTF8_NAME:
        return one.filename
    raw = one.filename.encode("cp437", "replace")
    for codec in ("utf-8", *([encoding] if encoding else [])):
        try:
            return raw.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return one.filename


def _check_names(file: str, infos: list[zipfile.ZipInfo], names: dict[str, str]) -> None:
    """An archive that reaches out of its place, or overlays its own members, is trusted in nothing."""
    bad = next((names[one.filename] for one in infos if _leads_out(one, names[one.filename])), None)
    twice = len(infos) != len(names)
    if bad is not None or twice or len(infos) > MAX_MEMBERS:
        raise RefusedDelivery(
            "the ZIP archive is not to be trusted",
            where=file,
            found=f"the member {bad!r}" if bad else "a name twice" if twice else f"{len(infos):,} members",
            expected=f"at most {MAX_MEMBERS:,} files, each once, below the archive's own folder, and no links",
            action="have it packed again",
        )


def _leads_out(one: zipfile.ZipInfo, name: str) -> bool:
    path = PureWindowsPath(name)  # takes both kinds of slash
    is_link = stat.S_ISLNK(one.external_attr >> 16)
    return is_link or bool(path.drive or path.root) or ".." in path.parts or "\0" in name


def _matches(name: str, pattern: str) -> bool:
    if name.startswith(_LITTER[0]) or PurePosixPath(name).name == _LITTER[1]:
        return False
    return fnmatchcase(name, pattern) or fnmatchcase(PurePosixPath(name).name, pattern)
