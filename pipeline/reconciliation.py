"""What two systems should agree on: the comparisons of expectations/reconciliation.yml.

Here belongs their grammar; comparing is clean's work, and what one company tolerates is in sources.yml.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from pipeline.contracts import Contracts
from pipeline.errors import ConfigurationError, UserError
from pipeline.yaml_files import Frozen, Name, read_model

FILE = "reconciliation.yml"


class Tolerance(Frozen):
    """How far two sides may lie apart: the wider of a share of the greater side and an amount."""

    relative: float = Field(0, ge=0, le=1)
    absolute: float = Field(0, ge=0)


class Side(Frozen):
    """One of the two counts or sums."""

    label: str = Field(min_length=3, description="What is counted, in a few words; shown in the summary.")
    entity: str
    value: str = Field(min_length=1, description="SQL aggregate over the rows, for example count(*).")
    date: str = Field(description="The business date by which a row falls into the days compared.")
    where: str | None = Field(None, description="SQL condition: the rows that count.")
    rows: str | None = Field(
        None, description="SQL query that makes the rows, where the entity's own do not do; reads schema clean alone."
    )


class Comparison(Frozen):
    """Two systems that tell of the same thing."""

    id: Name
    left: Side
    right: Side
    by: Literal["month", "all"] = Field("month", description="Whole months one by one, or all common days together.")
    per: str | None = Field(None, description="A column both have, such as the currency: each value is compared alone.")
    tolerance: Tolerance = Tolerance()
    reason: str = Field(min_length=3, description="Why they should agree, and why not to the cent.")

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.left, self.right


class Reconciliation(Frozen):
    """All comparisons, in the order in which they are shown."""

    comparisons: tuple[Comparison, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [one.id for one in self.comparisons]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"the comparison {min(twice)} stands twice")
        return self


def load_reconciliation(folder: Path, contracts: Contracts) -> Reconciliation:
    """The comparisons in the folder of contracts; raises ConfigurationError with every mistake in them."""
    read = read_model(folder / FILE, Reconciliation, FILE)
    mistakes = [mistake for one in read.comparisons for mistake in _mistakes(one, contracts)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return read


def _mistakes(comparison: Comparison, contracts: Contracts) -> list[UserError]:
    """Names in a comparison that no contract has."""
    where = f"{FILE}, {comparison.id}"
    mistakes = []
    for side in comparison.sides:
        contract = contracts.get(side.entity)
        if contract is None:
            mistakes.append(UserError("no such entity", where=where, found=side.entity))
            continue
        # A query of its own may name its columns as it likes
        named = [] if side.rows else [side.date, *([comparison.per] if comparison.per else [])]
        mistakes += [
            UserError("no such column", where=where, found=name, expected=f"a column of {side.entity}")
            for name in named
            if name not in contract.columns
        ]
        if not contract.dated_by:
            mistakes.append(
                UserError("this entity has no date, so no days can be compared", where=where, found=side.entity)
            )
    return mistakes
