"""What the yml of a KPI says about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.model.kpi_files import KPI_FOLDER, kpi_ids

# libyaml reads in a tenth of the time
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Kpi:
    """A KPI of the project: its yml, the meta in it and what one row of its model is."""

    path: Path
    meta: dict[str, Any]
    description: str

    @property
    def kpi_id(self) -> str:
        return str(self.meta["kpi_id"])

    @property
    def entities(self) -> list[str]:
        """Entities it cannot do without; `a|b` is either."""
        return list(self.meta["entities"])


def read_kpis(project: Path) -> list[Kpi]:
    """The project's KPIs, by id."""
    return [read_kpi(project / KPI_FOLDER / f"kpi_{kpi_id}.yml") for kpi_id in kpi_ids(project, None)]


def read_kpi(path: Path) -> Kpi:
    """The one model of a KPI's yml."""
    (model,) = _LOADER(path.read_text(encoding="utf-8")).get_single_data()["models"]
    return Kpi(path, model["config"]["meta"], model["description"])
