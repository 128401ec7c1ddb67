"""The few forms of Markdown that generated pages are made of."""

from typing import Any


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A table; a pipe inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def listed(value: Any) -> str:
    """A list in one line; anything else as it is."""
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def code(values: list[str]) -> str:
    """Words as code, in one line."""
    return ", ".join(f"`{value}`" for value in values)


def anchor(heading: str) -> str:
    """What a link to a heading ends in: `#` and this."""
    return heading.lower().replace(" ", "-").replace(".", "")
