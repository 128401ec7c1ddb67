"""What is asked of the engine that runs the rules, and what it answers.

Here belong the few types gx.py shares with the rest, so that another engine could take its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = "candidate"
ROW_ID = "_row_id"
QUERY = "unexpected_rows_query"


@dataclass(frozen=True)
class Call:
    """One expectation as Great Expectations is to run it. `rule` is the rule's name in the contract."""

    rule: str
    expectation: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What Great Expectations says of one call. `error` is set where it could not be evaluated at all."""

    is_success: bool
    rows_unexpected: int
    observed: Any
    bad_rows_query: str | None
    error: str | None


@dataclass(frozen=True)
class Shown:
    """One rule as Data Docs show it; `counts` in Great Expectations' own result vocabulary."""

    expectation: str
    arguments: Mapping[str, Any]
    is_success: bool
    counts: Mapping[str, Any]
