"""Walks through JSON documents of any size and hands out their records, each as it is written.

A document is an array of records, or an object with the records at a dotted path; several may follow one another,
as the pages of an endpoint do. Memory is one record, or one member beside the path. A document that is broken
anywhere is refused with its line: nothing of it can be trusted.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from pipeline.errors import RefusedDelivery
from pipeline.extract.json_values import LONGEST_VALUE, TOO_DEEP, TOO_LONG, decode, mistake_of

CHUNK = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")
# A mistake so close to the end of what was read may be a word or a number of which the rest is still to come
_LONGEST_TOKEN = 32
# What may follow a number that ends for now: the point or the e+ of what is still to come
_LONGEST_START = 2


class Element(NamedTuple):
    """One record as it is written, or what stands where one should, with the reason and the line it begins on."""

    raw: str
    reason: str
    line: int


def records(stream: TextIO, file: str, path: str | None) -> Iterator[Element]:
    """The records of all documents of a stream, in order; raises RefusedDelivery where a document is broken."""
    scanner = _Scanner(stream, file)
    parts = tuple(path.split(".")) if path else ()
    while begins := scanner.peek():
        if begins not in "[{":
            raise _no_records(scanner, parts)
        yield from _at(scanner, parts, is_listed=not parts)


def _at(scanner: "_Scanner", parts: tuple[str, ...], *, is_listed: bool) -> Iterator[Element]:
    """The records at a path below the value that comes next; a path leads through the elements of arrays too.

    An object at the end of the path is a record only as one of several: alone it is what wraps the records.
    """
    begins = scanner.peek()
    if begins == "[":
        yield from _elements(scanner, parts)
    elif begins == "{" and parts:
        yield from _member(scanner, parts, is_listed)
    elif begins == "{" and is_listed:
        yield scanner.element()
    elif begins == "n" and not parts:
        scanner.value()
    else:
        raise _no_records(scanner, parts)


def _elements(scanner: "_Scanner", parts: tuple[str, ...]) -> Iterator[Element]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    separator = ","
    while separator == ",":
        if parts:
            yield from _at(scanner, parts, is_listed=True)
        else:
            yield scanner.element()
        separator = scanner.take(",]")


def _member(scanner: "_Scanner", parts: tuple[str, ...], is_listed: bool) -> Iterator[Element]:
    """The records below the member a path names; the object's other members are passed over."""
    keys: list[str] = []
    separator = scanner.take("{")
    while separator != "}" and not (separator == "{" and scanner.peek() == "}"):
        key = scanner.key()
        keys.append(key)
        if key == parts[0]:
            if keys.count(key) > 1:
                raise scanner.broken(f"the key {key!r} twice")
            yield from _at(scanner, parts[1:], is_listed=is_listed)
        else:
            scanner.value()
        separator = scanner.take(",}")
    if separator == "{":
        scanner.take("}")
    if parts[0] not in keys:
        raise _not_there(scanner, parts, keys)


class _Scanner:
    """The text of a stream, read on as far as the value that comes next needs."""

    def __init__(self, stream: TextIO, file: str) -> None:
        self._stream, self._file = stream, file
        self._text, self._at, self._lines_before = "", 0, 0
        self._is_all = False
        self._began = 0

    def peek(self) -> str:
        """The first character of what comes next, or nothing at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def take(self, expected: str) -> str:
        """The next character, which must be one of the expected."""
        found = self.peek()
        if not found or found not in expected:
            raise self.broken(f"{self._next_words()} where {' or '.join(expected)} is expected")
        self._at += 1
        return found

    def key(self) -> str:
        """The name of an object's next member."""
        if self.peek() != '"':
            raise self.broken(f"{self._next_words()} where a key is expected")
        _, value, _ = self.value()
        self.take(":")
        return str(value)

    def element(self) -> Element:
        """The next value, as a record."""
        raw, value, doubled = self.value()
        reason = mistake_of(raw, value, doubled)
        return Element(raw, reason, self.line(self._began) if reason else 0)

    def value(self) -> tuple[str, Any, str]:
        """The next value as it is written, decoded, and with a key that is doubled in it."""
        self.peek()
        while True:
            try:
                value, end, doubled = decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_all or self._is_certain(error):
                    raise self.broken(error.msg, error.pos) from None
            except RecursionError:
                raise self.broken(TOO_DEEP) from None
            else:
                if self._is_all or end < len(self._text) - _LONGEST_START:
                    raw, self._began, self._at = self._text[self._at : end], self._at, end
                    return raw, value, doubled
            if len(self._text) - self._at > LONGEST_VALUE:
                raise self.broken(TOO_LONG)
            self._read_on()

    def line(self, position: int) -> int:
        return self._lines_before + self._text.count("\n", 0, position) + 1

    def broken(self, found: str, position: int | None = None) -> RefusedDelivery:
        return RefusedDelivery(
            "the JSON document is broken",
            where=f"{self._file}, line {self.line(self._at if position is None else position)}",
            found=found,
            expected="complete JSON",
            action="have it delivered again",
        )

    def _is_certain(self, error: json.JSONDecodeError) -> bool:
        """Whether a mistake stays one however the text goes on."""
        return not error.msg.startswith("Unterminated string") and error.pos < len(self._text) - _LONGEST_TOKEN

    def _next_words(self) -> str:
        return repr(self._text[self._at]) if self.peek() else "the end of the file"

    def _read_on(self) -> bool:
        """Forget what is behind, and read at least as much again as is still to be taken."""
        rest = self._text[self._at :]
        self._lines_before += self._text.count("\n", 0, self._at)
        more = self._stream.read(max(CHUNK, len(rest)))
        self._text, self._at, self._is_all = rest + more, 0, not more
        return bool(more)


def _no_records(scanner: _Scanner, parts: tuple[str, ...]) -> RefusedDelivery:
    kind = {"{": "an object", '"': "a text", "": "the end of the file", "n": "null"}.get(
        scanner.peek(), "a plain value"
    )
    expected = f"an object with {parts[0]!r}" if parts else "an array of objects"
    return _misplaced(scanner, kind, expected)


def _not_there(scanner: _Scanner, parts: tuple[str, ...], keys: list[str]) -> RefusedDelivery:
    shown = ", ".join(dict.fromkeys(keys[:10])) or "an object without members"
    return _misplaced(scanner, shown + (" …" if len(keys) > 10 else ""), f"the key {parts[0]!r}")


def _misplaced(scanner: _Scanner, found: str, expected: str) -> RefusedDelivery:
    mistake = scanner.broken(found)
    return RefusedDelivery(
        "the records are not where they should be",
        where=mistake.where,
        found=found,
        expected=expected,
        action="correct read.records in the connector, or have the file delivered again",
    )
