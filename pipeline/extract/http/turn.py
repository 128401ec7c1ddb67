"""One turn: what is asked for in one go and becomes one delivery, and the request that asks for it."""

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.connector import Export
from pipeline.endpoint import Http, Request, Scalar
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.address import joined
from pipeline.extract.http.ask import Ask
from pipeline.extract.http.windows import Span
from pipeline.extract.load_file import Delivery

# What these say is heeded only when rows are cleaned
_READ_LATER = {"null", "decimal", "thousands", "dates", "timestamps"}
_LONGEST_LABEL = 100


@dataclass(frozen=True)
class Asked:
    """One export of one source: `zone` is the source's, `start` where its coverage says it begins."""

    source: str
    name: str
    export: Export
    zone: str
    as_of: date
    start: date | None = None

    @property
    def request(self) -> Request:
        if self.export.request is None:
            raise ValueError(f"{self.name} is an export of files")
        return self.export.request


@dataclass(frozen=True)
class Turn:
    """One delivery to be: its name, the parameters that ask for it, and the delivery it takes the place of."""

    label: str
    extra: Mapping[str, Scalar]
    span: Span | None = None
    before: Delivery | None = None


def hash_of_asks(http: Http, address: str, asked: Asked) -> str:
    """Tells requests apart whose answers differ; pages and windows, which only cut the same records, are left out."""
    said = {
        "address": address,
        "headers": http.headers,
        "request": asked.request.model_dump(
            mode="json", exclude={"paginate": True, "window": {"start", "days", "again"}}, exclude_defaults=True
        ),
        "read": asked.export.read.model_dump(mode="json", exclude=_READ_LATER, exclude_defaults=True),
    }
    return _hash(said)


def hash_of_turn(asks: str, request: Request, turn: Turn) -> str:
    """Tells spools apart: whatever decides what the pages of a turn are."""
    pages = request.paginate.model_dump(mode="json") if request.paginate else None
    return _hash([asks, turn.label, dict(turn.extra), pages])


def identity_of(asks: str, turn: Turn) -> str:
    """Makes the same bytes another delivery when another answer lay between, or when another window gave them."""
    return _hash([asks, turn.label, turn.before.load_id if turn.before else None])


def label_of(name: str, what: str = "") -> str:
    """Name of a delivery, fit for a path."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", what)[:_LONGEST_LABEL]
    return f"{name}/{safe}" if safe else name


def ask_of(http: Http, address: str, request: Request, extra: Mapping[str, Scalar]) -> Ask:
    """The request of a page; further parameters go where the request has its own: JSON body, form or query."""
    headers = {**http.headers, **request.headers}
    ask = Ask(request.method, joined(address, request.path), request.parameters, headers, request.body, request.form)
    if request.body is not None:
        return replace(ask, body=_placed_in_body(request.body, extra))
    if request.form is not None:
        return replace(ask, form={**request.form, **{name: str(value) for name, value in extra.items()}})
    return replace(ask, parameters={**request.parameters, **extra})


def _placed_in_body(body: Mapping[str, object], extra: Mapping[str, Scalar]) -> dict[str, object]:
    filled = copy.deepcopy(dict(body))
    for path, value in extra.items():
        try:
            _put(filled, path.split("."), value)
        except (TypeError, IndexError, ValueError, AttributeError):
            raise RefusedDelivery(
                "a parameter has no place in the body",
                where=path,
                found="a value or a shorter list on the way",
                expected="names of objects and numbers of list items",
                action="correct request.body or the parameter in the connector",
            ) from None
    return filled


def _put(inside: Any, steps: list[str], value: Scalar) -> None:
    key: Any = int(steps[0]) if isinstance(inside, list) else steps[0]
    if len(steps) == 1:
        inside[key] = value
    else:
        _put(inside[key] if isinstance(inside, list) else inside.setdefault(key, {}), steps[1:], value)


def _hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
