"""Downloads one object into the spool, whole and verified or not at all, going on where an earlier try broke off."""

import hashlib
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import stamina

from pipeline.errors import RefusedDelivery
from pipeline.extract.bucket.connection import Bucket, code_of, explained
from pipeline.extract.bucket.listing import Object
from pipeline.extract.files import Found

ATTEMPTS = 5
CHUNK = 1 << 20
_MD5 = re.compile(r'"?([0-9a-fA-F]{32})"?')


class Changed(Exception):
    """The object was written anew since it was listed; the next run takes it."""


class _Digests(NamedTuple):
    md5: str
    sha256: str


def fetched(client: Any, bucket: Bucket, one: Object, spool: Path) -> Found:
    """The object as a file of the spool; raises RefusedDelivery, Changed, or OSError when the disk does not take it."""
    path = spool / spool_name(bucket, one)
    if not path.is_file():
        part = path.with_suffix(".part")
        _make_whole(client, bucket, one, part)
        written = one.modified_at.timestamp()
        os.utime(part, (written, written))
        part.replace(path)
    state = {"object": f"s3://{bucket.name}/{one.key}", "etag": one.etag}
    status = path.stat()
    return Found(path, one.file, status.st_size, status.st_mtime_ns, state)


def spool_name(bucket: Bucket, one: Object) -> str:
    """A name that no key can lead astray, and that another version of the object does not have."""
    said = "\n".join((bucket.endpoint or "", bucket.name, one.key, one.etag, str(one.size)))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _make_whole(client: Any, bucket: Bucket, one: Object, part: Path) -> None:
    """Bytes that are as many as listed and have the digest the ETag says, where it is one.

    Not every service's ETag of that form is a digest: two downloads alike are what lies there.
    """
    is_digest = _download(client, bucket, one, part)
    expected = _MD5.fullmatch(one.etag)
    if not is_digest or expected is None:
        return
    first = _digests(part)
    if first.md5 == expected[1].lower():
        return
    part.unlink()
    _download(client, bucket, one, part)
    second = _digests(part)
    if second.md5 != expected[1].lower() and second.sha256 != first.sha256:
        part.unlink()
        raise RefusedDelivery(
            "the object came otherwise each time it was read",
            where=f"s3://{bucket.name}/{one.key}",
            found=f"MD5 {second.md5}",
            expected=expected[1],
            action="run again later; if it stays so, deliver the object again",
        )


def _download(client: Any, bucket: Bucket, one: Object, part: Path) -> bool:
    """All bytes into `part`; whether the ETag may be a digest of them."""
    from botocore.exceptions import BotoCoreError, ClientError

    is_digest = True
    try:
        for attempt in stamina.retry_context(on=_is_passing, attempts=ATTEMPTS, timeout=None):
            with attempt:
                is_digest = _continue(client, bucket, one, part)
    except (BotoCoreError, ClientError) as error:
        if code_of(error) in ("PreconditionFailed", "412"):
            part.unlink(missing_ok=True)
            raise Changed(one.file) from None
        raise explained(error, bucket, f"s3://{bucket.name}/{one.key}") from None
    if part.stat().st_size != one.size:
        found = part.stat().st_size
        part.unlink()
        raise RefusedDelivery(
            "the object is not as long as it was listed",
            where=f"s3://{bucket.name}/{one.key}",
            found=f"{found} bytes",
            expected=f"{one.size} bytes",
            action="run again later; if it stays so, deliver the object again",
        )
    return is_digest


def _is_passing(error: Exception) -> bool:
    """A body that broke off, or came otherwise than its checksum says, may come whole next time."""
    from botocore import exceptions

    broken = (
        exceptions.ResponseStreamingError,
        exceptions.ReadTimeoutError,
        exceptions.IncompleteReadError,
        exceptions.FlexibleChecksumError,
    )
    return isinstance(error, broken)


def _continue(client: Any, bucket: Bucket, one: Object, part: Path) -> bool:
    """The bytes that are still missing, of the object that was listed and no newer one."""
    from botocore.exceptions import FlexibleChecksumError

    have = part.stat().st_size if part.is_file() else 0
    if have >= one.size:
        part.unlink(missing_ok=True)
        have = 0
    wanted = {"Range": f"bytes={have}-"} if have else {}
    answer = client.get_object(Bucket=bucket.name, Key=one.key, IfMatch=one.etag, **wanted)
    is_rest = str(answer.get("ContentRange", "")).startswith(f"bytes {have}-")
    try:
        with part.open("ab" if have and is_rest else "wb") as file, closing(answer["Body"]) as body:
            for chunk in body.iter_chunks(CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except FlexibleChecksumError:
        part.unlink()
        raise
    return not str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")


def _digests(path: Path) -> _Digests:
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            md5.update(chunk)
            sha256.update(chunk)
    return _Digests(md5.hexdigest(), sha256.hexdigest())
