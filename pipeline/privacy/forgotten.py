"""The list of people who are to be forgotten: salted hashes of their keys, and what stands in their place.

It lies beside the warehouse, not in it: a warehouse may be deleted and built again from landing, and what is in
schema ops is published, where a hash of an id that can be guessed would give it away.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.errors import UserError
from pipeline.privacy.files import write_whole

FILE = "forgotten.json"


@dataclass(frozen=True)
class Key:
    """One forgotten key. `token` is random and stands where an id may not be missing.

    `column` and `namespace` say where the key means this person; null means everywhere. `made` are hashes, by id
    column, of what mappings made of the key: once it is gone from landing, nothing else tells them.
    """

    hash: str
    token: str
    column: str | None
    namespace: str | None
    forgotten_at: str
    made: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def means(self, column: str, namespace: str) -> bool:
        return self.column in (None, column) and self.namespace in (None, namespace)


@dataclass(frozen=True)
class Forgotten:
    """The list as it stands."""

    salt: str
    keys: tuple[Key, ...] = ()

    @property
    def state(self) -> str:
        """What a landed delivery was last compared with: the newest key of the list and their number."""
        return f"{len(self.keys)}-{self.keys[-1].token}" if self.keys else ""

    def hash_sql(self, value: str) -> str:
        """SQL of the hash of a text expression; blanks around it and case do not matter."""
        return f"sha256('{self.salt}' || lower(trim({value})))"

    def hashes(self, column: str, namespace: str) -> dict[str, str]:
        """Token by hash of the keys that may stand in this column of this namespace."""
        return {key.hash: key.token for key in self.keys if key.means(column, namespace)}


def read_forgotten(data_dir: Path) -> Forgotten:
    """The list; an empty one where nobody was ever forgotten. Raises UserError for a damaged file."""
    path = data_dir / FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Forgotten(said["salt"], tuple(Key(**one) for one in said["keys"]))
    except FileNotFoundError:
        return Forgotten(secrets.token_hex(16))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "the list of forgotten people cannot be read",
            where=str(path),
            found=str(error),
            expected="the file as `ops-summary forget` wrote it",
            action="put it back from a backup: without it people who asked to be forgotten would come back",
        ) from None


def with_key(
    forgotten: Forgotten,
    connection: duckdb.DuckDBPyConnection,
    key: str,
    column: str | None,
    namespace: str | None,
    at: datetime,
) -> tuple[Forgotten, Key]:
    """The list with this key in it, and its entry; a key that is in it already keeps its token."""
    row = connection.execute(f"select {forgotten.hash_sql('?::varchar')}", [key]).fetchone()
    hashed = str(row[0]) if row else ""
    for one in forgotten.keys:
        if (one.hash, one.column, one.namespace) == (hashed, column, namespace):
            return forgotten, one
    entry = Key(hashed, f"forgotten-{secrets.token_hex(6)}", column, namespace, at.isoformat(timespec="seconds"))
    return replace(forgotten, keys=(*forgotten.keys, entry)), entry


def with_made(
    forgotten: Forgotten, connection: duckdb.DuckDBPyConnection, entry: Key, made: Mapping[str, set[str]]
) -> tuple[Forgotten, Key]:
    """The list with what mappings make of this key, and its entry; what was known of it before stays known."""
    hashed = {name: set(hashes) for name, hashes in entry.made.items()}
    for name, values in made.items():
        listed = "select unnest(?::varchar[]) as made"
        found = connection.execute(f"select {forgotten.hash_sql('made')} from ({listed})", [[*values]])
        hashed.setdefault(name, set()).update(str(row[0]) for row in found.fetchall())
    known = replace(entry, made={name: sorted(hashes) for name, hashes in sorted(hashed.items()) if hashes})
    return replace(forgotten, keys=tuple(known if one == entry else one for one in forgotten.keys)), known


def write_forgotten(forgotten: Forgotten, data_dir: Path) -> None:
    text = json.dumps(asdict(forgotten), indent=1) + "\n"
    write_whole(data_dir / FILE, text.encode(), mode=0o600)
