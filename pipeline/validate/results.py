"""What a suite found: counts and verdicts in native Python types, never a value of a row."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.contracts import Contract


@dataclass(frozen=True)
class RuleResult:
    """One rule of one contract on one batch.

    rows_checked is the number of rows of the batch. rows_unexpected counts the rows against the rule, also where
    `mostly` still lets it pass; it is 0 for rules about the whole batch (aggregates), which say what they saw in
    `observed` instead. bad_rows_query is SQL with the one column _row_id, for failed row rules only.
    """

    rule: str
    expectation: str
    column: str | None
    severity: str
    on_failure: str
    reason: str
    is_success: bool
    rows_checked: int
    rows_unexpected: int
    bad_rows_query: str | None
    observed: str | None


@dataclass(frozen=True)
class SuiteResult:
    """One suite's newest results, as Data Docs show them. `batch` names the delivery, validated_at is in UTC."""

    contract: Contract
    batch: str
    validated_at: datetime
    results: list[RuleResult]

    @property
    def is_success(self) -> bool:
        return all(result.is_success for result in self.results)
