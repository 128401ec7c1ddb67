"""What can go wrong with a request, by what is done about it."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import shown

_WORTH_ANOTHER_TRY = {202, 408, 425, 429, 500, 502, 503, 504}
_BUSY = {429, 503}
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_FOREVER = timedelta(days=365).total_seconds()


class NotNow(RefusedDelivery):
    """The server failed; what was fetched before may be gone on with later."""


class SourceEnded(NotNow):
    """Nothing more is asked of this source in this run: it is not there, wants to be left alone, or knows us not."""


class Again(Exception):
    """A request that is worth another try, after `after` seconds where the server said so.

    `is_absent`: the server as a whole does not answer, so other requests need not be tried either.
    """

    def __init__(self, what: str, found: str, *, after: float | None = None, is_absent: bool = False) -> None:
        super().__init__(what)
        self.what, self.found, self.after, self.is_absent = what, found, after, is_absent


def wait_asked_for(value: str | None, now: datetime) -> float | None:
    """Seconds a Retry-After asks for, given as seconds or as an HTTP date; None where it says nothing usable.

    `now` is in UTC without time zone.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _FOREVER)
    try:
        moment = parsedate_to_datetime(text)
        until = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        return min(max((until - now).total_seconds(), 0.0), _FOREVER)
    except (ValueError, OverflowError):
        return None


def come_back(where: str, after: float, now: datetime, longest: float) -> SourceEnded:
    """The server asked for a pause that a run does not wait for."""
    at = now + timedelta(seconds=after)
    return SourceEnded(
        "the server asks to be left alone for longer than a run waits",
        where=where,
        found=f"come back at {at:%Y-%m-%d %H:%M:%S} UTC, in {after:.0f} seconds",
        expected=f"at most {longest:g} seconds (http.longest_wait_seconds)",
        action="run again then; what was fetched before is kept and is not asked again",
    )


def failure(response: requests.Response, words: str, is_home: bool, now: datetime, longest: float) -> Exception:
    """What an answer that is none means; `words` are the first of its body, `longest` the seconds a run waits."""
    status, where = response.status_code, shown(response.url)
    found = f"{status} {response.reason}".strip() + (f": {words}" if words else "")
    if status in _WORTH_ANOTHER_TRY:
        after = wait_asked_for(response.headers.get("Retry-After"), now)
        if after is not None and after > longest:
            return come_back(where, after, now, longest)
        return Again("the server did not answer as it should", found, after=after, is_absent=status in _BUSY)
    if status in (401, 403) and is_home:
        action = "check the credentials and what they allow"
        return SourceEnded("the server does not let us in", where=where, found=found, action=action)
    if status in (401, 403):
        action = "credentials go to the host of http.url alone: name this address there"
        return RefusedDelivery("the server does not let us in", where=where, found=found, action=action)
    action = "correct request: in the connector"
    return RefusedDelivery("the server refuses the request", where=where, found=found, expected="200 OK", action=action)


def unsent(error: Exception, where: str) -> Exception:
    """What the HTTP library could not do; its own message holds the whole address and is not shown."""
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        action = "set REQUESTS_CA_BUNDLE to the certificates to trust"
        return SourceEnded("the server's certificate is not trusted", where=where, found=kind, action=action)
    if isinstance(error, requests.ReadTimeout):
        return Again("the server fell silent", kind)
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return Again("the server cannot be reached", kind, is_absent=True)
    return RefusedDelivery("the request cannot be sent", where=where, found=kind, expected="a valid one")
