"""The lock of KPI definitions: a KPI whose SQL changed says by its definition_version whether its meaning did.

A KPI's SQL is the compiled SQL of its model and of every model that one descends from, up to staging. Layout, case and
comments are no part of it. The normal form is made here, so that no library's next version changes every hash.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import UserError
from pipeline.generate import COMMAND
from pipeline.model.dbt import CompiledModel
from pipeline.model.kpi_files import TABLES_OVER_ALL

LOCK = "kpi_definitions.lock.yml"
ALL = "all"
_TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\w+|\S", re.DOTALL)
# Tables over all KPIs repeat what every yml says: another KPI's name is nothing of this one's meaning
_OVER_ALL = {f"kpi_{name}" for name in TABLES_OVER_ALL}


@dataclass(frozen=True)
class Model:
    """A model: hash of its own SQL, and the models it reads."""

    sql: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """A KPI: the version its yml says, and the hash of all SQL its cells come from."""

    definition_version: int
    sql: str


@dataclass(frozen=True)
class Lock:
    """What was locked: KPIs by id and models by name."""

    kpis: Mapping[str, Definition]
    models: Mapping[str, Model]

    def lineage(self, kpi_id: str) -> list[str]:
        """The KPI's model and every one it descends from, sorted."""
        found: set[str] = set()
        waiting = [f"kpi_{kpi_id}"]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.models:
                found.add(name)
                waiting += set(self.models[name].reads) - _OVER_ALL
        return sorted(found)

    def text(self) -> str:
        """The file, one line per KPI and per model, so that a difference names them."""
        lines = [f"# Generated from the compiled SQL of all models by `{COMMAND}`; see docs/kpis.md.", "kpis:"]
        for kpi_id, one in sorted(self.kpis.items()):
            lines.append(f"  {kpi_id}: {{definition_version: {one.definition_version}, sql: '{one.sql}'}}")
        lines.append("models:")
        for name, model in sorted(self.models.items()):
            lines.append(f"  {name}: {{sql: '{model.sql}', reads: [{', '.join(model.reads)}]}}")
        return "\n".join([*lines, ""])


def read_lock(path: Path) -> Lock:
    """The lock as it stands; nothing is locked where there is no file."""
    said = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {"kpis": {}, "models": {}}
    return Lock(
        {kpi_id: Definition(one["definition_version"], one["sql"]) for kpi_id, one in said["kpis"].items()},
        {name: Model(one["sql"], tuple(one["reads"])) for name, one in said["models"].items()},
    )


def make_lock(compiled: Mapping[str, CompiledModel], versions: Mapping[str, int]) -> Lock:
    """The lock as it should be; `versions` are the definition versions the KPIs' yml say."""
    models = {name: Model(_hash(normal(one.sql)), tuple(sorted(one.reads))) for name, one in compiled.items()}
    bare = Lock({}, models)
    kpis = {kpi_id: Definition(version, _whole(bare, kpi_id)) for kpi_id, version in versions.items()}
    return Lock(kpis, {name: models[name] for kpi_id in kpis for name in bare.lineage(kpi_id)})


def mistakes(old: Lock, new: Lock, same: Collection[str] = ()) -> Iterator[UserError]:
    """Every KPI whose SQL changed and whose version did not, but for those that are said to mean the `same`."""
    for kpi_id in sorted(set(same) - {ALL} - set(new.kpis)):
        yield UserError("there is no such KPI", where=f"--same-definitions {kpi_id}", expected=f"a KPI's id, or {ALL}")
    for kpi_id, now in sorted(new.kpis.items()):
        before = old.kpis.get(kpi_id)
        if before is None or before == now:
            continue
        if now.definition_version < before.definition_version:
            yield _fell(kpi_id, before, now)
        elif now.definition_version == before.definition_version and not {kpi_id, ALL} & set(same):
            yield _unsaid(kpi_id, now.definition_version, changed(old, new, kpi_id))


def changed(old: Lock, new: Lock, kpi_id: str) -> list[str]:
    """Models by which the KPI's SQL differs."""
    before, now = old.lineage(kpi_id), new.lineage(kpi_id)
    return [name for name in sorted({*before, *now}) if old.models.get(name) != new.models.get(name)]


def normal(sql: str) -> str:
    """SQL without comments, layout and case; what is quoted stays as it is."""
    tokens = [token for token in _TOKEN.findall(sql) if not token.startswith(("--", "/*"))]
    return " ".join(token if token.startswith(("'", '"')) else token.lower() for token in tokens)


def _whole(lock: Lock, kpi_id: str) -> str:
    return _hash("\n".join(f"{name} {lock.models[name].sql}" for name in lock.lineage(kpi_id)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unsaid(kpi_id: str, version: int, models: list[str]) -> UserError:
    return UserError(
        f"the SQL of {kpi_id} changed and its definition_version did not",
        where=f"kpi_{kpi_id}.yml",
        found=f"definition_version {version} as in {LOCK}, and other SQL in {', '.join(models)}",
        expected=f"definition_version {version + 1} if a cell can now be another number",
        action=f"raise it and run {COMMAND}; if every cell stays what it was: {COMMAND} --same-definitions {kpi_id}",
    )


def _fell(kpi_id: str, before: Definition, now: Definition) -> UserError:
    return UserError(
        f"the definition_version of {kpi_id} fell",
        where=f"kpi_{kpi_id}.yml",
        found=f"{now.definition_version}, in {LOCK} {before.definition_version}",
        expected="a version that only rises: summaries have been made with the higher one",
    )
