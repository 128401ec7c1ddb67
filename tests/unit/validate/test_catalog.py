"""The static table of expectations is what Great Expectations itself offers."""

from typing import Any

import pytest

from pipeline.validate.catalog import EXPECTATIONS, REFUSED, REFUSED_ARGUMENTS

# Fields of every expectation that say how it is run or shown, not what it demands
OF_ALL = {"library_metadata"}


@pytest.fixture(scope="module")
def offered() -> dict[str, Any]:
    """Every expectation Great Expectations registers, by name."""
    import great_expectations.expectations  # noqa: F401  # registers them
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    return {name: get_expectation_impl(name) for name in list_registered_expectation_implementations()}


def arguments(expectation: Any) -> dict[str, bool]:
    """Argument → is it required?"""
    from great_expectations.expectations.expectation import BatchExpectation

    own = set(expectation.__fields__) - set(BatchExpectation.__fields__) - OF_ALL
    return {name: bool(expectation.__fields__[name].required) for name in own}


def test_every_expectation_is_either_allowed_or_refused(offered: dict[str, Any]) -> None:
    assert set(EXPECTATIONS) | set(REFUSED) == set(offered)
    assert not set(EXPECTATIONS) & set(REFUSED)


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_arguments_are_theirs(name: str, offered: dict[str, Any]) -> None:
    theirs = arguments(offered[name])
    refused = set(REFUSED_ARGUMENTS) & set(theirs)
    assert set(EXPECTATIONS[name].arguments) == set(theirs) - refused
    assert {one for one, is_required in theirs.items() if is_required} <= set(EXPECTATIONS[name].required)


def test_only_a_missing_pattern_is_stricter_than_theirs(offered: dict[str, Any]) -> None:
    stricter = {
        name: set(ours.required) - {one for one, required in arguments(offered[name]).items() if required}
        for name, ours in EXPECTATIONS.items()
    }
    assert {name: more for name, more in stricter.items() if more} == {
        "expect_column_values_to_match_regex": {"regex"}  # theirs matches everything by default
    }


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_row_rules_are_those_that_judge_rows(name: str, offered: dict[str, Any]) -> None:
    from great_expectations.expectations import UnexpectedRowsExpectation
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )

    maps = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation, UnexpectedRowsExpectation)
    assert EXPECTATIONS[name].is_row_rule == issubclass(offered[name], maps)
