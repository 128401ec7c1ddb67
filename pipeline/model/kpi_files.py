"""Which KPIs there are, read from file names: kpi_<id>.sql with its kpi_<id>.yml beside it."""

import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import ConfigurationError, UserError

KPI_FOLDER = Path("models/marts/kpis")
# Tables over all KPIs, which stand in the same folder and are no KPI themselves
TABLES_OVER_ALL = frozenset({"values", "scorecard", "catalog"})
_KPI_STEM = re.compile(r"^kpi_([a-z][a-z0-9_]*)$")


def kpi_ids(project: Path, user_folder: Path | None) -> list[str]:
    """Ids of the project's and the user's KPIs, sorted.

    Raises ConfigurationError with every half pair, every id in both folders and every other model in the user's.
    """
    shipped = _by_stem(_models((project / KPI_FOLDER).rglob("kpi_*")))
    own = _by_stem(user_files(user_folder))
    paths = [*shipped.values(), *own.values()]
    mistakes = [mistake for path in paths for mistake in _half_pair(path)]
    mistakes += [_not_a_kpi(path) for path in own.values() if not _is_kpi(path.stem)]
    mistakes += [_in_both(own[stem]) for stem in sorted(own.keys() & shipped.keys())]
    if mistakes:
        raise ConfigurationError(mistakes)
    return sorted(stem.removeprefix("kpi_") for stem in {*shipped, *own} if _is_kpi(stem))


def user_files(user_folder: Path | None) -> list[Path]:
    """The files of the user's KPIs, sorted; other files in the folder (a README, say) are none of the model's."""
    return _models(user_folder.iterdir()) if user_folder else []


def _models(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.suffix in (".sql", ".yml", ".yaml") and path.is_file())


def _by_stem(paths: list[Path]) -> dict[str, Path]:
    """One file per model: its .sql where it has one."""
    return {path.stem: path for path in reversed(paths)}


def _is_kpi(stem: str) -> bool:
    match = _KPI_STEM.match(stem)
    return match is not None and match[1] not in TABLES_OVER_ALL


def _half_pair(path: Path) -> list[UserError]:
    partner = path.with_suffix(".yml" if path.suffix == ".sql" else ".sql")
    if partner.is_file() or not path.stem.startswith("kpi_"):
        return []
    return [UserError("half of a KPI is missing", where=str(path), expected=f"{partner.name} beside it")]


def _not_a_kpi(path: Path) -> UserError:
    taken = ", ".join(f"kpi_{name}" for name in sorted(TABLES_OVER_ALL))
    return UserError(
        "this is no KPI's file",
        where=str(path),
        found=path.name,
        expected=f"kpi_<id>.sql and kpi_<id>.yml, the id in lower case, digits and underscores; not {taken}",
        action="rename it, or move it out of the folder of KPIs",
    )


def _in_both(path: Path) -> UserError:
    return UserError(
        "this KPI exists already",
        where=str(path),
        expected="an id that the project does not use",
        action=f"give it another id than {path.stem.removeprefix('kpi_')}",
    )
