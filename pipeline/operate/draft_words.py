"""A draft connector as YAML, with what is to be done in comments.

Here belongs writing; what is proposed is found in draft.py.
"""

import re
from collections.abc import Iterator
from glob import escape
from typing import Any

import yaml

from pipeline.operate.draft import Draft, right_side

# A date, a time or a number within a file's name
_CHANGING = re.compile(r"[0-9]+(?:[-_. T]?[0-9]+)*")
_DIGITS_OF_A_DATE = 4


def draft_lines(draft: Draft) -> Iterator[str]:
    """The connector, line by line."""
    name = export_name(draft.file)
    yield f"# A draft from {draft.file}, every line of it a proposal to be read. Save it as {name}.yml beside sources.yml, let a"
    yield f"# source there say connector: ./{name}.yml, and ask ops-summary check --source until nothing is wrong."
    if "" in draft.doubts:
        yield f"# To be looked at: {draft.doubts['']}"
    yield from ("exports:", f"  {name}:", f"    files: {_scalar(pattern(draft.file))}")
    if draft.read:
        yield "    read:"
        yield from (f"      {option}: {_scalar(value)}" for option, value in draft.read.items())
    yield from ("    entities:", f"      # {draft.contract.row}", f"      {draft.contract.entity}:", "        columns:")
    yield from _column_lines(draft)


def pattern(file: str) -> str:
    """A glob of the file and of those of other days: what looks like a date in its name is any."""
    parts = [escape(part) for part in _CHANGING.split(file)]
    found = [one if len(re.sub("[^0-9]", "", one)) < _DIGITS_OF_A_DATE else "*" for one in _CHANGING.findall(file)]
    return "".join(part for pair in zip(parts, [*found, ""], strict=True) for part in pair)


def export_name(file: str) -> str:
    """A name for the export, from what stays the same in the file's."""
    stem = pattern(file).split(".")[0].lower()
    return re.sub(r"^[^a-z]+|_+$", "", re.sub(r"[^a-z0-9]+", "_", stem)) or "export"


def _column_lines(draft: Draft) -> Iterator[str]:
    contract, optional = draft.contract, []
    for name, column in contract.columns.items():
        doubt = f"  # {draft.doubts[name]}" if name in draft.doubts else ""
        if name in draft.columns:
            yield f"          {name}: {_scalar(right_side(draft.columns[name]))}{doubt}"
        elif column.business_date_of in draft.columns:
            yield f"          # {name} follows from {column.business_date_of}"
        elif column.required or name in contract.key:
            origin = f", or follows from {column.business_date_of}" if column.business_date_of else ""
            is_constant = column.type == "text" and contract.key != (name,)
            constant = ", or a constant such as \"'USD'\"" if is_constant else ""
            yield f"          # required: {name}: the column that holds it{constant}{origin}. {column.description}{doubt}"
        else:
            optional.append(name)
    if optional:
        yield f"          # may stay away: {', '.join(optional)}"
    left = [name for name in draft.names if name not in draft.columns.values()]
    if left:
        yield f"          # columns of the file not mapped: {', '.join(' '.join(name.split()) for name in left)}"


def _scalar(value: Any) -> str:
    """A value as YAML in one line."""
    return yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**6).strip()[1:-1]
