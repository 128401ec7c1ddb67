"""What became of one delivery for one entity: plain data that asset checks and messages are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

OUTCOMES = ("clean", "quarantined", "duplicate", "superseded", "not_for_entity")


class LandedFile(Protocol):
    """A delivery as extract left it in landing."""

    @property
    def load_id(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def folder(self) -> Path: ...
    @property
    def columns(self) -> tuple[str, ...]: ...


class Verdict(Protocol):
    """What a suite says of one rule on one batch (validate's RuleResult)."""

    @property
    def rule(self) -> str: ...
    @property
    def expectation(self) -> str: ...
    @property
    def column(self) -> str | None: ...
    @property
    def severity(self) -> str: ...
    @property
    def on_failure(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def is_success(self) -> bool: ...
    @property
    def rows_checked(self) -> int: ...
    @property
    def rows_unexpected(self) -> int: ...
    @property
    def bad_rows_query(self) -> str | None: ...


@dataclass(frozen=True)
class CheckRow:
    """One rule on one delivery, as stored in ops.check_results."""

    rule: str
    expectation: str
    column: str | None
    severity: Literal["critical", "warning"]
    on_failure: str
    reason: str
    is_success: bool
    rows_checked: int
    rows_unexpected: int
    examples: Sequence[str] = ()


@dataclass
class Tally:
    """Counts and sums of one delivery and entity while it is worked on."""

    rows: dict[str, int] = field(default_factory=dict)
    money: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    replaced: int = 0
    removed: int = 0


@dataclass(frozen=True)
class LoadContext:
    """What a load is stamped with."""

    run_id: str
    at: datetime
    pseudonym_key: str


@dataclass(frozen=True)
class LoadOutcome:
    """loaded, refused (with the reason) or known (a delivery seen before: nothing done)."""

    load_id: str
    file: str
    status: Literal["loaded", "refused", "known"]
    reason: str | None = None
