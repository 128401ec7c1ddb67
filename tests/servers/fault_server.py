"""An HTTP server on a free port of this machine that answers as it is told to, faults included, and remembers what was asked.

Here belong ways of answering wrongly; what the client is to make of them is in the tests.
"""

import gzip
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Fault = Literal[
    "", "cut", "no_last_chunk", "bad_chunk", "hang_up", "silent", "gzip", "cut_gzip", "bad_gzip", "no_length"
]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Reply:
    """One answer; what is neither bytes nor text goes out as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""

    @property
    def bytes(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def kind(self) -> str:
        return "text/plain" if isinstance(self.body, bytes | str) else "application/json"


Answering = Reply | Callable[[Seen], Reply]


class FaultServer:
    """Answers each path by its script, one answer after the other; the last one goes on for ever."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.scripts: dict[str, list[Answering]] = {}
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> "FaultServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        """The same server under another host's name."""
        return f"http://localhost:{self.port}"

    def forget(self) -> None:
        """Start anew, without scripts and memories."""
        self.seen.clear()
        self.scripts.clear()

    def on(self, path: str, *answers: Answering) -> None:
        self.scripts[path] = list(answers)

    def answer(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            script = self.scripts.get(seen.path, [Reply({"error": "no such path"}, 404)])
            said = script.pop(0) if len(script) > 1 else script[0]
        return said(seen) if callable(said) else said

    def asked(self, path: str) -> list[Seen]:
        return [one for one in self.seen if one.path == path]

    def queries(self, path: str) -> list[dict[str, str]]:
        return [dict(one.query) for one in self.asked(path)]


def paged(records: Sequence[Any], size: int, **more: Any) -> Callable[[Seen], Reply]:
    """A well-behaved list, by page number: `page` from 1 on; further keys of the body are as given."""

    def answer(seen: Seen) -> Reply:
        begin = (int(seen.query.get("page", 1)) - 1) * size
        return Reply({"data": list(records[begin : begin + size]), **more})

    return answer


def _handler_for(server: FaultServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Header and body in one packet: apart, each answer waits 40 ms for the other side's acknowledgement
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            reply = server.answer(Seen(self.command, parts.path, query, dict(self.headers.items()), body))
            self.close_connection = reply.fault != ""
            if reply.fault == "silent":
                server.stopping.wait(5)
            elif reply.fault != "hang_up":
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            if self.close_connection:
                self.send_header("Connection", "close")
            for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                self.send_header(name, value)
            if reply.fault in ("no_last_chunk", "bad_chunk"):
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(reply.bytes), reply.bytes))
                self.wfile.write(b"zz\r\n" if reply.fault == "bad_chunk" else b"")
                return
            data, length = _faulty(reply)
            if "gzip" in reply.fault:
                self.send_header("Content-Encoding", "gzip")
            if reply.fault != "no_length" and reply.status not in (204, 304):
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _faulty(reply: Reply) -> tuple[bytes, int]:
    """What goes out, and how long it is said to be."""
    data = reply.bytes
    if reply.fault == "cut":
        return data[: len(data) // 2], len(data)
    if "gzip" in reply.fault:
        packed = gzip.compress(data)
        packed = packed[: len(packed) * 2 // 3] if reply.fault == "cut_gzip" else packed
        packed = packed[:12] + bytes(len(packed)) if reply.fault == "bad_gzip" else packed
        return packed, len(packed)
    return (b"", 0) if reply.status in (204, 304) else (data, len(data))
