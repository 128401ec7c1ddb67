"""docs/entities.md: columns, corrections and rules of every entity."""

from typing import Any

from pipeline.contracts import Contract, Correction
from pipeline.generate import COMMAND
from pipeline.generate.markdown import listed, table


def entity_page(contracts: list[Contract]) -> str:
    """docs/entities.md: columns, corrections and rules of every entity."""
    head = ["# Entities", "", f"Generated from `expectations/` by `{COMMAND}`.", ""]
    return "\n".join([*head, *(line for contract in contracts for line in _entity(contract))])


def _entity(contract: Contract) -> list[str]:
    facts = {
        "Key": listed(contract.key),
        "Newest version by": contract.version,
        "Dated by": ", ".join(contract.dated_by) or None,
    }
    columns = [
        [f"`{name}`", column.type, "yes" if column.required else "", column.personal or "", column.description]
        for name, column in contract.columns.items()
    ]
    lines = [f"## {contract.entity}", "", contract.row, ""]
    lines += [" · ".join(f"{label}: {value}" for label, value in facts.items() if value), ""]
    lines += [*table(["column", "type", "required", "personal", "meaning"], columns), ""]
    if contract.corrections:
        changes = [[f"`{one.column}`", _change(one), one.reason] for one in contract.corrections]
        lines += [*table(["corrected", "how", "why"], changes), ""]
    if contract.expectations:
        rules = [
            [f"`{one.expectation}`", _arguments(one.arguments), one.severity, one.on_failure, one.reason]
            for one in contract.expectations
        ]
        lines += [*table(["rule", "arguments", "severity", "rows that fail", "why"], rules), ""]
    return lines


def _change(one: Correction) -> str:
    if one.replace is not None:
        return ", ".join(f"{wrong} → {right}" for wrong, right in one.replace.items())
    kind = one.kinds[0]
    return f"{kind}: {getattr(one, kind)}" + (f" when {one.when}" if one.when else "")


def _arguments(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {listed(value)}" for name, value in arguments.items())
