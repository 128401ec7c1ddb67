"""Takes one answer's body off the wire, whole or not at all: its length, its chunks and its compression are checked."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

import requests
from urllib3.exceptions import HTTPError

from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import shown
from pipeline.extract.http.failures import Again

CHUNK = 1 << 18
_GZIP = ("gzip", "x-gzip")
_FIRST_BYTES, _FIRST_WORDS = 4096, 200


class Body(NamedTuple):
    """What was written: size in bytes and hash, both after decompression."""

    bytes: int
    sha256: str


def write_body(response: requests.Response, sink: BinaryIO, limit: int | None = None) -> Body:
    """Write the body into `sink`; raises Again when it was cut off or damaged, RefusedDelivery beyond `limit` bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in _decoded(response):
            size += len(chunk)
            if limit is not None and size > limit:
                raise _too_large(response.url, limit)
            digest.update(chunk)
            sink.write(chunk)
    except (HTTPError, requests.RequestException) as error:
        raise Again("the answer broke off", type(error).__name__) from None
    except zlib.error as error:
        raise Again("the answer's compression is damaged", str(error)) from None
    return Body(size, digest.hexdigest())


def first_words(response: requests.Response) -> str:
    """The beginning of an error's body, on one line."""
    data = b""
    with suppress(HTTPError, requests.RequestException, zlib.error, Again, RefusedDelivery):
        for chunk in _decoded(response, _FIRST_BYTES):
            data += chunk
            if len(data) >= _FIRST_BYTES:
                break
    words = " ".join(data[:_FIRST_BYTES].decode("utf-8", "replace").split())
    return words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS] + "…"


def _decoded(response: requests.Response, chunk: int = CHUNK) -> Iterator[bytes]:
    """The body as it was before compression. The HTTP library takes a gzip stream without its end for a whole one."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    raw = response.raw.stream(chunk, decode_content=False)
    if coding in ("identity", ""):
        yield from raw
    elif coding in _GZIP:
        yield from _gunzipped(raw)
    else:
        raise RefusedDelivery(
            "the answer is compressed in a way that was not asked for",
            where=shown(response.url),
            found=coding,
            expected="gzip, or none",
        )


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder, has_begun = zlib.decompressobj(31), False
    for chunk in chunks:
        data = chunk
        while data:
            if decoder.eof:
                decoder, has_begun = zlib.decompressobj(31), False
            yield decoder.decompress(data, CHUNK)
            has_begun = True
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    while not decoder.eof and (rest := decoder.decompress(decoder.unconsumed_tail, CHUNK)):
        yield rest
    if has_begun and not decoder.eof:
        raise Again("the answer broke off", "a gzip stream without its end")


def _too_large(url: str, limit: int) -> RefusedDelivery:
    return RefusedDelivery(
        "the answer is too large for one page",
        where=shown(url),
        found=f"more than {limit:,} bytes",
        expected="pages that fit into memory",
        action="ask for smaller pages (request.paginate.size) or windows (request.window.days)",
    )
