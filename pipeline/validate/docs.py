"""Data Docs: a page per suite with its newest results, and an index of them all; readable offline.

Here belongs where the pages lie and what surrounds them; their inside is rendered by Great Expectations from counts,
so no value of a row can stand in them.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from pipeline.contracts import Expectation
from pipeline.validate import gx
from pipeline.validate.catalog import QUERY_RULE
from pipeline.validate.engine import Shown
from pipeline.validate.results import RuleResult, SuiteResult

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100%; }
td, th { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top; }
h5, h6 { font-size: 1.1rem; margin: 1rem 0 .3rem; }
.badge { background: #eef; border-radius: 3px; padding: 0 .3rem; }
.text-danger, .failed { color: #b00020; }
.text-success { color: #2e7d32; }
.fa-times::before { content: "✗"; }
.fa-check-circle::before { content: "✓"; }
.fa-exclamation-triangle::before { content: "!"; }
"""
_SHELL = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body>{body}</body></html>
"""


def write_data_docs(suites: Sequence[SuiteResult], directory: Path) -> Path:
    """Write the suites' pages and the index; pages of suites not given stay as they are. Returns the index."""
    directory.mkdir(parents=True, exist_ok=True)
    for suite in suites:
        _write(directory / f"{suite.contract.entity}.html", _page(suite))
    known = _read_index(directory / "index.json") | {suite.contract.entity: _summary(suite) for suite in suites}
    _write(directory / "index.json", json.dumps(known, indent=1, sort_keys=True))
    _write(directory / "index.html", _index(known))
    return directory / "index.html"


def _page(suite: SuiteResult) -> str:
    title = escape(suite.contract.entity)
    shown = [_shown(rule, found) for rule, found in zip(suite.contract.expectations, suite.results, strict=True)]
    results = gx.render_results(suite.contract.entity, suite.batch, suite.validated_at, shown)
    body = f'<p><a href="index.html">All suites</a></p><h1>{title}</h1>{_failures(suite)}{results}'
    return _SHELL.format(title=title, style=_STYLE, body=body)


def _shown(rule: Expectation, found: RuleResult) -> Shown:
    return Shown(rule.expectation, rule.arguments, found.is_success, _counts(rule, found))


def _counts(rule: Expectation, found: RuleResult) -> dict[str, Any]:
    if found.observed is not None:
        return {"observed_value": found.observed}
    if rule.expectation == QUERY_RULE:
        return {"observed_value": found.rows_unexpected}
    share = 100 * found.rows_unexpected / found.rows_checked if found.rows_checked else 0.0
    return {
        "element_count": found.rows_checked,
        "unexpected_count": found.rows_unexpected,
        "unexpected_percent": share,
        "unexpected_percent_nonmissing": share,
        "partial_unexpected_list": [],
    }


def _failures(suite: SuiteResult) -> str:
    """What failed and why it matters: Great Expectations shows neither severity nor reason."""
    lines = [f"<li>{_failure(one)}</li>" for one in suite.results if not one.is_success]
    return f'<ul class="failed">{"".join(lines)}</ul>'


def _failure(result: RuleResult) -> str:
    seen = f"{result.rows_unexpected} of {result.rows_checked} rows" if result.observed is None else result.observed
    return escape(f"{result.severity}, {result.on_failure}: {result.reason} ({result.rule}: {seen})")


def _summary(suite: SuiteResult) -> dict[str, str]:
    failed = sum(not result.is_success for result in suite.results)
    return {
        "batch": suite.batch,
        "validated_at": f"{suite.validated_at:%Y-%m-%d %H:%M} UTC",
        "rules": str(len(suite.results)),
        "failed": str(failed),
        "rows": str(max((result.rows_checked for result in suite.results), default=0)),
    }


def _index(known: dict[str, dict[str, str]]) -> str:
    columns = ("batch", "validated_at", "rows", "rules", "failed")
    header = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in ("suite", *columns))
    rows = []
    for entity, summary in sorted(known.items()):
        cells = "".join(f"<td>{escape(summary.get(name, ''))}</td>" for name in columns)
        rows.append(f'<tr><td><a href="{escape(entity)}.html">{escape(entity)}</a></td>{cells}</tr>')
    body = f"<h1>Data Docs</h1><table><tr>{header}</tr>{''.join(rows)}</table>"
    return _SHELL.format(title="Data Docs", style=_STYLE, body=body)


def _read_index(path: Path) -> dict[str, dict[str, str]]:
    """What earlier runs wrote; a missing or broken index starts anew, the pages are found again as they are written."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a reader may have the page open."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
