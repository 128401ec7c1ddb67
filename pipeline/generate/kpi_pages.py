"""docs/kpis.md, one line per KPI, and docs/kpis/<id>.md, one page for each; their sentences are in kpi_texts.yml."""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import yaml

from pipeline.generate import COMMAND
from pipeline.generate.definitions import LOCK, Lock
from pipeline.generate.kpis import Kpi
from pipeline.generate.markdown import anchor, code, listed, table

GRAINS = ["day", "week", "month", "quarter", "year", "all"]
INTRODUCTION = (
    f"Generated from `dbt_project/models/marts/kpis/kpi_*.yml` by `{COMMAND}`; `kpis.kpi_catalog` holds the same for BI, "
    "`kpis.kpi_values` the cells, `kpis.kpi_scorecard` the cells with targets and comparisons. Each name leads to the KPI's "
    "page: formula in both languages, how its cells are to be read, where it comes from, a query. How to add one: "
    "[CONTRIBUTING.md](../CONTRIBUTING.md)."
)
ABOUT_VERSIONS = [
    "## When a definition changes",
    "",
    (
        f"`dbt_project/{LOCK}` holds, for each KPI, its `definition_version` and a hash of the SQL its cells come from: its own "
        "model and every model that one descends from, up to staging, as compiled, without remarks and layout. "
        "`make test` fails where the SQL changed and the version did not."
    ),
    "",
    (
        "- A cell can now be another number: raise `definition_version` in the KPI's yml and run `make generate`. "
        "Editions of the summary then say that the definition changed, not the data."
    ),
    (
        f"- Every cell stays what it was: run `{COMMAND} --same-definitions` with the ids of the KPIs, or `all`. "
        "The changed hashes stand in the commit, beside versions that did not change, for whoever reviews it. "
        "`tests/pipeline/test_kpi_reference.py`, which computes every KPI a second time, is the proof to bring."
    ),
]
SAID = yaml.safe_load(Path(__file__).with_name("kpi_texts.yml").read_text(encoding="utf-8"))
Feeds = Mapping[str, list[tuple[str, str]]]


