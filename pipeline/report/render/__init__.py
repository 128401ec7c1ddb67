"""The wording of a document in a language: rounding, scaling, texts, charts and layout of what facts.json says.
Nothing is computed or chosen here, no database, clock or network is used: the same document gives the same bytes.
What is said is chosen in pipeline/report/statements.py; numbers come from pipeline/report/sql.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.report.render.markdown import Raw, escape_line, escape_markdown
from pipeline.report.render.view import build_view

_TEMPLATES = Path(__file__).parent / "templates"


def render(facts_json: dict[str, Any], language: str) -> dict[str, str]:
    """The files of one language: summary.html and summary.md, by name."""
    view = build_view(facts_json, language)
    return {
        "summary.html": _environment("html").get_template("summary.html.j2").render(view),
        "summary.md": _environment("md").get_template("summary.md.j2").render(view),
    }


@lru_cache
def _environment(kind: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=kind == "html",  # noqa: S701 - Markdown is escaped by finalize
        finalize=escape_markdown if kind == "md" else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"raw": Raw, "line": escape_line}
    return environment
