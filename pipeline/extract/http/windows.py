"""Which days are asked for: those never fetched, and the newest once more; and how days are written in a request."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.endpoint import Scalar, Window
from pipeline.extract.load_file import Delivery

_DAY = timedelta(days=1)
_EMPTY_FILE = ".empty.json"


@dataclass(frozen=True, order=True)
class Span:
    """Business days of the source, first and last included."""

    first: date
    last: date

    @property
    def label(self) -> str:
        return f"{self.first}_{self.last}"


def wanted_spans(window: Window, start: date, as_of: date, covered: Sequence[Span]) -> list[Span]:
    """Spans to ask for, in order: every day from `start` to `as_of` not covered, and the newest `again` days covered.

    A day is covered once, so a window that ended early goes on where it ended.
    """
    known = {day for span in covered for day in _days(max(span.first, start), min(span.last, as_of))}
    newest = max(known, default=start)
    asked_again = set(_days(max(start, newest - window.again * _DAY + _DAY), newest)) if window.again else set()
    wanted = [day for day in _days(start, as_of) if day not in known or day in asked_again]
    return list(_cut(wanted, window.days))


def covered_spans(deliveries: Iterable[Delivery], home: Path, asks: str | None = None) -> list[Span]:
    """Days fetched, with rows or without, joined where they meet; of one request where `asks` is its hash."""
    said = [dict(one.state) for one in deliveries] + _read_empty(home)
    mine = [_span(one) for one in said if asks is None or one.get("asks") == asks]
    spans = sorted(one for one in mine if one is not None)
    joined: list[Span] = []
    for span in spans:
        if joined and span.first <= joined[-1].last + _DAY:
            joined[-1] = Span(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return joined


def remember_empty(home: Path, asks: str, span: Span) -> None:
    """Keep that a window held nothing: without rows there is no delivery that could say so."""
    said = [*_read_empty(home), {"asks": asks, "from": span.first.isoformat(), "to": span.last.isoformat()}]
    home.mkdir(parents=True, exist_ok=True)
    path = home / _EMPTY_FILE
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(_joined(said), indent=1) + "\n", "utf-8")
    beside.replace(path)


def written(span: Span, window: Window, zone: ZoneInfo) -> dict[str, Scalar]:
    """The parameters that ask for a span."""
    begin = datetime.combine(span.first, time.min, zone)
    end = datetime.combine(span.last + _DAY, time.min, zone)
    if window.to_is == "inclusive":
        end = end - timedelta(microseconds=1)
    return {
        window.from_parameter: _formatted(begin, window.format),
        window.to_parameter: _formatted(end, window.format),
    }


def _formatted(moment: datetime, form: str) -> Scalar:
    if form in ("epoch_s", "epoch_ms"):
        return int(moment.timestamp()) if form == "epoch_s" else int(moment.timestamp() * 1000)
    return (moment.astimezone(UTC) if form.endswith("Z") else moment).strftime(form)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _cut(days: Sequence[date], longest: int) -> Iterable[Span]:
    """Spans of days that follow one another, none longer than `longest`."""
    begin = 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] != days[end - 1] + _DAY or end - begin == longest:
            yield Span(days[begin], days[end - 1])
            begin = end


def _read_empty(home: Path) -> list[dict[str, str]]:
    """Nothing where the file is not there or cannot be read: its days are then asked for once more."""
    try:
        said = json.loads((home / _EMPTY_FILE).read_text("utf-8"))
        return [one for one in said if "asks" in one and _span(one) is not None]
    except (OSError, ValueError, TypeError):
        return []


def _span(state: Mapping[str, str]) -> Span | None:
    """The days a state tells; None where it tells none, or was meddled with."""
    try:
        return Span(date.fromisoformat(state["from"]), date.fromisoformat(state["to"]))
    except (KeyError, ValueError, TypeError):
        return None


def _joined(said: list[dict[str, str]]) -> list[dict[str, str]]:
    """Neighbouring empty windows as one, so that years of them stay a short file."""
    joined: list[dict[str, str]] = []
    for one in sorted(said, key=lambda entry: (entry["asks"], entry["from"], entry["to"])):
        before = joined[-1] if joined else None
        if before and before["asks"] == one["asks"] and _meet(before["to"], one["from"]):
            before["to"] = max(before["to"], one["to"])
        else:
            joined.append(dict(one))
    return joined


def _meet(end: str, begin: str) -> bool:
    return date.fromisoformat(begin) <= date.fromisoformat(end) + _DAY
