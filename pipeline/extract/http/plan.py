"""Plans one pass: which turns an export takes, from where it stands by what is landed."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.extract.http.client import Client
from pipeline.extract.http.since import Newest, comparable, is_ahead
from pipeline.extract.http.turn import Asked, Turn, hash_of_asks, label_of
from pipeline.extract.http.windows import Span, covered_spans, wanted_spans, written
from pipeline.extract.load_file import Delivery


class Plan:
    """What is asked for in this pass; `asks` is the hash of the request, `notes` what there is to say of it."""

    def __init__(self, client: Client, asked: Asked, home: Path, known: list[Delivery]) -> None:
        self.asks = hash_of_asks(client.http, client.addresses.base, asked)
        self.notes: list[str] = []
        self._clock, self._asked, self._home = client.clock, asked, home
        self._mine = [one for one in known if one.state.get("asks") == self.asks]
        if known and not self._mine:
            self.notes.append(f"{asked.name}: the request is not the one landed before, it is asked from the start")

    def turns(self) -> list[Turn]:
        """What to ask for, in order; raises RefusedDelivery where it cannot be told."""
        name, request = self._asked.name, self._asked.request
        if request.window is not None:
            return self._windows()
        before = self._mine[-1] if self._mine else None
        if request.since is None:
            return [Turn(label_of(name), {}, before=before)]
        value = self._since()
        if value is None:
            return [Turn(label_of(name, "since_start"), {}, before=before)]
        return [Turn(label_of(name, f"since_{value}"), {request.since.parameter: value}, before=before)]

    def _windows(self) -> list[Turn]:
        """A turn per span of days; none, and a note, where the first day is still to come."""
        window, start, as_of = self._asked.request.window, self._start(), self._asked.as_of
        if window is None or start is None:
            return []
        if start > as_of:
            self.notes.append(f"{self._asked.name}: begins on {start}, after the last day counted, {as_of}")
            return []
        spans = wanted_spans(window, start, as_of, covered_spans(self._mine, self._home, self.asks))
        zone = ZoneInfo(self._asked.zone)
        return [
            Turn(label_of(self._asked.name, one.label), written(one, window, zone), one, self._before(one))
            for one in spans
        ]

    def _start(self) -> date | None:
        window = self._asked.request.window
        return date.fromisoformat(window.start) if window and window.start else self._asked.start

    def _before(self, span: Span) -> Delivery | None:
        said = {"from": span.first.isoformat(), "to": span.last.isoformat()}
        same = [one for one in self._mine if said.items() <= dict(one.state).items()]
        return same[-1] if same else None

    def _since(self) -> str | None:
        """Where the next call begins: the newest value landed, else the first call's."""
        cursor = self._asked.request.since
        landed_values = [one.state["since"] for one in self._mine if "since" in one.state]
        value = landed_values[-1] if landed_values else cursor.start if cursor else None
        if cursor is not None and value is not None:
            key = comparable(value, cursor.format, f"{self._asked.source}, {self._asked.name}")
            if is_ahead(key, self._clock.now()):
                self.notes.append(f"{self._asked.name}: asks for changes since {value}, which lies in the future")
        return value

    def newest(self) -> Newest | None:
        """Begins where the newest value landed stands; None where the request does not ask for what was changed."""
        cursor = self._asked.request.since
        if cursor is None:
            return None
        newest = Newest(cursor, self._clock.now(), f"{self._asked.source}, {self._asked.name}")
        values = [one.state["since"] for one in self._mine if "since" in one.state]
        if values:
            newest.take(values[-1])
            newest.ahead = 0
        return newest

    def conditions(self, turn: Turn) -> dict[str, str]:
        """Headers that spare an answer which has not changed; pages and changes are never the same answer."""
        request = self._asked.request
        if turn.before is None or request.paginate or request.since or request.method != "GET":
            return {}
        names = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
        return {name: turn.before.state[key] for name, key in names.items() if key in turn.before.state}
