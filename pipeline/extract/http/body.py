"""Looks into an answer's body: is it whole JSON, what stands at a path, which records does it hold?"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.errors import RefusedDelivery

# What is looked into is held in memory, several times its size
LOOKED_INTO_BYTES = 64 << 20
_WIDE_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PREVIEW = 120


class _Missing:
    """Nothing stands at a path; null is something."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


@dataclass(frozen=True)
class Document:
    """A body read as JSON: one document, or a list of those of an NDJSON body. `text` is it as it came."""

    value: Any
    is_lines: bool
    text: bytes


def read_document(data: bytes, where: str) -> Document:
    """Read a body as JSON or NDJSON; raises RefusedDelivery when it is neither, or was cut off."""
    try:
        text = _decoded(data)
        try:
            return Document(_parsed(text), False, data)
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Extra data"):
                raise
            return Document([_parsed(line) for line in text.split("\n") if line.strip()], True, data)
    except (ValueError, RecursionError) as error:
        raise RefusedDelivery(
            "the answer is no whole JSON",
            where=where,
            found=f"{_reason(error)}: {preview(data)}",
            expected="a JSON document",
            action="the next run asks again; if it stays, correct request: in the connector",
        ) from None


def in_lines(data: bytes, *, is_lines: bool) -> bytes:
    """A JSON body in UTF-8 with one document a line; line breaks only part tokens in JSON, so nothing else changes."""
    text = _decoded(data).encode()
    return (text if is_lines else text.replace(b"\r", b" ").replace(b"\n", b" ")).strip() + b"\n"


def at_path(value: Any, path: str) -> Any:
    """What stands at a dotted path, MISSING where there is nothing; a key that holds dots itself is found too."""
    if not isinstance(value, dict):
        return MISSING
    if path in value:
        return value[path]
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if (key := ".".join(parts[:length])) in value:
            return at_path(value[key], ".".join(parts[length:]))
    return MISSING


def records_of(document: Document, path: str | None, where: str, *, may_lack: bool = False) -> list[Any]:
    """The records of a body; raises RefusedDelivery when there is no list of them at the path."""
    if path is None:
        return document.value if isinstance(document.value, list) else [document.value]
    found: list[Any] = []
    for one in document.value if document.is_lines else [document.value]:
        for value in _through_lists(one, path):
            if value is None or (value is MISSING and may_lack):
                continue
            if not isinstance(value, list):
                raise RefusedDelivery(
                    "the answer holds no records where the connector says",
                    where=where,
                    found=preview(document.text) if value is MISSING else f"{type(value).__name__} at {path}",
                    expected=f"a list at {path}",
                    action="correct read.records in the connector, or see what the server says instead",
                )
            found += value
    return found


def _through_lists(value: Any, path: str) -> list[Any]:
    """What stands at the path, of each element where the path leads through a list."""
    if isinstance(value, list):
        return [found for element in value for found in _through_lists(element, path)]
    name, _, rest = path.partition(".")
    inner = value.get(name) if isinstance(value, dict) else None
    return _through_lists(inner, rest) if rest and isinstance(inner, list) else [at_path(value, path)]


def check_no_error(document: Document, path: str | None, where: str) -> None:
    """Raise RefusedDelivery when the body says that the request failed, whatever its status says."""
    told = at_path(document.value, path) if path else MISSING
    if told is MISSING or told in (None, False, 0, "", "0", [], {}):
        return
    raise RefusedDelivery(
        "the server says that the request failed",
        where=where,
        found=preview(document.text),
        expected=f"nothing at {path}",
        action="correct request: in the connector, or the credentials",
    )


def preview(data: bytes) -> str:
    """The first words of a body, on one line."""
    words = " ".join(data[: 4 * _PREVIEW].decode("utf-8", "replace").split())
    return words if len(words) <= _PREVIEW else words[:_PREVIEW] + "…"


def _decoded(data: bytes) -> str:
    return data.decode(_WIDE_MARKS.get(data[:2], "utf-8-sig"))


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).split(";")[0][:80]
