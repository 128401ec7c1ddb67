"""Fetches one turn: asks page after page, looks at each, and puts them together once the last one is there."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from requests.utils import parse_header_links

from pipeline.endpoint import QueryAuth
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import followed, without_parameter
from pipeline.extract.http.ask import Answer, Ask
from pipeline.extract.http.body import (
    LOOKED_INTO_BYTES,
    MISSING,
    Document,
    at_path,
    check_no_error,
    in_lines,
    preview,
    read_document,
    records_of,
)
from pipeline.extract.http.client import Client
from pipeline.extract.http.pages import Page, Pager, Step
from pipeline.extract.http.since import Newest
from pipeline.extract.http.spool import Spool, Spooled
from pipeline.extract.http.turn import Asked, Turn, ask_of

# An unpaged answer of this size or more cannot be empty, and need not be held in memory
_MAYBE_EMPTY_BYTES = 1 << 20
_SNIFFED_BYTES = 4096
_HTML = ("text/html", "application/xhtml+xml")
Conditions = Mapping[str, str]


class Fetching:
    """One turn on its way. `newest` is told of every record where the request asks for what was changed since."""

    def __init__(self, client: Client, asked: Asked, turn: Turn, spool: Spool, newest: Newest | None) -> None:
        self._client, self._asked, self._turn, self._spool, self._newest = client, asked, turn, spool, newest
        self._where = f"{asked.source}, {turn.label}"
        paginate = asked.request.paginate
        self._pager = Pager(paginate, self._where) if paginate else None
        self.pages: list[Spooled] = []
        self._records = 0
        self._header: bytes | None = None

    def run(self, conditions: Conditions) -> bool:
        """Fetch what is not on disk yet; False when the server says that nothing changed. Raises RefusedDelivery.

        Pages fetched stay when the server fails, and go when they cannot be right.
        """
        step: Step | None = self._pager.first() if self._pager else Step()
        for page in self._spool.pages(self._client.clock.now()):
            step = self._looked_at(page)
            if step is None:
                return True
        while step is not None:
            answer = self._answer(step, len(self.pages) + 1, conditions)
            if answer.status == 304:
                return False
            step = self._next(answer)
        return True

    @property
    def records(self) -> int:
        """Records seen, where they were looked at."""
        return self._records

    @property
    def is_empty(self) -> bool:
        return all(page.is_empty for page in self.pages)

    def whole(self) -> Path:
        """One file of all pages: the only body as it came, JSON with one document a line, text under one header."""
        if self._pager is None:
            return self._spool.body(1)
        target = self._spool.folder / "whole"
        with target.open("wb") as out:
            for page in self.pages:
                if not page.is_empty:
                    out.write(self._part(page, is_first=out.tell() == 0))
        return target

    def _part(self, page: Spooled, *, is_first: bool) -> bytes:
        data = self._spool.body(page.number).read_bytes()
        if page.is_json:
            return in_lines(data, is_lines=page.is_lines)
        rows = data if is_first or self._asked.export.read.names else data.partition(b"\n")[2]
        return rows if rows.endswith(b"\n") else rows + b"\n"

    def _next(self, answer: Answer) -> Step | None:
        """Look at a page just fetched and keep it; returns how to ask for the one after it."""
        following = self._looked_at(self._spooled(len(self.pages) + 1, answer), answer)
        self._spool.keep(self.pages[-1])
        return following

    def _looked_at(self, page: Spooled, answer: Answer | None = None) -> Step | None:
        """How to ask for the next page; raises RefusedDelivery, masked, and throws all pages away."""
        try:
            if answer is not None and answer.status == 200:
                self._check_kind(answer, page.number)
            return self._seen(page)
        except RefusedDelivery as error:
            self._spool.clear()
            raise self._client.mask.error(error) from None

    def _answer(self, step: Step, number: int, conditions: Conditions) -> Answer:
        request, limit = self._asked.request, LOOKED_INTO_BYTES if self._must_look else None
        ask = ask_of(self._client.http, self._client.addresses.base, request, {**self._turn.extra, **step.parameters})
        if step.link is not None:
            ask = replace(ask, url=followed(self.pages[-1].url, step.link), parameters={})
        if request.download is None:
            ask = replace(ask, headers={**ask.headers, **conditions})
            return self._client.ask(ask, self._spool.body(number), limit)
        return self._downloaded(ask, request.download, number, conditions)

    def _downloaded(self, ask: Ask, path: str, number: int, conditions: Conditions) -> Answer:
        """The file an answer leads to."""
        envelope = self._spool.body(0)
        answer = self._client.ask(ask, envelope, LOOKED_INTO_BYTES)
        document = read_document(envelope.read_bytes() if answer.status == 200 else b"", self._where)
        check_no_error(document, self._asked.request.error, self._where)
        link = at_path(document.value, path)
        if not isinstance(link, str) or not link:
            raise RefusedDelivery(
                "the answer names no file",
                where=self._where,
                found=self._client.mask(preview(document.text)),
                expected=f"an address at {path}",
                action="correct request.download in the connector",
            )
        file = Ask("GET", followed(answer.url, link), headers={**self._client.http.headers, **conditions})
        return self._client.ask(file, self._spool.body(number))

    def _spooled(self, number: int, answer: Answer) -> Spooled:
        auth, url, link = self._client.http.auth, answer.url, _next_link(answer)
        if isinstance(auth, QueryAuth):
            url, link = without_parameter(url, auth.name), without_parameter(link, auth.name) if link else None
        return Spooled(
            number,
            answer.sha256 or hashlib.sha256().hexdigest(),
            answer.bytes,
            url,
            link,
            answer.headers.get("ETag"),
            answer.headers.get("Last-Modified"),
            is_empty=answer.status == 204,
            is_json=False,
            is_lines=False,
            fetched_at=self._client.clock.now().isoformat(),
        )

    def _nothing(self, page: Spooled) -> None:
        """204: there is no page."""
        self._spool.body(page.number).touch()
        self.pages.append(page)
        if self._pager is not None:
            self._pager.ended()

    def _seen(self, page: Spooled) -> Step | None:
        """Look at a page, fetched now or before; returns how to ask for the next."""
        if page.is_empty and page.bytes == 0:
            self._nothing(page)
            return None
        document = self._document(page)
        if document is None:
            is_empty = self._pager is not None and self._is_empty_text(page.number)
            self.pages.append(replace(page, is_empty=is_empty))
            seen = Page(page.number, MISSING, int(not is_empty), page.sha256, link=page.link)
            return self._pager.after(seen) if self._pager else None
        request = self._asked.request
        if request.download is None:
            check_no_error(document, request.error, self._where)
        path, may_lack = self._asked.export.read.records, request.may_lack_records
        records = records_of(document, path, self._where, may_lack=may_lack)
        if self._newest is not None:
            self._newest.see(records)
        self._records += len(records)
        self.pages.append(replace(page, is_empty=not records, is_json=True, is_lines=document.is_lines))
        if self._pager is None:
            return None
        digest = hashlib.sha256(json.dumps(records, default=str).encode()).hexdigest()
        last = records[-1] if records else None
        return self._pager.after(Page(page.number, document.value, len(records), digest, last, page.link))

    @property
    def _must_look(self) -> bool:
        """Whether the body decides what happens next, so that it has to be held in memory."""
        return self._needs_json or self._pager is not None

    def _document(self, page: Spooled) -> Document | None:
        """The body as JSON; None where it is none, or where nothing depends on it and it is large or for the reader."""
        said = self._asked.export.read.format
        with self._spool.body(page.number).open("rb") as stream:
            start = stream.read(_SNIFFED_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
        looks = start[:1] in (b"{", b"[") or start[:2] in (b"\xff\xfe", b"\xfe\xff")
        if (said not in (None, "json") or not looks) and not self._needs_json:
            return None
        if not self._must_look and page.bytes >= _MAYBE_EMPTY_BYTES:
            return None
        data = self._spool.body(page.number).read_bytes()
        try:
            return read_document(data, self._where)
        except RefusedDelivery:
            if self._must_look or self._needs_json:
                raise
            return None

    @property
    def _needs_json(self) -> bool:
        request = self._asked.request
        if request.download is not None:
            return False
        reads_body = request.paginate is not None and request.paginate.reads_body
        return reads_body or request.since is not None or request.error is not None

    def _check_kind(self, answer: Answer, number: int) -> None:
        """Raise RefusedDelivery for a page made for people, such as a login, and for what is not as said."""
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        with self._spool.body(number).open("rb") as stream:
            start = stream.read(_SNIFFED_BYTES)
        is_json_said = self._asked.export.read.format == "json" and not self._asked.request.download
        opens_json = start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in (b"{", b"[")
        is_page = kind in _HTML and start.lstrip().startswith(b"<")
        if is_page or (is_json_said and not opens_json and not start.startswith((b"\x1f\x8b", b"PK"))):
            raise RefusedDelivery(
                "the answer is something else than data",
                where=self._where,
                found=f"{kind or 'no content type'}: {preview(start)}",
                expected=self._asked.export.read.format or "data",
                action="see what the server says there; correct request: or the credentials",
            )

    def _is_empty_text(self, number: int) -> bool:
        """Whether a page of text has no row; raises RefusedDelivery when its header is not the first page's."""
        with self._spool.body(number).open("rb") as stream:
            header = b"" if self._asked.export.read.names else stream.readline().strip()
            is_empty = not any(line.strip() for line in stream)
        self._header = header if self._header is None else self._header
        if header != self._header and not (is_empty and not header):
            raise RefusedDelivery(
                "the columns changed between pages",
                where=self._where,
                found=preview(header),
                expected=preview(self._header),
                action="the next run asks again",
            )
        return is_empty


def _next_link(answer: Answer) -> str | None:
    """The address of the next page in the Link header."""
    for link in parse_header_links(answer.headers.get("Link", "")):
        if "next" in link.get("rel", "").lower().split():
            return str(link["url"])
    return None
