"""Great Expectations as SQL on the warehouse's own connection; the one module that imports it.

Here belong its dialect, its context and the translation of its results; what the rules are is in catalog.py.
Everything is imported inside functions: importing Great Expectations takes seconds and few runs need it.
"""

import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

import duckdb

from pipeline.validate.engine import QUERY, ROW_ID, SCHEMA, Call, Outcome, Shown

DRIVER = "ops_summary"
# partial_unexpected_count 0: not even BASIC may carry values of rows out of the database
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
COLUMNS = """
select column_name, data_type from duckdb_columns()
where table_name = $1 and schema_name = $2 and database_name = current_database() order by column_index
"""
BAD_ROWS = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": 0,
    "unexpected_index_column_names": [ROW_ID],
    "return_unexpected_index_query": True,
}
_ONE_AT_A_TIME = threading.Lock()
_borrowed: list[duckdb.DuckDBPyConnection] = []


class Batch:
    """A committed table of schema candidate, ready to be validated."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def count(self, calls: Sequence[Call]) -> dict[str, Outcome]:
        """All calls at once, bundled into as few scans as possible; counts only."""
        return self._validate(calls, COUNTS_ONLY)

    def bad_rows(self, calls: Sequence[Call]) -> dict[str, Outcome]:
        """Failed row rules again, with the queries that select their rows."""
        return self._validate(calls, BAD_ROWS)

    def _validate(self, calls: Sequence[Call], result_format: dict[str, Any]) -> dict[str, Outcome]:
        from great_expectations import ExpectationSuite

        outcomes, readable = {}, []
        for call in calls:
            try:
                readable.append(_expectation(call))
            except Exception as error:  # its validators raise many types
                outcomes[call.rule] = Outcome(False, 0, None, None, _one_line(error))
        suite = ExpectationSuite(name="suite", expectations=readable)
        results = self._batch.validate(suite, result_format=result_format).results
        return outcomes | {result.expectation_config.meta["rule"]: _outcome(result) for result in results}


@contextmanager
def open_batch(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[Batch]:
    """Great Expectations' view of candidate.<table>, read through cursors of the connection."""
    with _ONE_AT_A_TIME:
        _borrowed[:] = [connection]
        try:
            sources = _context().data_sources
            # A source of its own for each batch: it remembers the columns of every table it has seen
            source = sources.add_sql(DRIVER, connection_string=f"duckdb+{DRIVER}://", create_temp_table=False)
            try:
                yield Batch(_whole_table(source, table))
            finally:
                sources.delete(DRIVER)
        finally:
            _borrowed.clear()


def render_results(suite: str, batch: str, validated_at: datetime, rules: Sequence[Shown]) -> str:
    """The inside of a Data Docs page as HTML that loads nothing from the network. validated_at is in UTC."""
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    _context()
    good = sum(rule.is_success for rule in rules)
    result = ExpectationSuiteValidationResult(
        success=good == len(rules),
        results=[_shown_result(rule) for rule in rules],
        suite_name=suite,
        statistics={
            "evaluated_expectations": len(rules),
            "successful_expectations": good,
            "unsuccessful_expectations": len(rules) - good,
            "success_percent": 100 * good / len(rules) if rules else None,
        },
        meta={"run_id": {"run_name": batch, "run_time": f"{validated_at:%Y-%m-%dT%H:%M:%S}+00:00"}},
    )
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    html: str = _page_template().render(document.to_json_dict())
    # Its header links the page of the suite's definition, which is the contract itself here
    return re.sub(r'<a href="\.\./[^"]*"\s*>(.*?)</a>', r"\1", html)


