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

    spoiled_share: the share of a file's rows that may end in quarantine; most contracts allow 0.01. Files of few rows
    and many kinds of dirt come nearer to it. `record`: SQL select list that makes a JSON record of a row's cells; without
    it the file is CSV.
    """

    name: str
    source: str
    entity: str
    dialect: Dialect = Dialect()
    spoiled_share: float = 0.006
    record: str | None = None
    is_gzip: bool = False


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
POST = (
    "id, network, type, published_at, caption, as_json(paid) as paid, {'reach': as_json(reach),"
    " 'impressions': as_json(impressions), 'reactions': as_json(reactions), 'comments': as_json(comments),"
    " 'shares': as_json(shares), 'total': as_json(engagements)} as metrics"
)
TICKET = (
    "id, subject, body, {'email': email, 'customer': customer} as requester, {'no': order_no} as order_ref, category,"
    " {'channel': channel} as via, priority, status, created_at, {'first_reply_at': first_reply_at, 'solved_at': solved_at}"
    " as metrics, updated_at"
)
# Written once the orders are known: what the company's other systems say
OTHERS = (
    Export("leads", "crm", "crm.leads", Dialect("\t", "utf-16", "\r\n")),
    Export("channel_daily", "analytics", "analytics.channel_daily", is_gzip=True),
    Export("spend", "marketing", "marketing.spend_daily", Dialect(";", "utf-8-sig")),
    Export("posts", "social", "social.posts", spoiled_share=0.02, record=POST),
    Export("followers", "social", "social.followers_daily", Dialect("|", "cp1252")),
    Export("subscriptions", "finance", "finance.subscriptions", spoiled_share=0.0098),
    Export("invoices", "finance", "finance.invoices", Dialect(";", "cp1252", "\r\n")),
    Export("payments", "finance", "finance.payments"),
    Export("expenses", "finance", "finance.expenses", Dialect("\t"), spoiled_share=0.009),
    Export("fx_rates", "finance", "finance.fx_rates"),
    Export("responses", "feedback", "feedback.responses", spoiled_share=0.02),
    Export("tickets", "feedback", "feedback.tickets", spoiled_share=0.02, record=TICKET, is_gzip=True),
)
SHEETS = (
    Export("sizes", "planning", "market.sizes"),
    Export("calendar", "planning", "planning.calendar", Dialect(encoding="gb18030")),
    Export("targets", "planning", "planning.targets"),
    Export("actions", "planning", "planning.actions"),
    Export("notes", "planning", "planning.notes", Dialect(newline="\r\n")),
)
# Export → the source that delivers it
SOURCES = {one.name: one.source for one in (SESSIONS, EVENTS, *LEDGERS, *OTHERS, *SHEETS)}
