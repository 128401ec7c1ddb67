"""One conversation with one source: its session, its pace, its tries, its redirects and its credentials.

Every request goes through `Client._send`: only named hosts are contacted, credentials go to the base address alone.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import requests
import tenacity
from urllib3.exceptions import HTTPError

from pipeline.endpoint import Http, credential_names
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import Addresses, followed, shown
from pipeline.extract.http.ask import Answer, Ask, Clock, prepared
from pipeline.extract.http.auth import authority_for, check_keys
from pipeline.extract.http.failures import Again, NotNow, SourceEnded, failure, unsent
from pipeline.extract.http.masking import Mask
from pipeline.extract.http.transfer import first_words, write_body

TOKEN_BYTES = 1 << 20
_CONNECT_SECONDS = 15.0
_REDIRECTS, _MOST_REDIRECTS = {301, 302, 303, 307, 308}, 5
_GOOD = {200, 201, 203, 204}


class _NoOtherAuth(requests.auth.AuthBase):
    """Keeps the library from taking credentials of its own accord from the machine's netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Client:
    """Asks one source; `notes` is what it has to tell when all is done."""

    def __init__(
        self,
        http: Http,
        addresses: Addresses,
        keys: Mapping[str, str],
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self.http, self.addresses, self.clock, self._tell = http, addresses, clock, tell
        self.mask, self.notes = Mask(), list[str]()
        self.ended: SourceEnded | None = None
        self._authority = authority_for(http.auth, keys, self.mask, self._ask_for_token, clock.now, self.notes.append)
        self._session = requests.Session()
        self._session.auth = _NoOtherAuth()
        self._backoff = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)
        self._last_sent: datetime | None = None
        self.mask.watch()

    def close(self) -> None:
        self._session.close()
        self.mask.unwatch()

    def ask(self, ask: Ask, target: Path, limit: int | None = None) -> Answer:
        """Ask as often as is worth it and write the body to `target`; raises RefusedDelivery, masked."""
        if self.ended is not None:
            raise self.ended
        try:
            return self._tried(ask, lambda: target.open("wb"), limit)
        except RefusedDelivery as error:
            masked = self.mask.error(error)
            if isinstance(masked, SourceEnded):
                self.ended = masked
            raise masked from None

    def _tried(self, ask: Ask, open_sink: Callable[[], BinaryIO], limit: int | None) -> Answer:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.http.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(Again),
            sleep=self.clock.sleep,
            before_sleep=lambda state: self._tell_of(ask, state),
            reraise=True,
        )
        try:
            return retrying(self._once, ask, open_sink, limit)
        except Again as error:
            kind = SourceEnded if error.is_absent else NotNow
            raise kind(
                error.what,
                where=shown(ask.url),
                found=error.found,
                expected="a whole answer",
                action=f"it was tried {self.http.attempts} times; the next run asks again",
            ) from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds until the next try: what the server asked for wins."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Again) and error.after is not None:
            return error.after
        return min(self._backoff(state), self.http.longest_wait_seconds)

    def _tell_of(self, ask: Ask, state: tenacity.RetryCallState) -> None:
        error, wait = state.outcome.exception() if state.outcome else None, state.upcoming_sleep
        self._tell(self.mask(f"{shown(ask.url)}: {error}; trying again in {wait:.0f} seconds"))

    def _once(self, ask: Ask, open_sink: Callable[[], BinaryIO], limit: int | None) -> Answer:
        """One try: redirects followed, a refused token renewed once."""
        for is_renewed in (False, True):
            with self._followed(ask) as response:
                mine = not ask.is_for_token and self.addresses.is_home(response.url)
                if response.status_code == 401 and mine and not is_renewed and self._authority.renew():
                    continue
                if response.status_code not in _GOOD and not self._is_not_modified(ask, response):
                    is_home = ask.is_for_token or mine
                    words, longest = first_words(response), self.http.longest_wait_seconds
                    raise failure(response, words, is_home, self.clock.now(), longest)
                headers = dict(response.headers)
                if response.status_code in (204, 304):
                    return Answer(response.status_code, response.url, headers)
                with open_sink() as sink:
                    body = write_body(response, sink, limit)
                return Answer(200, response.url, headers, body.bytes, body.sha256)
        raise AssertionError("the second try always ends")

    @contextmanager
    def _followed(self, ask: Ask) -> Iterator[requests.Response]:
        """The answer at the end of all redirects, closed afterwards."""
        before: str | None = None
        for _ in range(_MOST_REDIRECTS + 1):
            with closing(self._send(ask, before)) as response:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or location is None:
                    yield response
                    return
                before, ask = response.url, self._redirected(ask, response, location)
        raise RefusedDelivery(
            "the address leads on and on", where=shown(ask.url), expected=f"at most {_MOST_REDIRECTS} redirects"
        )

    def _redirected(self, ask: Ask, response: requests.Response, location: str) -> Ask:
        url, status = followed(response.url, location), response.status_code
        if ask.is_for_token or (ask.method == "POST" and status in (301, 302)):
            raise RefusedDelivery(
                "a request that carries a body is redirected",
                where=shown(response.url),
                found=f"{status} to {shown(url)}",
                action="write the new address in the connector",
            )
        if status == 303:
            return Ask("GET", url, headers=ask.headers)
        return replace(ask, url=url, parameters={})

    def _send(self, ask: Ask, before: str | None) -> requests.Response:
        """Send one request; the only place where anything leaves this machine."""
        if not ask.is_for_token:
            self.addresses.check(ask.url, before)
        is_home = not ask.is_for_token and self.addresses.is_home(ask.url)
        if is_home:
            # A token is fetched before the pause, and once more where it expires in it
            self._authority.current()
        self._keep_pace()
        request = prepared(self._session, self._with_pass(ask) if is_home else ask)
        settings = self._session.merge_environment_settings(request.url, {}, True, None, None)
        timeout = (_CONNECT_SECONDS, self.http.timeout_seconds)
        try:
            # The session's own send would look into redirects, and go on with what it finds there
            adapter = self._session.get_adapter(str(request.url))
            return adapter.send(request, timeout=timeout, **dict[str, Any](settings))
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise unsent(error, shown(ask.url)) from None

    def _with_pass(self, ask: Ask) -> Ask:
        held = self._authority.current()
        return replace(ask, headers={**ask.headers, **held.headers}, parameters={**ask.parameters, **held.parameters})

    def _ask_for_token(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        sink = _Kept()
        ask = Ask("POST", url, headers={"Accept": "application/json", **headers}, form=form, is_for_token=True)
        try:
            self._tried(ask, sink.emptied, TOKEN_BYTES)
        except SourceEnded:
            raise
        except RefusedDelivery as error:
            raise SourceEnded(
                f"no token: {error.what}",
                where=error.where,
                found=error.found,
                expected="an access token",
                action="check the credentials sources.yml names, and that they may still be used",
            ) from None
        return sink.getvalue()

    def _keep_pace(self) -> None:
        """Wait until the next request is due."""
        now, pause = self.clock.now(), 1 / self.http.requests_per_second
        if self._last_sent is not None:
            passed = (now - self._last_sent).total_seconds()
            if 0 <= passed < pause:
                self.clock.sleep(pause - passed)
        self._last_sent = self.clock.now()

    def _is_not_modified(self, ask: Ask, response: requests.Response) -> bool:
        is_conditional = {"If-None-Match", "If-Modified-Since"} & set(ask.headers)
        return response.status_code == 304 and bool(is_conditional)


class _Kept(io.BytesIO):
    """A body kept in memory: tokens never touch the disk."""

    def emptied(self) -> BinaryIO:
        self.seek(0)
        self.truncate()
        return self

    def close(self) -> None:
        """Stay readable: the one who asked reads it."""


def open_client(
    http: Http,
    address: str,
    variables: Mapping[str, str],
    secret: Callable[[str], str | None],
    clock: Clock,
    where: str,
    tell: Callable[[str], None] = lambda _: None,
) -> Client:
    """A client for the base address; `variables` are the environment variables of credentials, read by `secret`;
    `tell` hears of every wait.

    Raises RefusedDelivery naming a variable that is not set or cannot be used.
    """
    keys = {name: secret(variables[name]) or "" for name in credential_names(http.auth)}
    missing = ", ".join(variables[name] for name, value in keys.items() if not value)
    if missing:
        raise RefusedDelivery(
            "the environment variable of a credential is not set",
            where=where,
            found=missing,
            expected="the secrets http.auth needs",
            action="set it where ops-summary runs",
        )
    check_keys(keys, variables, where)
    return Client(http, Addresses(address, http.hosts), keys, clock, tell)
