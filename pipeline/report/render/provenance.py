"""Provenance: which facts a document displays, each with an anchor, and the annex entries those anchors lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.report.render.sentences import Shown
from pipeline.report.render.words import Words

Fact = Mapping[str, Any]


class Displayed:
    """Collects the facts a document displays, in the order they first appear."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._anchors: dict[str, str] = {}
        self._facts: dict[str, Fact] = {}

    def show(self, fact: Fact, sign: str = "") -> Shown:
        """The fact's text, linked to its provenance."""
        anchor = self._anchors.setdefault(fact["fact_id"], f"f{len(self._anchors) + 1}")
        self._facts.setdefault(fact["fact_id"], fact)
        return Shown(self._words.fact(fact, sign), anchor)

    def entries(self, names: Callable[[Fact], str], catalog: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One entry per thing the facts are about, with a row per fact."""
        entries: dict[tuple[Any, ...], dict[str, Any]] = {}
        for fact_id in sorted(self._facts):
            fact = self._facts[fact_id]
            about = (fact["section"], fact["kpi_id"], fact["dimension"], fact["member"])
            if about not in entries:
                entries[about] = self._entry(fact, names(fact), catalog.get(fact["kpi_id"] or "", {}))
            entries[about]["rows"].append(self._row(fact))
        return list(entries.values())

    def _entry(self, fact: Fact, name: str, kpi: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "section": self._words.text(f"section.{fact['section']}"),
            "name": name,
            "formula": kpi.get(f"formula_{self._words.language}"),
            "version": fact["definition_version"],
            "loads": [self._load(load) for load in fact["loads"]],
            "passed": fact["checks"]["passed"],
            "failed": fact["checks"]["failed"],
            "run": fact["run_id"],
            "rows": [],
        }

    def _row(self, fact: Fact) -> dict[str, Any]:
        return {
            "anchor": self._anchors[fact["fact_id"]],
            "fact_id": fact["fact_id"],
            "value": self._words.fact(fact),
            "query": fact["query"],
        }

    def _load(self, load: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "entity": load["entity"],
            "source": load["source"],
            "deliveries": self._words.count(load["deliveries"]),
            "newest": load["newest"],
        }
