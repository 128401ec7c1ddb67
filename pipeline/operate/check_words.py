"""What `ops-summary check` says of the exports it looked at: a line a source, or all of one source.

Here belong words alone.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.operate.check_export import ColumnSeen, Seen

_LONGEST = 40
_DELIMITERS = {"\t": "tabs", " ": "blanks", "\x1f": "unit separators (0x1f)", "\x01": "0x01"}


def source_lines(seen: Sequence[Seen]) -> Iterator[str]:
    """One line for each source."""
    for source, of_source in groupby(seen, key=lambda one: one.source):
        exports = list(of_source)
        mistakes = sum(len(one.mistakes) for one in exports)
        entities = dict.fromkeys(entity for one in exports for entity in one.entities)
        state = f"{mistakes} mistake{'s' if mistakes > 1 else ''}" if mistakes else "all well"
        yield f"{source}: {_places(exports)} to {', '.join(entities)}: {state}"


def export_lines(seen: Seen) -> Iterator[str]:
    """All that is to be told of one export but its mistakes."""
    yield f"{seen.source}.{seen.export} to {', '.join(seen.entities)}"
    if not seen.is_contacted:
        yield "  files    check contacts no endpoint and no bucket: what is there is seen by a run"
    elif seen.files:
        yield f"  files    {_count(len(seen.files), 'file')}, the newest {seen.files[-1]}"
    if seen.columns:
        yield f"  read as  {_reading(seen)}"
        yield f"  columns  {_count(len(seen.columns), 'column')} in {_count(seen.rows, 'row')} looked at"
        yield from _table(seen.columns)
    for hint in seen.hints:
        yield f"  hint     {hint}"


def _places(exports: Sequence[Seen]) -> str:
    files = sum(len(one.files) for one in exports)
    asked = sum(not one.is_contacted for one in exports)
    said = [_count(files, "file")] if files or not asked else []
    said += [f"{_count(asked, 'export')} not contacted"] if asked else []
    return ", ".join(said)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _reading(seen: Seen) -> str:
    used = seen.reading
    said = [str(used.get("format", "unknown"))]
    if used.get("compression", "none") != "none":
        said[0] += f" in {used['compression']}"
    if "encoding" in used:
        said.append(str(used["encoding"]))
    if "delimiter" in used:
        said.append(f"{_DELIMITERS.get(used['delimiter'], repr(used['delimiter']))} between cells")
    if "sheet" in used:
        said.append(f"sheet {used['sheet']}")
    if "preamble_lines" in used or "header_row" in used:
        lines = used["preamble_lines"] if "preamble_lines" in used else used["header_row"] - 1
        said.append(f"header in line {lines + 1}" + (f" after {_count(lines, 'line')} of preamble" if lines else ""))
    if used.get("footer_lines"):
        said.append(f"{_count(used['footer_lines'], 'line')} of footer")
    return ", ".join(said)


def _table(columns: Sequence[ColumnSeen]) -> Iterator[str]:
    rows = [(one.name, _shortened(one.example), ", ".join(one.becomes) or "not mapped") for one in columns]
    widths = [max(len(row[at]) for row in rows) for at in (0, 1)]
    for name, example, becomes in rows:
        yield f"    {name:<{widths[0]}}  {example:<{widths[1]}}  {becomes}"


def _shortened(example: str) -> str:
    line = " ".join(example.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
