"""Facts grouped as a summary speaks of them: the fields of one KPI, source, action or note; the points of one chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.periods import Period

Fact = Mapping[str, Any]
Group = Mapping[str, Fact]
"""Facts of one thing by field."""


class Groups:
    """All facts of a summary, to be looked up by section and by what they are about."""

    def __init__(
        self, period: Period, facts: Iterable[Fact], headline: Sequence[str], catalog: Sequence[Mapping[str, Any]]
    ) -> None:
        self.period_start = period.start.isoformat()
        self.catalog = {kpi["kpi_id"]: kpi for kpi in catalog}
        self.headline = [kpi_id for kpi_id in headline if kpi_id in self.catalog]
        self._groups: dict[str, dict[tuple[str, str, str], dict[str, Fact]]] = {}
        self._points: dict[tuple[str, str], list[Fact]] = {}
        for fact in sorted(facts, key=lambda fact: str(fact["fact_id"])):
            if fact["section"] in ("history", "trend"):
                self._points.setdefault((fact["section"], fact["kpi_id"]), []).append(fact)
                continue
            about = (fact["kpi_id"] or "", fact["dimension"], fact["member"])
            self._groups.setdefault(fact["section"], {}).setdefault(about, {})[fact["field"]] = fact

    def kpi(self, kpi_id: str, section: str = "metrics") -> Group:
        """The fields of a KPI's total; empty where it has none."""
        return self._groups.get(section, {}).get((kpi_id, "all", "all"), {})

    def has_value(self, kpi_id: str) -> bool:
        """Whether the KPI's total has a value in the period."""
        return "value" in self.kpi(kpi_id) and self.kpi(kpi_id)["value"]["value"] is not None

    def whole(self, section: str) -> Group:
        """The fields of a section that are about all of it."""
        return self.kpi("", section)

    def parts(self, section: str) -> list[Group]:
        """The groups of a section that are about one source, action, note or check each."""
        return [group for about, group in self._groups.get(section, {}).items() if about[1] != "all"]

    def with_targets(self) -> list[Group]:
        """The KPIs and members that have a target, in the order of the summary."""
        groups = [(about, group) for about, group in self._groups.get("metrics", {}).items() if "target" in group]
        order = {kpi_id: place for place, kpi_id in enumerate(self.ordered())}
        return [group for about, group in sorted(groups, key=lambda item: (order[item[0][0]], item[0]))]

    def points(self, section: str, kpi_id: str) -> list[Fact]:
        """The points of a KPI's chart, oldest first."""
        return self._points.get((section, kpi_id), [])

    def ordered(self) -> list[str]:
        """All KPIs, input metrics before output metrics: the headline in its order, the others by domain and id."""
        place = {kpi_id: number for number, kpi_id in enumerate(self.headline)}
        return sorted(
            self.catalog,
            key=lambda kpi_id: (
                self.catalog[kpi_id]["role"] != "input",
                place.get(kpi_id, len(place)),
                self.catalog[kpi_id]["domain"] or "",
                kpi_id,
            ),
        )


def ids(group: Group, *fields: str) -> list[str]:
    """Ids of the named fields that the group has; of all its fields where none is named."""
    return [group[field]["fact_id"] for field in fields or group if field in group]
