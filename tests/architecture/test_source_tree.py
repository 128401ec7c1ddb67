"""The tests of the architecture see what they are to see: a breach of every law, planted and found."""

from pathlib import Path

import pytest

from tests.architecture.source_tree import Module, says

BREACHES = '''
"""A docstring may speak of orders."""
import great_expectations as gx
from pipeline.clean import load as other
from datetime import datetime


def first_order_line(path: str) -> str:
    """May speak of channels too."""
    import duckdb

    connection = duckdb.connect(path)
    started = datetime.now()
    return f"select paid_search, {started} from sessionsOfToday"
'''


@pytest.fixture
def module(tmp_path: Path) -> Module:
    path = tmp_path / "breaches.py"
    path.write_text(BREACHES.lstrip())
    return Module(path)


def test_imports_are_found_wherever_they_stand(module: Module) -> None:
    assert module.imports() >= {"great_expectations", "pipeline.clean", "pipeline.clean.load", "duckdb"}


def test_calls_are_found(module: Module) -> None:
    assert module.calls() >= {"duckdb.connect", "datetime.now"}


def test_a_functions_length_leaves_its_docstring_out(module: Module) -> None:
    assert list(module.functions()) == [("first_order_line", 6)]


@pytest.mark.parametrize(
    ("word", "is_said"),
    [("order_line", True), ("sessions", True), ("paid_search", True), ("orders", False), ("channels", False)],
)
def test_words_are_found_in_names_and_texts_but_not_in_docstrings(module: Module, word: str, is_said: bool) -> None:
    assert any(says(parts, word) for _, parts in module.words()) is is_said
