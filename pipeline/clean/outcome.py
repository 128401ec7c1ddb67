"""What became of one delivery for one entity: plain data that asset checks and messages are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from pipeline.clean.sql import ident, text, texts
from pipeline.contracts import Contract
from pipeline.sources import Feed

OUTCOMES = ("clean", "quarantined", "duplicate", "superseded", "not_for_entity", "deleted")
# What stands in the clean table: rows, and rows that say that their key is gone
KEPT = ("clean", "deleted")


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
    def not_rows(self) -> int: ...
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

    load_id: str
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


@dataclass(frozen=True)
class Batch:
    """Deliveries of one feed that are loaded together, in order of delivery.

    `work` is the table in schema candidate that holds all their rows, each with its _load_id.
    `replaces` are loads of the same files in an earlier reading, whose rows these take the place of; `outdated` are
    loads after these that will be made again in their turn, so that their rows as they stand decide nothing.
    """

    contract: Contract
    feed: Feed
    deliveries: tuple[LandedFile, ...]
    replaces: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    @property
    def work(self) -> str:
        return f"candidate.{ident('rows_' + self.contract.table)}"

    @property
    def judged(self) -> str:
        """Name of the table in schema candidate that the suite is run on."""
        return f"batch_{self.contract.table}"

    @property
    def table(self) -> str:
        return f"clean.{ident(self.contract.table)}"

    @property
    def load_ids(self) -> list[str]:
        return [one.load_id for one in self.deliveries]

    @property
    def is_kept(self) -> str:
        """Condition that a candidate row stands in the clean table."""
        return f"_outcome in ({texts(KEPT)})"

    @property
    def files(self) -> str:
        """What an error calls the batch."""
        first, last = self.deliveries[0].file, self.deliveries[-1].file
        return first if len(self.deliveries) == 1 else f"{first} to {last}"

    def own_of(self, table: str) -> str:
        """Condition that picks these deliveries' rows, in any reading, in a clean table of that alias."""
        return (
            f"{table}._load_id in ({texts((*self.load_ids, *self.replaces))}) and {table}._source = {text(self.feed.source)}"
            f" and {table}._export = {text(self.feed.export)}"
        )

    def outdated_of(self, table: str) -> str:
        """Condition that picks rows of deliveries after these that will be loaded again."""
        return (
            f"({table}._load_id in ({texts((*self.outdated, ''))}) and {table}._source = {text(self.feed.source)}"
            f" and {table}._export = {text(self.feed.export)})"
        )

    @property
    def position(self) -> str:
        """SQL of a candidate row's place in the order of deliveries."""
        return f"list_position([{texts(self.load_ids)}], _load_id)"

    @property
    def records(self) -> str:
        """Condition that picks these deliveries' records, in any reading, in ops and quarantine."""
        feed = self.feed
        return (
            f"load_id in ({texts((*self.load_ids, *self.replaces))}) and source = {text(feed.source)}"
            f" and export = {text(feed.export)} and entity = {text(feed.entity)}"
        )

    @property
    def same_key(self) -> str:
        """Condition that a candidate row w and a clean row c have one key in one namespace."""
        keys = " and ".join(f"w.{ident(key)} = c.{ident(key)}" for key in self.contract.key)
        return f"c._namespace = {text(self.feed.namespace)} and {keys}"


@dataclass
class Tally:
    """Counts and sums of one delivery and entity while it is worked on.

    `read` is the number of rows delivered, after each and distinct; `corrected` the money of the rows that stand as
    declared corrections left it, where `money` has it as delivered.
    """

    read: int | None = None
    corrected: dict[str, Decimal] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    money: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    replaced: int = 0
    removed: int = 0


@dataclass(frozen=True)
class LoadContext:
    """What a load is stamped with, and the values of the parameters that rules name."""

    run_id: str
    at: datetime
    pseudonym_key: str
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LoadOutcome:
    """loaded, refused (with the reason) or known (a delivery seen before: nothing done)."""

    load_id: str
    file: str
    status: Literal["loaded", "refused", "known"]
    reason: str | None = None
