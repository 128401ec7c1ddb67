"""A bucket on this machine that answers just as a test says: whole, broken off, refused, or not at all as promised."""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

LISTING = "listing"


@dataclass(frozen=True)
class Fault:
    """What one answer does instead of what it should: an error of the service, or a body that ends too early."""

    status: int = 200
    code: str = ""
    cut: int | None = None
    body: bytes | None = None


class FaultBucket(ThreadingHTTPServer):
    """One bucket, `exports`; `faults` holds, by key or for the listing, what its next answers do, one each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.headers: dict[str, str] = {}
        self.ignores_range = False
        self.page_size = 1000
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, key: str, content: bytes | str, etag: str | None = None) -> None:
        self.objects[key] = content.encode() if isinstance(content, str) else content
        self.etags[key] = etag or hashlib.md5(self.objects[key], usedforsecurity=False).hexdigest()

    def fails(self, key: str, *faults: Fault) -> None:
        self.faults[key].extend(faults)


@contextmanager
def serving() -> Iterator[FaultBucket]:
    server = FaultBucket()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FaultBucket

    def log_message(self, *_: object) -> None:
        """A test's output is not the place for it."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).removeprefix("/exports").removeprefix("/")
        self.server.asked.append(f"{key or LISTING} {self.headers.get('Range', '')}".strip())
        faults = self.server.faults[key or LISTING]
        fault = faults.popleft() if faults else Fault()
        if fault.code:
            self._answer(fault.status, f"<Error><Code>{fault.code}</Code><Message>said so</Message></Error>".encode())
        elif not key:
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(200, self._listing(asked.get("prefix", ""), int(asked.get("continuation-token", "0"))))
        elif key not in self.server.objects:
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>")
        else:
            self._object(key, fault)

    def _object(self, key: str, fault: Fault) -> None:
        content, etag = self.server.objects[key], self.server.etags[key]
        if self.headers.get("If-Match", "").strip('"') != etag:
            self._answer(412, b"<Error><Code>PreconditionFailed</Code><Message>other</Message></Error>")
            return
        content = content if fault.body is None else fault.body
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked is None or self.server.ignores_range:
            self._answer(200, content, fault.cut, ETag=f'"{etag}"', **self.server.headers)
            return
        first = int(asked[1])
        span = f"bytes {first}-{len(content) - 1}/{len(content)}"
        self._answer(206, content[first:], fault.cut, **{"ETag": f'"{etag}"', "Content-Range": span})

    def _answer(self, status: int, body: bytes, cut: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:cut])
        self.close_connection = cut is not None

    def _listing(self, prefix: str, first: int) -> bytes:
        keys = [key for key in sorted(self.server.objects) if key.startswith(prefix)]
        last = first + self.server.page_size
        found = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-10-01T00:00:00.000Z</LastModified>"
            f'<ETag>"{self.server.etags[key]}"</ETag><Size>{len(self.server.objects[key])}</Size></Contents>'
            for key in keys[first:last]
        )
        more = f"<NextContinuationToken>{last}</NextContinuationToken>" if last < len(keys) else ""
        said = f"<IsTruncated>{str(last < len(keys)).lower()}</IsTruncated>{more}"
        return f"<ListBucketResult>{said}{found}</ListBucketResult>".encode()
