"""A loader of its own for the sample's exports: what the connectors and contracts say, in plain SQL.

It shares no line with the pipeline, so that truth.json is checked against the files themselves.
"""

import codecs
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import yaml

EXPECTATIONS = Path(__file__).parents[3] / "expectations"
ZONE = "America/New_York"
SQL_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "money": "decimal(18, 4)",
    "boolean": "boolean",
}


def load(directory: Path, kpi_ids: list[str]) -> tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], Counter[str]]]:
    """Load every delivery; returns a database with one table per entity, and counts per (file, entity)."""
    connection = duckdb.connect()
    counts: dict[tuple[str, str], Counter[str]] = {}
    sources = yaml.safe_load((directory / "sources.yml").read_text())["sources"]
    for source in sources.values():
        connector = yaml.safe_load((directory / source["connector"]).read_text())
        for export in connector["exports"].values():
            for path in sorted((directory / source["location"]).glob(export["files"])):
                for entity, mapping in export["entities"].items():
                    name = f"{path.parent.name}/{path.name.split('.')[0]}"
                    zone = source.get("time_zone", ZONE)
                    _candidate(connection, path, export["read"], mapping["columns"], _contract(entity), zone)
                    counts[name, entity] = _settle(connection, entity, _contract(entity), mapping["columns"], kpi_ids)
    return connection, counts


def _contract(entity: str) -> dict[str, Any]:
    domain, name = entity.split(".")
    contract: dict[str, Any] = yaml.safe_load((EXPECTATIONS / domain / f"{name}.yml").read_text())
    return contract


def _candidate(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    read: dict[str, Any],
    mapping: dict[str, str],
    contract: dict[str, Any],
    zone: str,
) -> None:
    """The table candidate: typed rows, with _broken where a text would not cast."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    read_raw = _raw_records if read["format"] == "json" else _raw_cells
    read_raw(connection, content, read, path.parent.parent.parent / "plain.csv")
    nulls = ["", *read.get("null", [])]
    names = [row[0] for row in connection.execute("describe raw").fetchall()]
    cells = ", ".join(
        f'case when trim("{name}") not in ({", ".join(map(repr, nulls))}) then "{name}" end as "{name}"'
        for name in names
    )
    texts = ", ".join(f'{mapping.get(column, "null")}::varchar as "{column}"' for column in contract["columns"])
    connection.execute(f"create or replace table mapped as select {texts} from (select {cells} from raw)")
    typed = {column: _cast(column, said, read, zone) for column, said in contract["columns"].items()}
    columns = ", ".join(f"{sql} as {column}" for column, sql in typed.items())
    broken = " or ".join(f'("{column}" is not null and {sql} is null)' for column, sql in typed.items())
    connection.execute(f"create or replace table candidate as select {columns}, {broken} as _broken from mapped")
    for column, said in contract["columns"].items():
        if "business_date_of" in said and column not in mapping:
            connection.execute(f"update candidate set {column} = {_day(said['business_date_of'])}")


def _raw_cells(connection: duckdb.DuckDBPyConnection, content: bytes, read: dict[str, Any], plain: Path) -> None:
    """The table raw of a CSV file."""
    text = codecs.decode(content, read["encoding"]).removeprefix("\ufeff").replace("\r\n", "\n")
    plain.write_text(text, encoding="utf-8", newline="")
    connection.execute(
        "create or replace table raw as"
        " select * from read_csv(?, all_varchar = true, header = true, delim = ?, quote = '\"')",
        [str(plain), read["delimiter"]],
    )
    plain.unlink()


def _raw_records(connection: duckdb.DuckDBPyConnection, content: bytes, read: dict[str, Any], plain: Path) -> None:
    """The table raw of JSON records, one a line: a text as it is, anything else as JSON writes it."""
    records = [json.loads(line) for line in content.decode().splitlines()]
    names = list(records[0])
    connection.execute(f"create or replace table raw ({', '.join(f'{name} varchar' for name in names)})")
    rows = [[_json_cell(record[name]) for name in names] for record in records]
    connection.executemany(f"insert into raw values ({', '.join('?' * len(names))})", rows)


def _json_cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _cast(column: str, said: dict[str, Any], read: dict[str, Any], zone: str) -> str:
    value = f'"{column}"'
    match said["type"]:
        case "date":
            return f"coalesce(try_cast({value} as date), {_formats(value, read.get('dates', []))}::date)"
        case "timestamp":
            with_offset = f"case when regexp_matches({value}, '(Z|[+-][0-9][0-9]:00)$') then {value} end"
            offset = f"timezone('UTC', try_cast({with_offset} as timestamptz))"
            local = f"coalesce(try_cast({value} as timestamp), {_formats(value, read.get('timestamps', []))})"
            return f"coalesce({offset}, timezone('UTC', timezone('{zone}', {local})))"
        case "number" | "money" | "integer":
            plain = f"replace({value}, '{read.get('thousands', '')}', '')" if "thousands" in read else value
            plain = f"replace({plain}, ',', '.')" if read.get("decimal") == "," else plain
            return f"try_cast({plain} as {SQL_TYPES[said['type']]})"
        case kind:
            return f"try_cast({value} as {SQL_TYPES[kind]})"


def _formats(value: str, formats: list[str]) -> str:
    return f"try_strptime({value}, {formats})" if formats else "null"


def _settle(
    connection: duckdb.DuckDBPyConnection,
    entity: str,
    contract: dict[str, Any],
    mapping: dict[str, str],
    kpi_ids: list[str],
) -> Counter[str]:
    """Correct, judge and merge the candidate into the entity's table; returns what became of its rows."""
    for kind in ("case", "replace", "scale", "swap", "clear", "derive", "fill"):
        for one in contract.get("corrections", []):
            if kind in one:
                changes, condition = _correction(kind, one, contract["columns"])
                connection.execute(f"update candidate set {changes} where {condition}")
    missing = " or ".join(f"{column} is null" for column, said in contract["columns"].items() if said.get("required"))
    connection.execute("alter table candidate add column outcome varchar default 'clean'")
    connection.execute(f"update candidate set outcome = 'quarantined' where _broken or {missing}")
    for rule in contract.get("expectations", []):
        if rule["severity"] == "critical":
            connection.execute(
                f"update candidate set outcome = 'quarantined' where outcome = 'clean' and {_failing(rule, kpi_ids)}"
            )
    version = contract["version"] if contract.get("version") in mapping else None
    return _merge(connection, entity.replace(".", "__"), list(contract["columns"]), contract["key"], version)


