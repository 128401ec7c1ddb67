"""Lists the objects of an export: those below the location whose names match the glob, in order of delivery."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from pipeline.errors import RefusedDelivery
from pipeline.extract.bucket.connection import Bucket, explained
from pipeline.extract.files import marker_of, natural_order


@dataclass(frozen=True)
class Object:
    """One object as it was listed; `file` is its key below the location, size in bytes, etag as the service gave it."""

    key: str
    file: str
    etag: str
    size: int
    modified_at: datetime


def objects(client: Any, bucket: Bucket, pattern: str) -> list[Object]:
    """The objects matching the glob; raises RefusedDelivery when the bucket cannot be listed or holds none."""
    if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
        raise RefusedDelivery(
            "the pattern leads out of the location",
            where=pattern,
            expected="a glob inside the location",
            action="correct files: in the connector",
        )
    wanted = PurePosixPath(pattern).parts
    found = [one for one in _listed(client, bucket, pattern) if matches(PurePosixPath(one.file).parts, wanted)]
    if not found:
        raise RefusedDelivery(
            "no object matches",
            where=f"{bucket.address}{pattern}",
            expected=f"objects named {pattern}",
            action="deliver the file, or correct location: in sources.yml or files: in the connector",
        )
    return sorted(found, key=lambda one: natural_order(one.file))


def without_markers(listed: list[Object], marker: str | None) -> list[Object]:
    """The objects but those that only say that another is whole."""
    if marker is None:
        return listed
    markers = {marker_of(marker, one.file) for one in listed}
    return [one for one in listed if one.file not in markers]


def whole(client: Any, bucket: Bucket, new: list[Object], marker: str | None) -> tuple[list[Object], list[str]]:
    """The objects whose marker stands beside them, and a note for each that still waits for its own."""
    if marker is None:
        return new, []
    wanted = {one.file: marker_of(marker, one.file) for one in new}
    standing = {name for name in set(wanted.values()) if _exists(client, bucket, name)}
    ready = [one for one in new if wanted[one.file] in standing]
    late = [one.file for one in new if wanted[one.file] not in standing]
    return ready, [f"{file}: waits for {wanted[file]}, left for the next run" for file in late]


def _exists(client: Any, bucket: Bucket, file: str) -> bool:
    """Whether an object of just this name stands below the location; asks to list, as nothing else is allowed for."""
    from botocore.exceptions import BotoCoreError, ClientError

    key = bucket.prefix + file
    try:
        # Keys come in order, so the name itself comes before whatever begins with it
        answer = client.list_objects_v2(Bucket=bucket.name, Prefix=key, MaxKeys=1)
    except (BotoCoreError, ClientError) as error:
        raise explained(error, bucket, f"{bucket.address}{file}") from None
    return any(one["Key"] == key for one in answer.get("Contents", []))


def matches(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether a path matches a glob, both by their parts; ** stands for any number of folders, none included."""
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(matches(parts[at:], wanted[1:]) for at in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and matches(parts[1:], wanted[1:])


def _listed(client: Any, bucket: Bucket, pattern: str) -> Iterator[Object]:
    """What begins like the glob, page by page; folders that it cannot lead into are not entered."""
    from botocore.exceptions import BotoCoreError, ClientError

    head = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    stays = {} if "/" in pattern[len(head) :] or "**" in pattern else {"Delimiter": "/"}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=bucket.prefix + head, **stays)
    try:
        for page in pages:
            for one in page.get("Contents", []):
                # A key that ends in a slash is how some tools write a folder
                if not one["Key"].endswith("/"):
                    yield _object(one, bucket)
    except (BotoCoreError, ClientError) as error:
        raise explained(error, bucket, f"{bucket.address}{pattern}") from None


def _object(one: dict[str, Any], bucket: Bucket) -> Object:
    key = str(one["Key"])
    return Object(key, key.removeprefix(bucket.prefix), str(one["ETag"]), int(one["Size"]), one["LastModified"])
