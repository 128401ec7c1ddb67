"""Decodes one JSON value strictly: what a record may be, and why one is no record.

DuckDB's own parser lets trailing commas and doubled keys pass, so whatever it finds odd is judged here.
"""

import json
import re
from typing import Any

# Beyond it no export's record goes: a page of a thousand records is a hundredth of it
LONGEST_VALUE = 64 << 20
TOO_LONG = f"an object longer than {LONGEST_VALUE >> 20} MiB"
TOO_DEEP = "nested too deeply"
_KINDS = {list: "an array", str: "a text", bool: "a truth value", type(None): "null"}
_HALF_OF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


class DoubledKey(Exception):
    """One object holds a key twice; `args[0]` says so."""


class Number(str):
    """A number as it is written: it needs no reading to be landed."""

    __slots__ = ()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise DoubledKey(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return members


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_int=Number, parse_float=Number)
_PLAIN = json.JSONDecoder(parse_int=Number, parse_float=Number)


def decode(text: str, start: int) -> tuple[Any, int, str]:
    """The value that begins at `start`, where it ends, and which key is doubled in it, if any.

    Raises json.JSONDecodeError and, beyond some thousand brackets, RecursionError.
    """
    try:
        return *_STRICT.raw_decode(text, start), ""
    except DoubledKey as mistake:
        return *_PLAIN.raw_decode(text, start), str(mistake)


def mistake_of(raw: str, value: object, doubled: str) -> str:
    """Why a value is no record, or nothing."""
    if not isinstance(value, dict):
        return f"{_KINDS.get(type(value), 'a number')}, not an object"
    return doubled or ("half of a surrogate pair" if _has_half_a_pair(raw, value) else "")


def mistake_in(line: str) -> str:
    """Why a line is no record, or nothing."""
    try:
        value, end, doubled = decode(line, len(line) - len(line.lstrip(" \t")))
    except json.JSONDecodeError as error:
        return explained(error)
    except RecursionError:
        return TOO_DEEP
    if line[end:].strip():
        return f"text after the end of the object, at character {end + 1}"
    return mistake_of(line, value, doubled)


def explained(error: json.JSONDecodeError) -> str:
    """The parser's words, with the place within the text it was given."""
    return f"{error.msg} at character {error.pos + 1}"


def _has_half_a_pair(raw: str, value: object) -> bool:
    """Half of a character beyond the basic plane is no text: neither UTF-8 nor Parquet can hold it."""
    if not _HALF_OF_A_PAIR.search(raw):
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
