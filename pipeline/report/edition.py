"""Editions: reports/<grain>/<period>/draft while a period is open or settling, then 1, 2, … that never change.

A folder appears whole or not at all: it is written beside its place under a hidden name and then renamed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.report.document import DELIVERY_SECTIONS, Document, content, identity, said_by, to_json
from pipeline.report.render import render

_ABOUT = ("section", "kpi_id", "grain", "period", "dimension", "member", "field", "unit")


@dataclass(frozen=True)
class Edition:
    """A summary as it lies on disk. `number` is None for a draft; `is_new` says whether this call wrote it."""

    path: Path
    number: int | None
    is_new: bool
    document: Document


def write_edition(
    reports_dir: Path, document: Document, languages: Sequence[str], *, is_final: bool, made_at: date
) -> Edition:
    """The draft or final edition of a document made by `make_document`; what already says the same is left alone."""
    folder = reports_dir / document["period"]["grain"] / document["period"]["label"]
    folder.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    last = _last_edition(folder)
    if not is_final:
        return _write_draft(folder, document, languages, last)
    if last is not None and last.document["edition"]["identity"] == identity(document["facts"]):
        _add_languages(last, languages)
        shutil.rmtree(folder / "draft", ignore_errors=True)
        return last
    number = 1 if last is None or last.number is None else last.number + 1
    numbered = document | {"edition": _numbered(document, number, last, made_at)}
    _place(folder / str(number), numbered, languages)
    shutil.rmtree(folder / "draft", ignore_errors=True)
    return Edition(folder / str(number), number, True, numbered)


def restated(before: Document, after: Document) -> list[dict[str, Any]]:
    """The facts that say something else than in the edition before, and what changed them: data or definition."""
    old = {fact["fact_id"]: fact for fact in before["facts"] if fact["section"] not in DELIVERY_SECTIONS}
    new = {fact["fact_id"]: fact for fact in after["facts"] if fact["section"] not in DELIVERY_SECTIONS}
    changed = sorted(key for key in old.keys() | new.keys() if _said(old.get(key)) != _said(new.get(key)))
    return [{"fact_id": key, **_change(old.get(key), new.get(key))} for key in changed]


def _write_draft(folder: Path, document: Document, languages: Sequence[str], last: Edition | None) -> Edition:
    history = [] if last is None else [*last.document["edition"]["earlier"], _entry(last)]
    details = {
        "number": None,
        "made_at": None,
        "identity": identity(document["facts"]),
        "restated": [],
        "earlier": history,
    }
    draft = document | {"edition": details}
    path = folder / "draft"
    existing = _read(path)
    if existing is not None and content(existing) == content(json.loads(to_json(draft))):
        found = Edition(path, None, False, existing)
        _add_languages(found, languages)
        return found
    _place(path, draft, languages)
    return Edition(path, None, True, draft)


def _numbered(document: Document, number: int, last: Edition | None, made_at: date) -> dict[str, Any]:
    return {
        "number": number,
        "made_at": made_at.isoformat(),
        "identity": identity(document["facts"]),
        "restated": [] if last is None else restated(last.document, document),
        "earlier": [] if last is None else [*last.document["edition"]["earlier"], _entry(last)],
    }


def _entry(edition: Edition) -> dict[str, Any]:
    details = edition.document["edition"]
    return {"number": details["number"], "made_at": details["made_at"], "restated": len(details["restated"])}


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    present = new or old or {}
    is_redefined = old is not None and new is not None and old["definition_version"] != new["definition_version"]
    return {
        "old": None if old is None else {key: old[key] for key in ("value", "text_value")},
        "new": None if new is None else {key: new[key] for key in ("value", "text_value")},
        "because": "definition" if is_redefined else "data",
        **{key: present[key] for key in _ABOUT},
    }


def _said(fact: Mapping[str, Any] | None) -> list[Any] | None:
    return None if fact is None else said_by(fact)


def _last_edition(folder: Path) -> Edition | None:
    numbers = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
    if not numbers:
        return None
    path = folder / str(max(numbers))
    document = _read(path)
    return None if document is None else Edition(path, max(numbers), False, document)


def _read(path: Path) -> Document | None:
    file = path / "facts.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _place(path: Path, document: Document, languages: Sequence[str]) -> None:
    """Write a whole edition and put it at its path, in place of a draft that stood there."""
    text = to_json(document)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    (made / "facts.json").write_text(text, encoding="utf-8")
    for language in languages:
        _write_language(made / language, json.loads(text), language)
    made.chmod(0o755)
    if path.exists():
        path.rename(Path(tempfile.mkdtemp(prefix=".old-", dir=path.parent)) / path.name)
    made.rename(path)
    _clear_leftovers(path.parent)


def _add_languages(edition: Edition, languages: Sequence[str]) -> None:
    """Words an edition, as it stands, in the languages it lacks."""
    for language in languages:
        target = edition.path / language
        if not target.exists():
            made = Path(tempfile.mkdtemp(prefix=".new-", dir=edition.path))
            _write_language(made / language, edition.document, language)
            (made / language).rename(target)
            made.rmdir()


def _write_language(folder: Path, document: Document, language: str) -> None:
    folder.mkdir()
    for name, text in render(document, language).items():
        (folder / name).write_text(text, encoding="utf-8")


def _clear_leftovers(folder: Path) -> None:
    """Remove what an interrupted run left under a hidden name; only who holds the warehouse writes here."""
    for leftover in [*folder.glob(".new-*"), *folder.glob(".old-*")]:
        shutil.rmtree(leftover, ignore_errors=True)
