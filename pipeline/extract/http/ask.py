"""One request as it is meant, one answer as it came, and the clock they are made by."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from pipeline.endpoint import Scalar
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import place_of, shown

_STANDARD = {"User-Agent": "ops-summary", "Accept-Encoding": "gzip", "Accept": "*/*"}


@dataclass(frozen=True)
class Clock:
    """The present moment in UTC without time zone, and a way to let it pass."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Ask:
    """One request as it is meant; a JSON body and a form exclude each other."""

    method: str
    url: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    is_for_token: bool = False


@dataclass(frozen=True)
class Answer:
    """What came back: 200 (with its body written), 204 (nothing) or 304 (nothing new). `url` is after redirects."""

    status: int
    url: str
    headers: Mapping[str, str]
    bytes: int = 0
    sha256: str = ""


def prepared(session: requests.Session, ask: Ask) -> requests.PreparedRequest:
    """The request as it goes out; raises RefusedDelivery where it cannot, or where its address reads in two ways."""
    form: Any = dict(ask.form) if ask.form is not None else None
    body: Any = dict(ask.body) if ask.body is not None else None
    parameters = {name: _as_text(value) for name, value in ask.parameters.items()}
    headers = _STANDARD | dict(ask.headers)
    request = requests.Request(ask.method, ask.url, params=parameters, headers=headers, data=form, json=body)
    try:
        ready = session.prepare_request(request)
    except (requests.RequestException, ValueError) as error:
        raise RefusedDelivery(
            "the request cannot be sent", where=shown(ask.url), found=type(error).__name__, expected="a valid one"
        ) from None
    place = place_of(str(ready.url))
    if place is None or place != place_of(ask.url):
        raise RefusedDelivery("the address can be read in two ways", where=shown(ask.url), expected="a plain one")
    return ready


def _as_text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
