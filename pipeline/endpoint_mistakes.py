"""What is wrong with exports that are requested from an endpoint, before anything is called.

Here belong mistakes between a source and the request and http sections of its connector; what each may say by itself
is in endpoint.py.
"""

from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlsplit

from pipeline.connector import Connector, Export
from pipeline.endpoint import Http, OAuth2Client, OAuth2Refresh, Paginate, Request, Window, credential_names
from pipeline.errors import UserError
from pipeline.sources import Source, is_loopback

_PAGED = (None, "json", "csv")
_TEXT_PAGES = ("page", "link_header")
_FOR_AUTH_ALONE = {"authorization", "proxy-authorization", "cookie", "host"}
Mistake = tuple[str, str, str]


def endpoint_mistakes(source: Source, connector: Connector, where: str) -> Iterator[UserError]:
    """Mistakes of a source and its connector, parameters already put in; `where` is the source in sources.yml."""
    requested = {name: export for name, export in connector.exports.items() if export.request is not None}
    if (
        source.location
        and source.location.startswith(("http://", "https://"))
        and len(requested) < len(connector.exports)
    ):
        files = ", ".join(name for name in connector.exports if name not in requested)
        yield UserError("exports of files lie in a folder or a bucket", where=f"{where}.location", found=files)
    if not requested:
        if connector.http is not None:
            yield UserError("no export has a request", where=f"{source.connector}, http", action="remove http")
        return
    http = connector.http or Http()
    yield from _address_mistakes(source, http, where)
    yield from _credential_mistakes(source, http, where)
    yield from _header_mistakes(http.headers, f"{source.connector}, http.headers")
    for name, export in requested.items():
        place = f"{source.connector}, exports.{name}"
        found = [*_export_mistakes(export), *_request_mistakes(source, http, export)]
        yield from (UserError(what, where=f"{place}.{at}", expected=expected) for at, what, expected in found)
        if export.request is not None:
            yield from _header_mistakes(export.request.headers, f"{place}.request.headers")


def _address_mistakes(source: Source, http: Http, where: str) -> Iterator[UserError]:
    place = f"{where}.location" if http.address(source.location) == source.location else f"{source.connector}, http.url"
    address = http.address(source.location)
    if source.is_bucket:
        yield UserError("a bucket hands out no requests", where=f"{where}.location", expected="an address")
    elif address is None:
        yield UserError("requests need an address", where=where, expected="location: https://…, or http.url")
    elif reason := _not_an_address(address):
        yield UserError(reason, where=place, found=_without_secrets(address), expected="https://host/path")
    for host in http.hosts:
        if _not_an_address(f"https://{host}") or "/" in host:
            yield UserError(
                "this is no host", where=f"{source.connector}, http.hosts", found=host, expected="host or host:port"
            )
    if isinstance(http.auth, OAuth2Client | OAuth2Refresh) and (reason := _not_an_address(http.auth.token_url)):
        at = f"{source.connector}, http.auth.token_url"
        yield UserError(reason, where=at, found=_without_secrets(http.auth.token_url), expected="https://host/path")


def _not_an_address(url: str) -> str | None:
    """Why something is no address to call, or none that may be called."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.scheme in ("https", "http") and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        return "this is no address"
    if parts.username is not None or parts.query or parts.fragment:
        return "an address is an address alone: secrets go to credentials, parameters to request.parameters"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "an address needs https; http is for this machine alone"
    return None


def _without_secrets(url: str) -> str:
    return url.partition("?")[0].rpartition("@")[2]


def _credential_mistakes(source: Source, http: Http, where: str) -> Iterator[UserError]:
    needed = credential_names(http.auth)
    for name in needed:
        if name not in source.credentials:
            yield UserError(
                "a credential is missing",
                where=where,
                expected=f"credentials: {{{name}: the environment variable that holds it}}",
            )
    for name in sorted(set(source.credentials) - set(needed)) if not source.is_bucket else []:
        yield UserError("no auth uses this credential", where=f"{where}.credentials", found=name)


def _header_mistakes(headers: dict[str, str], where: str) -> Iterator[UserError]:
    for name in headers:
        if name.lower() in _FOR_AUTH_ALONE:
            yield UserError("this header is not yours to set", where=where, found=name, expected="http.auth")


def _export_mistakes(export: Export) -> Iterator[Mistake]:
    """(place, what, expected) for what an export of files may say and a requested one may not."""
    request = export.request
    if export.done_marker is not None:
        yield "done_marker", "an endpoint has no markers", "exports of files alone"
    if request and export.write == "snapshot" and (request.window or request.since):
        yield "write", "a window, or what was changed, is never everything there is", "merge or append"
    if request and request.paginate:
        yield from _page_mistakes(export, request.paginate)
    if request and request.since and export.read.format not in (None, "json"):
        yield "request.since", "what was changed is told by JSON records alone", "read.format: json"


def _page_mistakes(export: Export, paginate: Paginate) -> Iterator[Mistake]:
    read = export.read
    if read.format not in _PAGED:
        yield "request.paginate", f"{read.format} comes in one piece", "json or csv"
    if read.format != "csv":
        return
    if paginate.reads_body or paginate.by not in _TEXT_PAGES:
        yield "request.paginate", "pages of CSV tell nothing of the next", f"by: {' or '.join(_TEXT_PAGES)}"
    if (
        read.skip
        or read.header
        or read.footer
        or (read.encoding or "").lower().startswith(("utf-16", "utf-32", "utf_"))
    ):
        yield "read", "pages of CSV are joined under one plain header", "no skip, header, footer or wide encoding"


def _request_mistakes(source: Source, http: Http, export: Export) -> Iterator[Mistake]:
    request = export.request
    if request is None:
        return
    parts = urlsplit(request.path)
    if parts.scheme and parts.netloc not in _named_hosts(source, http):
        yield "request.path", "the host of the path is not named", f"{parts.netloc} under http.hosts"
    if request.window is not None:
        yield from _window_mistakes(source, export, request.window)
    if request.since and request.since.format and request.since.start:
        yield from _since_mistakes(request)


def _named_hosts(source: Source, http: Http) -> set[str]:
    return {urlsplit(http.address(source.location) or "").netloc, *http.hosts}


def _window_mistakes(source: Source, export: Export, window: Window) -> Iterator[Mistake]:
    covered = [source.covers[entity].from_ for entity in export.entities if entity in source.covers]
    if window.start is None and not any(covered):
        yield "request.window", "the first day is not said", "start, or covers with from in sources.yml"
    if window.start is not None and not _is_day(window.start):
        yield "request.window.start", "this is no day", "a date such as 2026-01-31"
    if not window.format.startswith("epoch_") and "%" not in window.format:
        yield "request.window.format", "this is no format of a day", "%Y-%m-%d, epoch_s or epoch_ms"


def _since_mistakes(request: Request) -> Iterator[Mistake]:
    since = request.since
    if since is None or since.format is None or since.start is None or since.format.startswith("epoch_"):
        return
    try:
        datetime.strptime(since.start, since.format)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        yield "request.since.start", "this is not written as since.format says", since.format


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
