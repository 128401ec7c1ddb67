"""Sentences: a statement's text key and clauses filled with its facts, as segments that keep each number's link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from pipeline.report.render.words import Words

Fact = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """A piece of text; `anchor` leads to the provenance of the number it shows, or is empty."""

    text: str
    anchor: str = ""

    def __str__(self) -> str:
        return self.text


class Sentences:
    """Words a statement. `show` notes that a fact is displayed and gives its text with a link to its provenance."""

    def __init__(
        self, words: Words, names: Callable[[Fact], str], show: Callable[..., Shown], periods: Mapping[str, str]
    ) -> None:
        self._words = words
        self._names = names
        self._show = show
        self._periods = periods

    def segments(self, text_key: str, facts: Sequence[Fact]) -> list[Shown]:
        """The pieces of the sentence, in order."""
        key, *clauses = text_key.split()
        worded = [self._fill(clause, facts, []) for clause in clauses]
        return self._fill(key, facts, self._joined(worded))

    def _fill(self, key: str, facts: Sequence[Fact], clauses: list[Shown]) -> list[Shown]:
        pieces: list[Shown] = []
        for literal, field, spec, _ in Formatter().parse(self._words.template(key)):
            if literal:
                pieces.append(Shown(literal))
            if field == "clauses":
                pieces += clauses
            elif field:
                pieces += self._value(field, spec or "", facts)
        return pieces

    def _value(self, field: str, spec: str, facts: Sequence[Fact]) -> list[Shown]:
        if field == "kpi":
            return [Shown(self._names(facts[0]))]
        if field in self._periods:
            return [Shown(self._periods[field])]
        if field == "base":
            return [Shown(self._words.count(next(fact["denominator"] for fact in facts if fact["field"] == "value")))]
        named = [fact for fact in facts if fact["field"] == field]
        if spec == "names":
            return [Shown(self._words.list([self._names(fact) for fact in named]))]
        if spec == "named":
            return self._joined([self._fill(f"named.{field}", [fact], []) for fact in named])
        return [self._show(named[0], spec)]

    def _joined(self, items: list[list[Shown]]) -> list[Shown]:
        """Lists of pieces joined as the language joins items: the words between are taken from its pattern."""
        marks = [f"\x00{place}\x00" for place in range(len(items))]
        pieces: list[Shown] = []
        for part in self._words.list(marks).split("\x00") if items else []:
            if part.isdigit():
                pieces += items[int(part)]
            elif part:
                pieces.append(Shown(part))
        return pieces
