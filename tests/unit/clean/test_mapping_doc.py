"""docs/mapping.md is true: every expression in it gives what it says, every connector in it can be read."""

import re
import textwrap
from pathlib import Path

import duckdb
import pytest
import yaml

from pipeline.clean.mapping import check_columns, columns_read, expression_mistakes
from pipeline.connector import Connector
from pipeline.contracts import Contracts
from pipeline.parameters import with_parameters
from pipeline.settings import REPOSITORY
from pipeline.warehouse import memory_database
from pipeline.yaml_files import read_model
from tests.deliveries import make_feed

TEXT = (REPOSITORY / "docs" / "mapping.md").read_text(encoding="utf-8")
EXAMPLES = [
    tuple(part.strip() for part in line.rsplit("-- ", 1))
    for block in re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
CONNECTORS = [yaml.safe_load(block) for block in BLOCKS]
SAID = {"survey": "checkout", "answer": "How likely?"}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return memory_database()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 30
    assert len(CONNECTORS) == 5


@pytest.mark.parametrize(("sql", "expected"), EXAMPLES)
def test_an_expression_gives_what_the_page_says(connection: duckdb.DuckDBPyConnection, sql: str, expected: str) -> None:
    row = connection.execute(f"select coalesce(cast(({sql}) as varchar), 'NULL')").fetchone()
    assert row == (expected,)
    assert expression_mistakes(connection, make_feed("finance.orders", {"order_id": sql})) == []


@pytest.mark.parametrize("said", CONNECTORS)
def test_a_connector_of_the_page_fits_its_entity(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, said: dict[str, object]
) -> None:
    parameters = {name: {"description": "Told by a source."} for name in SAID}
    connector = Connector.model_validate({"parameters": parameters, "exports": {"export": said}})
    for entity, mapping in with_parameters(connector, SAID).exports["export"].entities.items():
        assert set(mapping.columns) <= set(contracts[entity].columns)
        feed = make_feed(entity, mapping.columns, each=mapping.each, where=mapping.where, distinct=mapping.distinct)
        assert expression_mistakes(connection, feed) == []
        columns = {name for sql in mapping.expressions.values() for name in columns_read(connection, sql)} - {"each"}
        check_columns(connection, "", tuple(sorted(columns)), feed, "file")


def test_what_the_page_writes_once_stands_in_a_second_export(tmp_path: Path) -> None:
    (first,) = [block for block in BLOCKS if "&german" in block]
    read, columns = re.findall(r"`((?:read|columns): \{<<: [^`]+)`", TEXT)
    second = f"files: later*.csv\n{read}\nentities:\n  finance.refunds:\n    {columns}\n"
    exports = f"first:\n{textwrap.indent(first, '  ')}second:\n{textwrap.indent(second, '  ')}"
    (tmp_path / "shop.yml").write_text(f"exports:\n{textwrap.indent(exports, '  ')}", encoding="utf-8")
    one, two = read_model(tmp_path / "shop.yml", Connector).exports.values()
    assert two.read == one.read.model_copy(update={"skip": 2})
    columns_of_one = one.entities["finance.refunds"].columns
    assert two.entities["finance.refunds"].columns == columns_of_one | {"amount": "net"}
