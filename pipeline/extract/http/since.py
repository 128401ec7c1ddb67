"""What was changed since: finds the newest value of a field among records, so that the next call begins there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline.endpoint import Cursor
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.body import MISSING, at_path

# Clocks differ a little; what lies further ahead is a wrong year, and would hide everything changed until then
_AHEAD = timedelta(days=1)
_EPOCHS = {"epoch_s": 1, "epoch_ms": 1000}
_LARGEST_EPOCH = Decimal(253_402_300_799)
Key = datetime | Decimal | str


@dataclass
class Newest:
    """The newest value seen: as written, and as it compares."""

    cursor: Cursor
    now: datetime
    where: str
    text: str | None = None
    ahead: int = 0
    _key: Key | None = None
    _values: int = 0

    def see(self, records: Iterable[Any]) -> None:
        """Take in records; raises RefusedDelivery where the field is no value or the values cannot be compared."""
        for record in records:
            value = at_path(record, self.cursor.field)
            if value is None or value is MISSING:
                continue
            if isinstance(value, bool | dict | list):
                raise self._wrong(f"{self.cursor.field} is {type(value).__name__}", "a time, a number or a text")
            self._values += 1
            self.take(str(value))

    def take(self, text: str) -> None:
        """Take in one value as written; one that lies in the future is counted and left out."""
        key = comparable(text, self.cursor.format, self.where)
        if is_ahead(key, self.now):
            self.ahead += 1
        elif self._key is None or self._is_newer(key):
            self.text, self._key = text, key

    def check(self, records: int) -> None:
        """Raise RefusedDelivery when there were records and none of them says when it was changed."""
        if records and not self._values:
            raise self._wrong("no record has it", f"{self.cursor.field} in the records")

    def _is_newer(self, key: Key) -> bool:
        if type(key) is not type(self._key):
            raise self._wrong(f"{self.text!r} and another kind of value", "values of one kind, or since.format")
        return bool(key > self._key)  # type: ignore[operator]

    def _wrong(self, found: str, expected: str) -> RefusedDelivery:
        return RefusedDelivery(
            "the field that says what was changed is not usable",
            where=self.where,
            found=found,
            expected=expected,
            action="correct request.since in the connector",
        )


def comparable(text: str, form: str | None, where: str) -> Key:
    """What a value is compared by: a moment in UTC, a number, or the text itself; raises RefusedDelivery."""
    try:
        if form in _EPOCHS:
            seconds = Decimal(text) / _EPOCHS[form]
            return _moment(seconds) if seconds <= _LARGEST_EPOCH else datetime(9999, 12, 31, tzinfo=UTC)
        if form:
            return _in_utc(datetime.strptime(text, form))  # noqa: DTZ007 - a time without zone is taken for UTC
    except (ValueError, InvalidOperation, OverflowError):
        raise RefusedDelivery(
            "the field that says what was changed is not written as since.format says",
            where=where,
            found=repr(text)[:80],
            expected=str(form),
            action="correct request.since in the connector",
        ) from None
    return _told_by_itself(text)


def _told_by_itself(text: str) -> Key:
    try:
        number = Decimal(text)
        if number.is_finite():
            return number
    except InvalidOperation:
        pass
    try:
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return text


def is_ahead(key: Key, now: datetime) -> bool:
    """Whether a moment lies in the future; `now` is in UTC without time zone."""
    return isinstance(key, datetime) and key.replace(tzinfo=None) > now + _AHEAD


def _moment(seconds: Decimal) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(seconds))


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
