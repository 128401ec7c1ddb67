"""Who asks: puts credentials into requests to the base address, and renews tokens that expire.

Secrets come in as values, are told to the mask at once and leave only in requests.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pipeline.endpoint import Auth, BasicAuth, BearerAuth, HeaderAuth, OAuth2, OAuth2Client, OAuth2Refresh, QueryAuth
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.failures import SourceEnded
from pipeline.extract.http.masking import Mask

# A token is renewed this long before it expires: the request it goes with takes time too
_MARGIN = timedelta(seconds=30)
Keys = Mapping[str, str]


@dataclass(frozen=True)
class Pass:
    """What a request carries to be let in."""

    headers: Mapping[str, str]
    parameters: Mapping[str, str]


class Authority(Protocol):
    """Hands out passes; `renew` throws the present one away and says whether there can be another."""

    def current(self) -> Pass: ...

    def renew(self) -> bool: ...


class TokenRequest(Protocol):
    """Sends one form to the address of tokens and returns the answer's body; raises RefusedDelivery."""

    def __call__(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes: ...


def authority_for(
    auth: Auth | None,
    keys: Keys,
    mask: Mask,
    ask_for_token: TokenRequest,
    now: Callable[[], datetime],
    note: Callable[[str], None],
) -> Authority:
    """The authority an auth describes; `keys` are the secrets by the names the connector gives them."""
    for secret in keys.values():
        mask.add(secret)
    if isinstance(auth, OAuth2Client | OAuth2Refresh):
        return _OAuth(auth, keys, mask, ask_for_token, now, note)
    if isinstance(auth, BasicAuth):
        header = _basic(keys[auth.username], keys[auth.password] if auth.password else "")
        mask.add(header)
        return _Fixed(Pass({"Authorization": f"Basic {header}"}, {}))
    return _Fixed(_plain_pass(auth, keys))


def _plain_pass(auth: BearerAuth | HeaderAuth | QueryAuth | None, keys: Keys) -> Pass:
    if isinstance(auth, BearerAuth):
        return Pass({"Authorization": f"Bearer {keys[auth.token]}"}, {})
    if isinstance(auth, HeaderAuth):
        return Pass({auth.name: f"{auth.prefix}{keys[auth.value]}"}, {})
    return Pass({}, {auth.name: keys[auth.value]} if auth else {})


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


class _Fixed:
    """Credentials that stay as they are."""

    def __init__(self, fixed: Pass) -> None:
        self._pass = fixed

    def current(self) -> Pass:
        return self._pass

    def renew(self) -> bool:
        return False


class _OAuth:
    """A token, fetched when first needed, renewed before it expires and once when the server refuses it."""

    def __init__(
        self,
        auth: OAuth2,
        keys: Keys,
        mask: Mask,
        ask_for_token: TokenRequest,
        now: Callable[[], datetime],
        note: Callable[[str], None],
    ) -> None:
        self._auth, self._keys, self._mask = auth, dict(keys), mask
        self._ask, self._now, self._note = ask_for_token, now, note
        self._token = ""
        self._good_until: datetime | None = None

    def current(self) -> Pass:
        is_old = self._good_until is not None and self._now() >= self._good_until
        if is_old or not self._token:
            self._fetch()
        return Pass({"Authorization": f"Bearer {self._token}"}, {})

    def renew(self) -> bool:
        self._token = ""
        return True

    def _fetch(self) -> None:
        form, headers = self._form()
        answer = self._parsed(self._ask(self._auth.token_url, form, headers))
        self._token = str(answer["access_token"])
        self._mask.add(self._token)
        self._good_until = _expiry(answer.get("expires_in"), self._now())
        if isinstance(self._auth, OAuth2Refresh):
            self._keep_rotated(self._auth.refresh_token, answer.get("refresh_token"))

    def _form(self) -> tuple[dict[str, str], dict[str, str]]:
        auth, keys = self._auth, self._keys
        form = {"grant_type": "client_credentials"} | dict(auth.parameters)
        if isinstance(auth, OAuth2Refresh):
            form |= {"grant_type": "refresh_token", "refresh_token": keys[auth.refresh_token]}
        elif auth.scope:
            form["scope"] = auth.scope
        secret = keys[auth.client_secret] if auth.client_secret else ""
        if auth.client_auth == "basic":
            header = _basic(keys[auth.client_id], secret)
            self._mask.add(header)
            return form, {"Authorization": f"Basic {header}"}
        form["client_id"] = keys[auth.client_id]
        return form | ({"client_secret": secret} if secret else {}), {}

    def _parsed(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            names = ", ".join(sorted(answer)) if isinstance(answer, dict) else "no JSON object"
            raise SourceEnded(
                "the answer holds no token", where=self._auth.token_url, found=names, expected="an access_token"
            )
        return dict(answer)

    def _keep_rotated(self, name: str, fresh: object) -> None:
        """A server may change the refresh token with every use; the one in the environment is then worth nothing."""
        if isinstance(fresh, str) and fresh and fresh != self._keys[name]:
            self._mask.add(fresh)
            self._keys[name] = fresh
            self._note(
                f"the server gave a new refresh token for the credential {name}: it is used in this run and is not "
                "kept; if the next run is refused, store a newly issued token in its environment variable"
            )


def _expiry(seconds: object, now: datetime) -> datetime | None:
    """When a token is renewed; None, never by the clock, where the server does not say how long it is good."""
    try:
        lasts = max(timedelta(seconds=float(str(seconds))), timedelta(0))
        return now + lasts - min(_MARGIN, lasts / 2)
    except (ValueError, OverflowError):
        return None


def unusable(secret: str) -> str | None:
    """Why a secret cannot be sent; None when it can."""
    if not secret.isprintable():
        return "line breaks or control characters"
    return None if secret.isascii() else "characters that are not ASCII"


def check_keys(keys: Keys, variables: Mapping[str, str], where: str) -> None:
    """Raise RefusedDelivery for a secret that no header can carry; the HTTP library would show it in its error."""
    for name, secret in keys.items():
        if reason := unusable(secret):
            raise RefusedDelivery(
                "a credential cannot be sent",
                where=where,
                found=f"{reason} in the environment variable {variables[name]}",
                expected="printable ASCII",
                action="store the secret alone in it",
            )
