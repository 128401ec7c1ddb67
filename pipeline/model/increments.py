"""Whether a build may follow the days that changed, or has to make all tables anew; and what it leaves for the next.

Here belongs the decision, made of ops tables alone; how a model follows its entities' days is said in dbt_project/.
"""

import hashlib
import json

import duckdb

from pipeline.model.parsed import Parsed
from pipeline.model.results import BuildResult

# Beyond this share of an entity's days it is quicker to make everything anew: a whole table is written two to three
# times as fast as its days are exchanged
_MOST = 0.5


def must_rebuild(parsed: Parsed, cursor: duckdb.DuckDBPyConnection) -> bool:
    """True where the models or the configuration are not those of the newest complete build, or most days changed."""
    made_from = {str(row[0]) for row in cursor.execute("select distinct made_from from ops.built_coverage").fetchall()}
    if made_from != {_made_from(parsed, cursor)}:
        return True
    entities = sorted({entity for one in _incremental(parsed).values() for entity in one})
    changed = cursor.execute(
        """select 1 from (
            select entity, count(distinct day) as days from ops.changed_days
            where is_pending and list_contains(?, entity) group by entity
        ) as changed inner join ops.built_coverage as built using (entity)
        where days > ? * (date_diff('day', covered_from, covered_to) + 1)""",
        [entities, _MOST],
    ).fetchone()
    return changed is not None


def settle(parsed: Parsed, cursor: duckdb.DuckDBPyConnection, result: BuildResult) -> None:
    """Call the changed days taken in, and keep what the next build compares with.

    Not before every model that follows them was built; nor while a test is red that must not be: it may look at rows
    of changed days alone, and would be green the next time.
    """
    built = {model.unique_id for model in result.models if model.status == "success"}
    is_red = any(check.severity == "error" and not check.is_passed for check in result.checks)
    if is_red or not built.issuperset(_incremental(parsed)):
        return
    cursor.execute("update ops.changed_days set is_pending = false where is_pending")
    # One row per user and delivery: kept, they would soon outnumber the users
    cursor.execute("delete from ops.changed_keys")
    cursor.execute("delete from ops.built_coverage")
    cursor.execute(
        "insert into ops.built_coverage select entity, covered_from, covered_to, ? from intermediate.int_entity_coverage",
        [_made_from(parsed, cursor)],
    )


def _incremental(parsed: Parsed) -> dict[str, list[str]]:
    """Entities by the unique id of each model that follows their changed days."""
    nodes = json.loads(parsed.manifest_json.read_bytes())["nodes"]
    return {
        unique_id: node["config"]["meta"]["entities"]
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    }


def _made_from(parsed: Parsed, cursor: duckdb.DuckDBPyConnection) -> str:
    """Hash of the project (the folder's name is one) and of what sources.yml says about the company, but for the day."""
    company = cursor.execute("select * exclude (name, as_of, settling_days) from ops.company").fetchall()
    return hashlib.sha256(f"{parsed.folder.name} {company}".encode()).hexdigest()[:16]
