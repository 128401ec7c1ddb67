"""What landing knows of one delivery: its identity, and load.json beside its rows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pipeline.connector import Read
from pipeline.errors import UserError
from pipeline.extract.files import natural_order

LOAD_FILE = "load.json"


@dataclass(frozen=True)
class SchemaChange:
    """One way in which a delivery's columns differ from those of the delivery before; `detail` says it in words."""

    load_id: str
    file: str
    kind: Literal["new", "missing", "renamed", "retyped"]
    column: str
    detail: str


@dataclass(frozen=True)
class Delivery:
    """One landed file. `file` is its path within the location when it landed; `bytes` and `sha256` are as delivered.

    `rows` are in rows.parquet, `rejected` in rejects.parquet; together they are the file's data rows.
    `modified_at` is in UTC without time zone. `state` is what its finder knew of it; `dropped` are the columns that
    were told not to land; `not_rows` are lines among the rows that the connector says are no data.
    """

    source: str
    export: str
    load_id: str
    file: str
    sha256: str
    bytes: int
    rows: int
    rejected: int
    modified_at: datetime
    columns: tuple[str, ...]
    folder: Path
    state: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    not_rows: int = 0


_FACTS = [one.name for one in fields(Delivery) if one.name != "folder"]


def load_id_of(sha256: str, read: Read) -> str:
    """Identity of a delivery: the content and how it is to be read, whatever the file is called."""
    said = read.model_dump(mode="json", exclude_defaults=True)
    if said.get("format") == "csv":
        del said["format"]
    options = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{sha256}{options}".encode()).hexdigest()[:16]


def landed(landing: Path, source: str, name: str) -> list[Delivery]:
    """Every delivery of an export ever landed, oldest landing first; raises UserError for a damaged folder."""
    home = landing / source / name
    folders = [path for path in home.iterdir() if not path.name.startswith(".")] if home.is_dir() else []
    loads = [_read(folder) for folder in folders]
    return [delivery for _, delivery in sorted(loads, key=lambda load: (load[0], natural_order(load[1].file)))]


def profile_of(delivery: Delivery) -> dict[str, dict[str, int]]:
    """What the cells of a landed delivery look like, by column; empty where that was not yet looked at."""
    profile: dict[str, dict[str, int]] = json.loads((delivery.folder / LOAD_FILE).read_text("utf-8")).get("profile", {})
    return profile


def renamed_in(delivery: Delivery) -> dict[str, str]:
    """Names the columns of a landed delivery had in its file, each with the name read.rename gave it."""
    facts = json.loads((delivery.folder / LOAD_FILE).read_text("utf-8"))
    renamed: dict[str, str] = facts.get("read", {}).get("renamed", {})
    return renamed


def changes_of(delivery: Delivery) -> list[SchemaChange]:
    """How the columns of a landed delivery differed from those of the one before, as was seen when it landed."""
    facts = json.loads((delivery.folder / LOAD_FILE).read_text("utf-8"))
    return [SchemaChange(**one) for one in facts.get("changes", [])]


def write_load_file(delivery: Delivery, folder: Path, landed_at: datetime, facts_of_reading: dict[str, Any]) -> None:
    """load.json in `folder`, keys sorted: the delivery, and what else reading it has shown."""
    facts = (
        facts_of_reading
        | asdict(delivery)
        | {
            "modified_at": delivery.modified_at.isoformat(),
            "landed_at": landed_at.isoformat(),
        }
    )
    del facts["folder"]
    (folder / LOAD_FILE).write_text(json.dumps(facts, sort_keys=True, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _read(folder: Path) -> tuple[datetime, Delivery]:
    """When a delivery landed, and the delivery."""
    try:
        facts = json.loads((folder / LOAD_FILE).read_text("utf-8"))
        landed_at = datetime.fromisoformat(facts.pop("landed_at"))
        known = {name: facts[name] for name in _FACTS if name in facts}
        known |= {name: tuple(facts.get(name, ())) for name in ("columns", "dropped")}
        known["modified_at"] = datetime.fromisoformat(facts["modified_at"])
        return landed_at, Delivery(**known, folder=folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "a landed delivery is damaged",
            where=str(folder / LOAD_FILE),
            found=str(error),
            expected="the facts of one delivery",
            action=f"delete {folder}; it lands anew while its file is in the location",
        ) from None