def _correction(kind: str, one: dict[str, Any], columns: dict[str, Any]) -> tuple[str, str]:
    """What a declared correction sets, and where."""
    column = one["column"]
    match kind:
        case "case":
            return f"{column} = {one['case']}({column})", "true"
        case "replace":
            pairs = " ".join(f"when '{wrong}' then '{right}'" for wrong, right in one["replace"].items())
            return f"{column} = case {column} {pairs} else {column} end", "true"
        case "scale":
            return f"{column} = {column} * {one['scale']}", one["when"]
        case "swap":
            pair = {column: one["swap"], one["swap"]: column}
            days = {name: said.get("business_date_of") for name, said in columns.items()}
            pair |= {name: _day(pair[of]) for name, of in days.items() if of in pair}
            return ", ".join(f"{name} = {value}" for name, value in pair.items()), one["when"]
        case "clear":
            return f"{column} = null", one["clear"]
        case _:
            return f"{column} = {one.get('derive') or repr(one['fill'])}", f"{column} is null"


def _day(moment: str) -> str:
    return f"timezone('{ZONE}', timezone('UTC', {moment}))::date"


def _failing(rule: dict[str, Any], kpi_ids: list[str]) -> str:
    """SQL of the rows that fail a rule of severity critical."""
    expectation, said = next(iter(rule.items()))
    column = said.get("column")
    match expectation:
        case "expect_column_values_to_be_in_set":
            allowed = kpi_ids if isinstance(said["value_set"], dict) else said["value_set"]
            return f"{column} not in ({', '.join(map(repr, allowed))})"
        case "expect_column_values_to_be_between":
            below = "<=" if said.get("strict_min") else "<"
            return f"({column} {below} {said['min_value']} or {column} > {said.get('max_value', 'null')})"
        case "expect_column_value_lengths_to_equal":
            return f"length({column}) <> {said['value']}"
        case "expect_column_values_to_match_regex":
            return f"not regexp_matches({column}, '{said['regex']}')"
        case "unexpected_rows_expectation":
            return "(" + said["unexpected_rows_query"].split(" where ")[1] + ")"
    raise AssertionError(f"a rule this loader does not know: {expectation}")


def _merge(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], keys: list[str], version: str | None
) -> Counter[str]:
    key, all_columns = ", ".join(keys), ", ".join(columns)
    connection.execute(f"""
        create or replace table judged as
        with copies as (
            select *, row_number() over (partition by {all_columns}, outcome) as copy from candidate
        ), ranked as (
            select *, dense_rank() over (
                partition by {key}, outcome, copy order by {version or "1"} desc) as version_rank
            from copies
        ), rivals as (
            select *, count(*) over (partition by {key}, outcome, copy, version_rank) as rivals from ranked
        )
        select {all_columns}, case when outcome = 'quarantined' then outcome when copy > 1 then 'duplicate'
            when version_rank > 1 then 'superseded' when rivals > 1 then 'quarantined' else 'clean' end as outcome
        from rivals
    """)
    connection.execute(f"create table if not exists {table} as select {all_columns} from judged where false")
    counts = Counter(dict(connection.execute("select outcome, count(*) from judged group by all").fetchall()))
    same = " and ".join(f"t.{column} = j.{column}" for column in keys)
    replaced = connection.execute(
        f"delete from {table} as t using judged as j where {same} and j.outcome = 'clean'"
    ).fetchall()[0][0]
    connection.execute(f"insert into {table} select {all_columns} from judged where outcome = 'clean'")
    return counts + Counter({"replaced": replaced, "read": counts.total()})