def _shown_result(shown: Shown) -> Any:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationValidationResult(
        success=shown.is_success,
        expectation_config=ExpectationConfiguration(type=shown.expectation, kwargs=dict(shown.arguments), meta={}),
        result=dict(shown.counts),
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


@cache
def _page_template() -> Any:
    """Its own sections without its page, which loads fifteen files from the network and counts its readers."""
    from great_expectations.render.view import DefaultJinjaPageView

    sections = "{% for section in sections %}{% set section_loop = loop %}{% include 'section.j2' %}{% endfor %}"
    return DefaultJinjaPageView().env.from_string(sections)


def _expectation(call: Call) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    arguments = {name: _as_template(value) if name == QUERY else value for name, value in call.arguments.items()}
    return get_expectation_impl(call.expectation)(**arguments, meta={"rule": call.rule})


def _as_template(query: str) -> str:
    """SQL that comes out of its templating unchanged: braces doubled, colons no bind parameters.

    {batch} stands in a comment because queries without it are complained of on standard output.
    """
    text = re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", query.replace("{", "{{").replace("}", "}}"))
    return f"{text}\n/* {{batch}} */"


def _outcome(result: Any) -> Outcome:
    configuration, found = result.expectation_config, result.result
    if QUERY in configuration.kwargs:
        found = {"unexpected_count": found.get("observed_value", 0)}
    return Outcome(
        is_success=bool(result.success),
        rows_unexpected=int(found.get("unexpected_count") or 0),
        observed=found.get("observed_value"),
        bad_rows_query=_bad_rows_query(found.get("unexpected_index_query"), configuration.kwargs),
        error=_raised(result.exception_info or {}),
    )


def _bad_rows_query(query: str | None, arguments: Mapping[str, Any]) -> str | None:
    """Its query leaves out what its count leaves out: rows in which all columns of a rule about several are null."""
    if query is None:
        return None
    names = arguments.get("column_list") or [arguments[name] for name in ("column_A", "column_B") if name in arguments]
    some = " or ".join(f'"{name}" is not null' for name in names)
    return f"select {ROW_ID} from ({query.rstrip(';')}) as bad_rows" + (f" where {some}" if some else "")


def _raised(info: Mapping[str, Any]) -> str | None:
    """The first exception's message; the information comes flat or once per metric."""
    entries = [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, dict)]
    messages = [_one_line(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")]
    return messages[0] if messages else None


def _one_line(message: object) -> str:
    """Without the statement that SQLAlchemy adds, and its advice to read the web."""
    return " ".join(str(message).split("\n[SQL:")[0].split())


def _whole_table(source: Any, table: str) -> Any:
    # It picks its SQL for patterns by this module; without it they are not supported at all
    source.get_execution_engine().dialect_module = _dialect_module()
    with warnings.catch_warnings():
        # The advised substitute exists for some vendors' data sources only
        warnings.simplefilter("ignore", DeprecationWarning)
        asset = source.add_table_asset("batch", table_name=table, schema_name=SCHEMA)
    return asset.add_batch_definition_whole_table("all").get_batch()


@cache
def _context() -> Any:
    """One context per process, in memory: no files, no usage statistics, no progress bars."""
    import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # Errors come back with the results; it would log their tracebacks too
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    _dialect_module()
    context = great_expectations.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )
    # Four times a batch it would write its configuration as YAML into a store in memory that nobody reads
    context._save_project_config = lambda: None
    return context


@cache
def _dialect_module() -> ModuleType:
    """A module holding our dialect, registered with SQLAlchemy as duckdb.<DRIVER>."""
    from sqlalchemy.dialects import registry

    module = ModuleType(f"{DRIVER}_dialect")
    module.dialect = _dialect()  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    registry.register(f"duckdb.{DRIVER}", module.__name__, "dialect")
    return module


def _dialect() -> type[Any]:
    """duckdb-engine's dialect on a borrowed connection, with results read before it can be closed."""
    import duckdb_engine
    import sqlalchemy as sa
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
    from sqlalchemy.pool import NullPool

    class Execution(duckdb_engine.Dialect.execution_ctx_cls):
        def post_exec(self) -> None:
            """Great Expectations closes the connection before it fetches, and DuckDB then drops the result."""
            super().post_exec()
            if description := self.cursor.description:
                rows = self.cursor.fetchall()
                self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, description, rows)

    class Dialect(duckdb_engine.Dialect):
        execution_ctx_cls = Execution
        statement_compiler = _compiler(duckdb_engine.Dialect.statement_compiler)
        supports_statement_cache = False
        types = {"BIGINT": sa.BigInteger, "DOUBLE": sa.Double, "DECIMAL": sa.Numeric, "VARCHAR": sa.String}
        types |= {"BOOLEAN": sa.Boolean, "DATE": sa.Date, "TIMESTAMP": sa.DateTime}
        # DuckDB's literals know no escapes: a doubled backslash would be two
        _backslash_escapes = False

        @classmethod
        def get_pool_class(cls, url: Any) -> Any:
            return NullPool

        def connect(self, *arguments: Any, **options: Any) -> Any:
            return duckdb_engine.ConnectionWrapper(_borrowed[0].cursor())

        def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
            """The inherited way takes a fifth of a second and mixes up tables of one name in two schemas."""
            rows = connection.exec_driver_sql(COLUMNS, (table_name, schema)).fetchall()
            kinds = [self.types.get(kind.split("(")[0], sa.types.NullType) for _, kind in rows]
            return [
                {"name": name, "type": kind(), "nullable": True, "default": None}
                for (name, _), kind in zip(rows, kinds, strict=True)
            ]

        def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
            return {"constrained_columns": [], "name": None}

    return Dialect


def _compiler(base: Any) -> type[Any]:
    """Renders what Great Expectations shows as text with its values in it, and patterns alike on every DuckDB."""

    class Compiler(base):
        def __init__(self, *arguments: Any, compile_kwargs: Mapping[str, Any] | None = None, **options: Any) -> None:
            """Text is asked for by render_postcompile; its own way of filling in $1 is wrong for some numbers."""
            as_text = {"literal_binds": True} if (compile_kwargs or {}).get("render_postcompile") else {}
            super().__init__(*arguments, compile_kwargs={**(compile_kwargs or {}), **as_text}, **options)

        def visit_custom_op_binary(self, element: Any, operator: Any, **options: Any) -> str:
            """`~` matches the whole text in DuckDB 1 and any part of it in DuckDB 2; this is any part in both."""
            if operator.opstring not in ("~", "!~"):
                return str(super().visit_custom_op_binary(element, operator, **options))
            text, pattern = (self.process(side, **options) for side in (element.left, element.right))
            return f"{'not ' if operator.opstring == '!~' else ''}regexp_matches({text}, {pattern})"

    return Compiler
