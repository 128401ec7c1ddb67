"""Text as Markdown: whatever data holds, it stays text on one line."""

from __future__ import annotations

import re
from typing import Any

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))")


class Raw(str):
    """Markdown that is escaped already."""


def escape_markdown(value: Any) -> str:
    """The value with everything escaped that Markdown or HTML inside it would read as its own."""
    if isinstance(value, Raw):
        return str(value)
    one_line = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", str(value))
    return _SPECIAL.sub(r"\\\1", one_line.replace("&", "&amp;"))


def escape_line(value: Any) -> Raw:
    """A value that begins a line, where list marks and numbers would be read as a list too."""
    return Raw(_LINE_START.sub(r"\1\\", escape_markdown(value).strip()))
