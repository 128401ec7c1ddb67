"""Which files the made-up company's systems write, and in what dress.

An export's rows are made by SQL as the table text_<name>; here is only how they become bytes.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Dialect:
    """How an export's text becomes bytes. DuckDB writes UTF-8 with line feeds; the rest is done afterwards."""

    delimiter: str = ","
    encoding: str = "utf-8"
    newline: Literal["\n", "\r\n"] = "\n"

    @property
    def is_plain(self) -> bool:
        return self.encoding == "utf-8" and self.newline == "\n"


@dataclass(frozen=True)
class Export:
    """One kind of file: its folder (the source), the entity its rows become, and its dialect.

    spoiled_share: the share of a file's rows that may end in quarantine; the contracts allow 0.01. Files of few rows
    and many kinds of dirt come nearer to it.
    """

    name: str
    source: str
    entity: str
    dialect: Dialect = Dialect()
    spoiled_share: float = 0.006


SESSIONS = Export("sessions", "analytics", "analytics.sessions")
EVENTS = Export("events", "analytics", "analytics.events")
# Orders before their lines: the lines of an order in quarantine are broken too
LEDGERS = (
    Export("orders", "finance", "finance.orders", Dialect(newline="\r\n")),
    Export("order_lines", "finance", "finance.order_lines"),
    Export("refunds", "finance", "finance.refunds", Dialect(encoding="utf-8-sig"), spoiled_share=0.009),
    Export("products", "finance", "finance.products", Dialect(delimiter=";", encoding="cp1252")),
    Export("owners", "crm", "crm.owners"),
    Export("accounts", "crm", "crm.accounts"),
    Export("opportunities", "crm", "crm.opportunities", spoiled_share=0.009),
)
SHEETS = (
    Export("targets", "planning", "planning.targets"),
    Export("actions", "planning", "planning.actions"),
    Export("notes", "planning", "planning.notes", Dialect(newline="\r\n")),
)
