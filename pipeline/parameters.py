"""Puts a source's parameters into its connector: `${name}` in any text, quoted as a literal within SQL.

Within SQL `"${name}"`, in double quotes, is an identifier: the column the parameter names.

Here belongs the replacing; which texts of a connector are SQL is said by their names.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.connector import Connector
from pipeline.errors import UserError

_PLACEHOLDER = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")
# In SQL, the quotes of an identifier included
_IN_SQL = re.compile(rf'"{_PLACEHOLDER.pattern}"|{_PLACEHOLDER.pattern}')
_SQL = frozenset({"columns", "where", "deleted", "each", "equals"})


def with_parameters(connector: Connector, said: Mapping[str, str]) -> Connector:
    """The connector with every placeholder replaced; ask `parameter_mistakes` first."""
    values = {name: one.default for name, one in connector.parameters.items()} | dict(said)
    if not values:
        return connector
    data = connector.model_dump(mode="json", by_alias=True, exclude_unset=True)
    # A request has parameters of any name, `where` among them, and none of them is SQL of ours
    requests = {name: export.pop("request") for name, export in data["exports"].items() if "request" in export}
    replaced = _replaced(data, values, sql=_SQL)
    for name, request in requests.items():
        replaced["exports"][name]["request"] = _replaced(request, values, sql=frozenset())
    return Connector.model_validate(replaced)


def parameter_mistakes(connector: Connector, said: Mapping[str, str], where: str, file: str) -> Iterator[UserError]:
    """Parameters that are used and not declared, said and not declared, or needed and not said."""
    data = connector.model_dump(mode="json", by_alias=True, exclude_unset=True)
    declared = ", ".join(connector.parameters) or "none"
    for name in sorted(set(_PLACEHOLDER.findall(str(data))) - set(connector.parameters)):
        yield UserError("no such parameter", where=file, found=f"${{{name}}}", expected=f"declared: {declared}")
    for name in sorted(set(said) - set(connector.parameters)):
        yield UserError("the connector has no such parameter", where=where, found=name, expected=f"one of {declared}")
    for name, one in connector.parameters.items():
        if one.default is None and name not in said:
            yield UserError("a parameter is missing", where=where, expected=f"{name}: {one.description}")


def _replaced(data: Any, values: Mapping[str, str | None], *, sql: frozenset[str], is_sql: bool = False) -> Any:
    """The data with its placeholders replaced; `sql` are the keys below which texts are SQL."""
    if isinstance(data, dict):
        return {key: _replaced(value, values, sql=sql, is_sql=is_sql or key in sql) for key, value in data.items()}
    if isinstance(data, list):
        return [_replaced(value, values, sql=sql, is_sql=is_sql) for value in data]
    if not isinstance(data, str):
        return data
    if is_sql:
        return _IN_SQL.sub(lambda found: _in_sql(found, values), data)
    return _PLACEHOLDER.sub(lambda found: values[found[1]] or "", data)


def _in_sql(found: re.Match[str], values: Mapping[str, str | None]) -> str:
    column, literal = found[1], found[2]
    if column:
        return '"' + (values[column] or "").replace('"', '""') + '"'
    return "'" + (values[literal] or "").replace("'", "''") + "'"
