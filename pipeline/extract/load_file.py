"""What landing knows of one delivery: its identity, and load.json beside its rows."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.connector import Read
from pipeline.errors import UserError
from pipeline.extract.files import natural_order

LOAD_FILE = "load.json"


@dataclass(frozen=True)
class Delivery:
    """One landed file. `file` is its path within the location when it landed; `bytes` and `sha256` are as delivered.

    `rows` are in rows.parquet, `rejected` in rejects.parquet; together they are the file's data rows.
    `modified_at` is in UTC without time zone.
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


def load_id_of(sha256: str, read: Read) -> str:
    """Identity of a delivery: the content and how it is to be read, whatever the file is called."""
    options = json.dumps(read.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{sha256}{options}".encode()).hexdigest()[:16]


def landed(landing: Path, source: str, name: str) -> list[Delivery]:
    """Every delivery of an export ever landed, oldest landing first; raises UserError for a damaged folder."""
    home = landing / source / name
    folders = [path for path in home.iterdir() if not path.name.startswith(".")] if home.is_dir() else []
    loads = [_read(folder) for folder in folders]
    return [delivery for _, delivery in sorted(loads, key=lambda load: (load[0], natural_order(load[1].file)))]


def write_load_file(delivery: Delivery, folder: Path, landed_at: datetime, read: dict[str, Any]) -> None:
    """load.json in `folder`, keys sorted; `read` is what was used, said or detected."""
    facts = asdict(delivery) | {
        "modified_at": delivery.modified_at.isoformat(),
        "landed_at": landed_at.isoformat(),
        "read": read,
    }
    del facts["folder"]
    (folder / LOAD_FILE).write_text(json.dumps(facts, sort_keys=True, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _read(folder: Path) -> tuple[datetime, Delivery]:
    """When a delivery landed, and the delivery."""
    try:
        facts = json.loads((folder / LOAD_FILE).read_text("utf-8"))
        landed_at = datetime.fromisoformat(facts.pop("landed_at"))
        del facts["read"]
        facts |= {"modified_at": datetime.fromisoformat(facts["modified_at"]), "columns": tuple(facts["columns"])}
        return landed_at, Delivery(**facts, folder=folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "a landed delivery is damaged",
            where=str(folder / LOAD_FILE),
            found=str(error),
            expected="the facts of one delivery",
            action=f"delete {folder}; it lands anew while its file is in the location",
        ) from None
