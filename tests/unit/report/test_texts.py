"""Catalogues and code agree: every text key used has words, and no words are left over."""

import re
from itertools import product
from pathlib import Path
from string import Formatter

import pytest

from pipeline.report.render.words import LOCALE_DIR, Words, read_catalogue
from pipeline.report.statements import NOTE_KINDS

REPORT = Path(LOCALE_DIR).parent
LANGUAGES = sorted(path.name for path in LOCALE_DIR.iterdir())
SECTIONS = (
    "metrics", "objectives", "history", "trend", "actions", "notes", "kpis", "unmeasured", "sources", "quality",
    "refusals", "quarantine", "schema", "corrections", "checks", "reconciliation", "editions", "provenance",
)  # fmt: skip
REASONS = ("no_source", "not_covered", "no_grain", "no_value")
MOVES = ("rose_better", "rose_worse", "fell_better", "fell_worse")
SIDES = ("more", "less", "year_ago_more", "year_ago_less")

COMPOSED = {
    *(f"section.{name}" for name in SECTIONS),
    *(f"reason.{reason}" for reason in REASONS),
    *(f"unmeasured.{reason}" for reason in REASONS),
    *(f"data.stale{extent}{why}" for extent in ("", "_covered", "_outside", "_undated") for why in ("", "_why")),
    "data.partial", "data.outside",
    *(f"headline.lead{bare}{part}" for bare in ("", "_bare") for part in ("", "_part")),
    *(f"clause.{side}{rate}{part}" for side, rate, part in product(SIDES, ("", "_rate"), ("", "_part"))),
    *(f"clause.unchanged{part}" for part in ("", "_part")),
    *(f"clause.target_{side}{rate}" for side in ("over", "under") for rate in ("", "_rate")),
    *(f"headline.{move}{rate}" for move, rate in product(MOVES, ("", "_rate"))),
    *(f"headline.{count}{so_far}" for count in ("all_met", "some_met", "none_met") for so_far in ("", "_so_far")),
    "headline.in_part", "headline.missing", "named.counted_to",
    *(f"trend.by_{grain}" for grain in ("day", "week", "month", "quarter", "year")),
    *(f"period.{kind}" for kind in ("week", "quarter", "year", "fiscal_quarter", "fiscal_year")),
    *(f"verdict.{code}" for code in ("met", "missed", "open")),
    *(f"change.{code}" for code in ("better", "worse")),
    *(f"metrics.{role}" for role in ("input", "output")),
    *(f"because.{cause}" for cause in ("data", "definition")),
    *(f"note_kind.{kind}" for kind in NOTE_KINDS),
    *(f"schema_change.{kind}" for kind in ("new", "missing", "renamed", "retyped")),
    *(f"uncompared.{why}" for why in ("no_common_days", "no_whole_month", "no_rows", "no_rows_left", "no_rows_right")),
    "yes", "no", "format.money", "format.money_cents",
}  # fmt: skip
"""Keys that code or templates compose from parts."""

CODES = ("status.", "severity.", "field.", "priority.")
"""Families of codes stored in tables; a code without words is shown as written."""


def literal_keys() -> set[str]:
    """Text keys written out in code and templates."""
    known = {key.partition(".")[0] for key in read_catalogue("en")} - {
        "yes",
        "no",
        "title",
        "base",
        "span",
        "skip",
        "to_annex",
    }
    quoted = re.compile(rf"""['"]((?:{"|".join(sorted(known))})\.[a-z_]+)['" ]""")
    simple = re.compile(r"""\bt(?:ext|emplate)?\(['"]([a-z_]+(?:\.[a-z_]+)?)['"]""")
    columns = re.compile(r"""\('([a-z_]+)', '(?:r)?'\)""")
    found: set[str] = set()
    for path in [*REPORT.glob("*.py"), *REPORT.glob("render/*.py"), *REPORT.glob("render/templates/*.j2")]:
        text = path.read_text(encoding="utf-8")
        found |= set(quoted.findall(text)) | set(simple.findall(text))
        if path.suffix == ".j2":
            found |= {f"column.{name}" for name in columns.findall(text)}
    return {key for key in found if not key.endswith((".py", ".j2", ".html", ".md"))}


def test_every_text_key_has_words_and_all_words_are_used() -> None:
    words = {key for key in read_catalogue("en") if not key.startswith(CODES)}
    used = {key for key in literal_keys() | COMPOSED if not key.startswith(CODES)}
    assert used - words == set(), "without words"
    assert words - used == set(), "never used"


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_keys_and_placeholders(language: str) -> None:
    english, other = read_catalogue("en"), read_catalogue(language)
    assert set(other) == set(english)
    for key, text in english.items():
        assert _placeholders(other[key]) == _placeholders(text), key


def test_a_key_without_words_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"headline\.no_such_thing"):
        Words("en", "USD", 1).text("headline.no_such_thing")


def _placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}
