"""The headline: three to five sentences, the most important movement first, then goals, then what is missing.

Numbers are compared here to choose among sentences; every number that is worded is a fact.
"""

from __future__ import annotations

from pipeline.report.groups import Fact, Group, Groups, ids

Sentence = tuple[str, list[str]]
"""A text key with its clauses, and the ids of its facts."""

NEWS_FROM = 0.02
"""Movements below 2 % of the earlier value are no news of their own."""
SMALL_BASE = 30
"""A rate of fewer cases is told with its base, and its movement is no news."""
SMALL_COUNT = 20
"""Counts below this are compared in absolute numbers, and their movement is no news."""


def headline(groups: Groups) -> list[Sentence]:
    """The headline's sentences; where nothing is measured, the one that says so."""
    measured = [kpi_id for kpi_id in groups.headline if groups.has_value(kpi_id)]
    if not measured:
        return [("headline.nothing_measured", []), *_missing(groups)]
    whole = [kpi_id for kpi_id in measured if not is_cut(groups, kpi_id)]
    first = whole[0] if whole else measured[0]
    others = [groups.kpi(kpi_id) for kpi_id in whole if kpi_id != first]
    return [_lead(groups.kpi(first)), *_movers(others, groups), *_goals(groups), *_missing(groups)]


def is_cut(groups: Groups, kpi_id: str) -> bool:
    """Whether a KPI leaves out days that the summary otherwise counts."""
    group, as_of = groups.kpi(kpi_id), groups.whole("sources")["as_of"]["text_value"]
    if "counted_to" not in group:
        return False
    starts_late = bool(group["counted_from"]["text_value"] > groups.period_start)
    return starts_late or bool(group["counted_to"]["text_value"] < as_of)


def is_small(group: Group) -> bool:
    """Whether a value rests on too few cases for its movement to mean anything."""
    value = group["value"]
    if value["unit"] == "count" and value["denominator"] is None:
        numbers = [group[field]["value"] for field in ("value", "previous_value") if field in group]
        return max((abs(number) for number in numbers if number is not None), default=0) < SMALL_COUNT
    return value["denominator"] is not None and value["denominator"] < SMALL_BASE


def verdict(change: float, direction: str) -> str:
    """rose_better, fell_worse and so on; rose or fell where neither direction is better; unchanged."""
    if not change:
        return "unchanged"
    movement = "rose" if change > 0 else "fell"
    if direction not in ("up", "down"):
        return movement
    return f"{movement}_{'better' if (change > 0) == (direction == 'up') else 'worse'}"


def _direction(change: Fact) -> int:
    """1 for a rise, -1 for a fall, 0 for what reads as unchanged: points are told with two decimals."""
    value = round(change["value"], 2) if change["unit"] == "points" else change["value"]
    return (value > 0) - (value < 0)


def _lead(group: Group) -> Sentence:
    part = "" if group["is_complete"]["value"] or "counted_to" not in group else "_part"
    clauses = [_target_clause(group), _change_clause(group, part), _year_ago_clause(group, part), _base_clause(group)]
    chosen = [clause for clause in clauses if clause]
    key = "headline.lead" if chosen else "headline.lead_bare"
    return " ".join([f"{key}{part}", *chosen]), ids(group)


def _target_clause(group: Group) -> str | None:
    if "target_gap" not in group:
        return None
    gap = _direction(group["target_gap"])
    if not gap:
        return "clause.target_on"
    return f"clause.target_{'over' if gap > 0 else 'under'}" + ("_rate" if "target_gap_rate" in group else "")


def _change_clause(group: Group, part: str) -> str | None:
    if "change" not in group:
        return None
    change = _direction(group["change"])
    if not change:
        return f"clause.unchanged{part}"
    rate = "_rate" if "change_rate" in group and not is_small(group) else ""
    return f"clause.{'more' if change > 0 else 'less'}{rate}{part}"


def _year_ago_clause(group: Group, part: str) -> str | None:
    change = _direction(group["year_ago_change"]) if "year_ago_change" in group else 0
    if not change:
        return None
    rate = "_rate" if "year_ago_change_rate" in group and not is_small(group) else ""
    return f"clause.year_ago_{'more' if change > 0 else 'less'}{rate}{part}"


def _base_clause(group: Group) -> str | None:
    return "clause.small_base" if group["value"]["denominator"] is not None and is_small(group) else None


def _movers(candidates: list[Group], groups: Groups) -> list[Sentence]:
    """The largest movement for the worse, then the largest for the better, where they are news."""
    largest: dict[str, tuple[float, Sentence]] = {}
    for group in candidates:
        size = _size(group)
        if size < NEWS_FROM or is_small(group):
            continue
        word = verdict(group["change"]["value"], groups.catalog[group["value"]["kpi_id"]]["direction"])
        side = word.rpartition("_")[2]
        if size > largest.get(side, (0.0,))[0]:
            largest[side] = size, (f"headline.{word}" + ("_rate" if "change_rate" in group else ""), ids(group))
    return [largest[side][1] for side in ("worse", "better") if side in largest]


def _size(group: Group) -> float:
    """Relative size of the change, for the choice among KPIs of different units."""
    if "change" not in group or "previous_value" not in group or not group["previous_value"]["value"]:
        return 0.0
    return abs((group["value"]["value"] - group["previous_value"]["value"]) / group["previous_value"]["value"])


def _goals(groups: Groups) -> list[Sentence]:
    counts = groups.whole("objectives")
    targeted = groups.with_targets()
    if not targeted:
        return [("headline.no_goals", [])]
    judged = [group for group in targeted if "is_met" in group]
    if not judged:
        return [("headline.goals_open", ids(counts, "goals_set"))]
    missed = [fact_id for group in judged if not group["is_met"]["value"] for fact_id in ids(group, "value")]
    key = "all_met" if not missed else "none_met" if len(missed) == len(judged) else "some_met"
    so_far = "" if len(judged) == len(targeted) else "_so_far"
    return [(f"headline.{key}{so_far}", [*ids(counts), *missed])]


def _missing(groups: Groups) -> list[Sentence]:
    """One sentence on what the headline KPIs lack: those counted in part, those without a value."""
    cut = [groups.kpi(kpi_id) for kpi_id in groups.headline if is_cut(groups, kpi_id)]
    gone = [group for kpi_id in groups.headline if (group := groups.kpi(kpi_id, "unmeasured")) and _is_gap(group)]
    facts = [fact_id for group in cut for fact_id in ids(group, "counted_to")]
    facts += [fact_id for group in gone for fact_id in ids(group, "reason")]
    if cut and gone:
        return [("headline.in_part_and_missing", facts)]
    return [("headline.in_part" if cut else "headline.missing", facts)] if facts else []


def _is_gap(group: Group) -> bool:
    """A KPI that means nothing at this grain is not missed."""
    return bool(group["reason"]["text_value"] != "no_grain")
