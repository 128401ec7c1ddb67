"""A document read for one language: its facts and statements looked up, named, worded and linked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.periods import Period, parse_period
from pipeline.report.render.provenance import Displayed
from pipeline.report.render.sentences import Fact, Sentences, Shown
from pipeline.report.render.words import NOTHING, Words

Fields = Mapping[str, Fact]
"""Facts of one thing by field."""


class Reader:
    """Everything the tables and charts of one document need; it notes which facts they display."""

    def __init__(self, document: Mapping[str, Any], language: str) -> None:
        company = document["company"]
        self.document = document
        self.words = Words(language, company["currency"], company["fiscal_year_start"])
        self.period: Period = parse_period(document["period"]["label"], company["fiscal_year_start"])
        self.catalog: dict[str, Mapping[str, Any]] = {kpi["kpi_id"]: kpi for kpi in document["catalog"]}
        self.facts: dict[str, Fact] = {fact["fact_id"]: fact for fact in document["facts"]}
        self.displayed = Displayed(self.words)
        self.named_periods = {"period": self.period, "previous": self.period.previous, "year_ago": self.period.year_ago}
        labels = {name: self.words.period(period.label) for name, period in self.named_periods.items()}
        self._sentences = Sentences(self.words, self.name, self.displayed.show, labels)

    def statements(self, section: str) -> list[Mapping[str, Any]]:
        """The statements of a section, in their order."""
        return [statement for statement in self.document["statements"] if statement["section"] == section]

    def stated(self, statement: Mapping[str, Any]) -> list[Fact]:
        """The facts a statement is about."""
        return [self.facts[fact_id] for fact_id in statement["fact_ids"]]

    def fields(self, section: str) -> list[Fields]:
        """The facts of a section's statements, each by field."""
        return [{fact["field"]: fact for fact in self.stated(statement)} for statement in self.statements(section)]

    def sentence(self, statement: Mapping[str, Any]) -> list[Shown]:
        """A statement in words."""
        return self._sentences.segments(statement["text_key"], self.stated(statement))

    def sentences(self, section: str) -> list[list[Shown]]:
        """The statements of a section in words."""
        return [self.sentence(statement) for statement in self.statements(section)]

    def name(self, fact: Fact) -> str:
        """What a fact is about: a KPI or one of its members, a source, a check; empty for a section as a whole."""
        if fact["kpi_id"] is not None:
            name = self.kpi_name(fact["kpi_id"])
            return (
                name if fact["dimension"] == "all" else self.words.text("kpi.member", kpi=name, member=fact["member"])
            )
        parts = fact["member"].split("+")
        if fact["dimension"] == "source+entity":
            return self.words.text("source.entity", source=parts[0], entity=parts[-1])
        return "" if fact["dimension"] == "all" else ", ".join(parts)

    def kpi_name(self, kpi_id: str) -> str:
        """A KPI's name; its id where the catalogue has no such KPI."""
        return str(self.catalog.get(kpi_id, {}).get(f"name_{self.words.language}") or kpi_id)

    def formula(self, kpi_id: str) -> str:
        """A KPI's definition in words."""
        return str(self.catalog[kpi_id].get(f"formula_{self.words.language}") or "")

    def shown(self, fields: Fields, field: str, sign: str = "") -> Shown:
        """A field with its link; a dash where it is not there."""
        return self.displayed.show(fields[field], sign) if field in fields else Shown(NOTHING)

    def base(self, value: Fact | None) -> str:
        """Numerator and denominator of a rate, so that a small base shows."""
        sides = ("numerator", "denominator")
        if value is None or value["unit"] != "fraction" or any(value[side] is None for side in ("value", *sides)):
            return ""
        numbers = {side: self.words.base(value[side]) for side in sides}
        return self.words.text("base", **numbers)

    def marks(self, fields: Fields) -> list[str]:
        """What a reader must know before trusting a value: its source is stale, it counts only a part."""
        marks = []
        if "value" in fields and fields["value"]["source_status"] == "stale":
            marks.append(self.words.text("mark.stale"))
        if "counted_to" in fields:
            day = date.fromisoformat(fields["counted_to"]["text_value"])
            marks.append(self.words.text("mark.counted_to", day=self.words.short_date(day)))
        return marks