def feeds(connectors: Path) -> dict[str, list[tuple[str, str]]]:
    """By entity, the shipped connectors and their exports that deliver it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(connectors.glob("*.yml")):
        for export, said in yaml.safe_load(path.read_text(encoding="utf-8"))["exports"].items():
            for entity in said["entities"]:
                found.setdefault(entity, []).append((path.stem, export))
    return found


def index_page(kpis: list[Kpi]) -> str:
    """docs/kpis.md."""
    lines = ["# KPIs", "", INTRODUCTION]
    domains = groupby(sorted(kpis, key=lambda kpi: (kpi.meta["domain"], kpi.kpi_id)), lambda kpi: kpi.meta["domain"])
    for domain, members in domains:
        head = ["KPI", "id", "formula", "unit", "kind", "good is", "grains", "dimensions"]
        lines += ["", f"## {domain}", "", *table(head, [_index_row(kpi) for kpi in members])]
    return "\n".join([*lines, "", *ABOUT_VERSIONS, ""])


def _index_row(kpi: Kpi) -> list[str]:
    meta = kpi.meta
    name = f"[{meta['name_en']}](kpis/{kpi.kpi_id}.md) · {meta['name_zh']}"
    said = [meta["unit"], meta["kind"], meta["direction"], _grains(meta["grains"]), listed(meta["dimensions"])]
    return [name, f"`{kpi.kpi_id}`", meta["formula_en"], *said]


def _grains(grains: list[str]) -> str:
    return "every" if grains == GRAINS else listed(grains)


def kpi_page(kpi: Kpi, lock: Lock, feeds_of: Feeds) -> str:
    """docs/kpis/<id>.md."""
    lines = [f"# {kpi.meta['name_en']} · {kpi.meta['name_zh']}", "", kpi.description, ""]
    lines += [*table(["", ""], _facts(kpi)), "", "## How to read its cells", ""]
    lines += [f"- {sentence}" for sentence in _sentences(kpi)]
    lines += ["", "## Where it comes from", "", *_origins(kpi, lock, feeds_of), "", "## Ask for it", ""]
    lines += ["In `published/ops.duckdb`:", ""]
    for query in _queries(kpi):
        lines += ["```sql", query, "```", ""]
    return "\n".join([*lines, f"Generated from `{kpi.path.name}` by `{COMMAND}`; all KPIs: [kpis.md](../kpis.md).", ""])


def _facts(kpi: Kpi) -> list[list[str]]:
    meta = kpi.meta
    facts = {
        "id": f"`{kpi.kpi_id}`",
        "formula": meta["formula_en"],
        "公式": meta["formula_zh"],
        "unit": SAID["unit"][meta["unit"]],
        "kind": meta["kind"],
        "good is": SAID["direction"][meta["direction"]],
        "role": SAID["role"][meta["role"]],
        "answers for it": meta["owner"],
        "domain": meta["domain"],
        "grains": code(meta["grains"]),
        "dimensions": code(meta["dimensions"]) or "none",
        "reach": f"{meta['reach']}: {_reach(meta['reach'])}",
        "is also": f"`{meta['decomposition']}`" if "decomposition" in meta else "",
        "always true": "<br>".join(f"`{one}`" for one in meta.get("identities", [])),
        "definition version": str(meta["definition_version"]),
    }
    return [[name, fact] for name, fact in facts.items() if fact]


def _reach(word: str) -> str:
    """What a late row changes; a window says within how many days."""
    name, _, days = word.partition(":")
    return str(SAID["reach"][name]).format(days=days.strip())


def _sentences(kpi: Kpi) -> list[str]:
    meta, kind = kpi.meta, kpi.meta["kind"]
    read = list(SAID["kind"][kind])
    if kind in ("additive", "ratio", "average"):
        read.append(SAID["is_summable"][meta.get("is_summable", True)])
    needed = " and ".join(" or ".join(f"`{one}`" for one in either.split("|")) for either in kpi.entities)
    coverage = [SAID["coverage"]["common"].format(entities=needed)]
    if "by_entity=true" in kpi.path.with_suffix(".sql").read_text(encoding="utf-8"):
        coverage.append(SAID["coverage"]["by_entity"])
    read.append(" ".join([*coverage, SAID["coverage"]["partial"]]))
    read.append(SAID["undated"]["counted" if "all" in meta["grains"] else "not_counted"])
    divided = ("additive" if kind == "additive" else "other") if meta["dimensions"] else "undivided"
    return [*read, SAID["unknown"][divided]]


def _origins(kpi: Kpi, lock: Lock, feeds_of: Feeds) -> list[str]:
    """Entities with what delivers them, and the models in between."""
    lineage = [name for name in lock.lineage(kpi.kpi_id) if name != f"kpi_{kpi.kpi_id}"]
    read = [name.removeprefix("stg_").replace("__", ".") for name in lineage if name.startswith("stg_")]
    needed = {one for either in kpi.entities for one in either.split("|")}
    rows = [
        [f"[`{entity}`](../entities.md#{anchor(entity)})", "yes" if entity in needed else "", _fed(feeds_of, entity)]
        for entity in sorted(read, key=lambda entity: (entity not in needed, entity))
    ]
    sql = kpi.path.with_suffix(".sql")
    place = f"../../dbt_project/models/marts/kpis/{sql.name}"
    between = code([name for name in lineage if not name.startswith("stg_")])
    lines = [*table(["entity", "needed", "shipped connectors and their exports"], rows), ""]
    return [*lines, f"SQL: [{sql.name}]({place})" + (f", by way of {between}." if between else ".")]


def _fed(feeds_of: Feeds, entity: str) -> str:
    by_connector = groupby(feeds_of.get(entity, []), lambda one: one[0])
    told = [
        f"[{name}](../connectors/{name}.md) ({listed([one[1] for one in exports])})" for name, exports in by_connector
    ]
    return ", ".join(told) or "[a connector of your own](../connectors/write_your_own.md)"


def _queries(kpi: Kpi) -> list[str]:
    """The total of a month where there are months, and its members in the first dimension."""
    meta, said = kpi.meta, SAID["queries"]
    grain = "month" if "month" in meta["grains"] else meta["grains"][0]
    change = said["change"].get(meta["unit"], said["change"]["other"])
    total = said["total"].format(kpi_id=kpi.kpi_id, grain=grain, change=change)
    firsts = meta["dimensions"][:1]
    return [total, *(said["members"].format(kpi_id=kpi.kpi_id, grain=grain, dimension=one) for one in firsts)]
