"""The kinds of dirt planted into each export, as data: what happens to a row's cells, and what becomes of the row.

Values are SQL over the export's own text columns. Rows that fail a rule of severity critical are put into quarantine
too; below max_quarantined that is a warning, so a run on the sample ends with 0.
"""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["quarantined", "repaired", "warned", "late", "duplicate", "superseded", "resent"]


@dataclass(frozen=True)
class Kind:
    """One kind of dirt.

    `cells` change the row itself. `beside` adds a second row (the original with these changes): an exact copy when
    empty, none when None. A row `moves` when it, or what stands beside it, is delivered in the next file. The rows of a
    `chosen` kind are chosen by the SQL of their export, because only some can have it; the others take turns.
    """

    name: str
    outcome: Outcome
    cells: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] | None = None
    is_critical: bool = False
    is_chosen: bool = False

    @property
    def moves(self) -> bool:
        return self.outcome in ("late", "resent")


def _lost(name: str, **cells: str) -> Kind:
    return Kind(name, "quarantined", {_header(key): value for key, value in cells.items()})


def _critical(name: str, **cells: str) -> Kind:
    return Kind(name, "quarantined", {_header(key): value for key, value in cells.items()}, is_critical=True)


def _repaired(name: str, **cells: str) -> Kind:
    return Kind(name, "repaired", {_header(key): value for key, value in cells.items()})


def _chosen(name: str, **cells: str) -> Kind:
    return Kind(name, "repaired", {_header(key): value for key, value in cells.items()}, is_chosen=True)


def _warned(name: str, **cells: str) -> Kind:
    return Kind(name, "warned", {_header(key): value for key, value in cells.items()})


def _header(word: str) -> str:
    """Headers with blanks are written with two underscores."""
    return word.replace("__", " ")


COPY = Kind("exact_duplicate", "duplicate", beside={})
LATE = Kind("late", "late", {"_file": "_next_file"})

KINDS: dict[str, tuple[Kind, ...]] = {
    "sessions": (
        _lost("impossible_date", session_start_utc="'2026-02-30 10:00:00'"),
        _lost("wrongly_formatted_date", session_start_utc="'yesterday, ' || session_start_utc[12:16]"),
        _lost("text_in_number", engagement_sec="'about ' || engagement_sec"),
        _lost("session_id_missing", session_key="null"),
        COPY,
        _repaired("mixed_case", device_category="upper(device_category)"),
        _repaired("padded", channel_group="'  ' || channel_group || ' '"),
        _repaired("null_spelling", campaign_name="'NULL'"),
        _repaired("other_null_spelling", campaign_name="'n/a'"),
        _warned("too_long", engagement_sec="'990000'"),
        _critical("nobody", client_id="'-'", login_id="null"),
    ),
    "events": (
        _lost("event_name_missing", event="null"),
        _lost("impossible_date", event_time_utc="'2026-13-01 00:00:00'"),
        Kind("two_rows_one_key", "quarantined", beside={"page_path": "page_path || '?utm=1'"}),
        COPY,
        _repaired("mixed_case", event="upper(event)"),
        _repaired("null_spelling", item_id="'NULL'"),
        _warned("session_id_missing", session_key="'-'"),
    ),
    "orders": (
        _lost("text_in_number", Total="'see note'"),
        _lost("impossible_date", Created__at="'2026-31-31T10:00:00-05:00'"),
        _lost("status_missing", Order__status="'n/a'"),
        _lost("order_id_missing", Order__No="null"),
        COPY,
        LATE,
        Kind("resent", "resent", {"Order status": "'paid'", "Updated at": '"Created at"'}, beside={}),
        Kind("older_version", "superseded", beside={"Order status": "'paid'", "Updated at": '"Created at"'}),
        _repaired("mixed_case", Order__status='upper("Order status")'),
        _repaired("lower_case_currency", Currency="'usd'"),
        _repaired("padded", Order__status="' ' || \"Order status\" || '  '"),
        _repaired("null_spelling", Ship__country="'NULL'"),
        _warned("customer_missing", Customer__ID="'-'"),
        _critical("negative_amount", Total="'-' || \"Total\""),
        _critical("unknown_status", Order__status="'on hold'"),
    ),
    "order_lines": (
        _lost("text_in_number", Qty="'two'"),
        _lost("order_id_missing", Order__No="null"),
        COPY,
        _repaired("amount_missing", Line__total="null"),
        _repaired("padded", SKU="\"SKU\" || '  '"),
        _repaired("null_spelling", Cost__of__goods="'n/a'"),
        _critical("no_units", Qty="'0'"),
    ),
    "refunds": (
        _lost("text_in_number", Refund__total="'refund'"),
        _lost("wrongly_formatted_date", Refunded__at="'last Monday'"),
        COPY,
        _repaired("lower_case_currency", Currency="'usd'"),
        _repaired("null_spelling", Reason="'NULL'"),
        _critical("negative_amount", Refund__total="'-' || \"Refund total\""),
    ),
    "products": (COPY,),
    "owners": (COPY, _repaired("padded", Team="' ' || \"Team\"")),
    "accounts": (
        _lost("wrongly_formatted_date", Created__Date="'spring'"),
        COPY,
        _repaired("misspelt", Industry="'technolgy'"),
        _repaired("mixed_case", Industry='upper("Industry")'),
        _repaired("null_spelling", Parent__Account="'NULL'"),
        _warned("negative_number", Employees="'-' || \"Employees\""),
    ),
    "opportunities": (
        _lost("text_in_number", Amount="'TBD'"),
        _lost("impossible_date", Created__Date="'2026-02-30'"),
        _lost("status_missing", Status="null"),
        COPY,
        Kind(
            "older_version",
            "superseded",
            beside={"Stage": "'Qualification'", "Last Modified": "\"Created Date\" || 'T00:00:00Z'"},
        ),
        _repaired("mixed_case", Status='upper("Status")'),
        _repaired("padded", Status="\"Status\" || ' '"),
        _repaired("no_account", Account__ID="'n/a'"),
        _critical("negative_amount", Amount="'-100.00'"),
        _critical("unknown_stage", Status="'Parked'"),
        _critical("closed_without_date", Status="'Won'", Close__Date="null"),
        _critical("closed_before_created", Status="'Lost'", Close__Date="'2001-01-01'"),
    ),
    "leads": (
        _lost("impossible_date", Created="'2026-02-30 10:00:00'"),
        _lost("lead_id_missing", Lead__ID="null"),
        COPY,
        _repaired("mixed_case", Status='upper("Status")'),
        _repaired("padded", Channel="' ' || \"Channel\" || ' '"),
        _repaired("null_spelling", Campaign="'NULL'"),
        _warned("unknown_status", Status="'Hot'"),
        _chosen("dates_swapped", Created='"Converted"', Converted='"Created"'),
        _critical("empty_date_as_1970", Created="'1970-01-01 00:00:00'"),
    ),
    "channel_daily": (
        _lost("text_in_number", sessions="'many'"),
        COPY,
        _repaired("mixed_case", channelGroup='upper("channelGroup")'),
        _repaired("null_spelling", newUsers="'n/a'"),
        _warned("too_long", userEngagementDuration="'99000000'"),
        _critical("more_buyers_than_visits", purchaseSessions="'99000000'"),
    ),
    "spend": (
        _lost("text_in_number", Kosten="'gratis'"),
        _lost("impossible_date", Tag="'31.02.2026'"),
        Kind("two_rows_one_key", "quarantined", beside={"Kosten": "'0,01'"}),
        COPY,
        _repaired("misspelt", Kanal="replace(\"Kanal\", ' ', '-')"),
        _repaired("mixed_case", Kanal='upper("Kanal")'),
        _repaired("clicks_over_impressions", Klicks="\"Impressionen\" || '0'"),
        _repaired("lower_case_currency", Währung="'usd'"),
        _critical("negative_amount", Kosten="'-' || \"Kosten\""),
    ),
    "posts": (
        _lost("impossible_date", published_at="'2026-02-30T10:00:00Z'"),
        _lost("text_in_number", reach="'many'"),
        COPY,
        _repaired("mixed_case", network="upper(network)"),
        _repaired("misspelt", type="'Vedio'"),
        _repaired("fewer_impressions_than_reach", impressions="'1'"),
        _repaired("sum_missing", engagements="null"),
        _repaired("part_missing", shares="null"),
        _critical("negative_number", reactions="'-' || (1 + reactions::bigint)"),
    ),
    "followers": (
        _lost("text_in_number", Followers="'a few'"),
        _lost("network_missing", Network="null"),
        COPY,
        _repaired("mixed_case", Network='upper("Network")'),
        _warned("negative_change", Gone="'-1'"),
        _critical("negative_number", Followers="'-' || \"Followers\""),
    ),
    "subscriptions": (
        _lost("start_missing", Start="null", Price__since="null"),
        COPY,
        _repaired("amount_missing", Bill="null"),
        _repaired("misspelt", State="case \"State\" when 'Active' then 'Actve' else upper(\"State\") end"),
        _repaired("other_word", Interval="case \"Interval\" when 'Yearly' then 'annual' else 'months' end"),
        _chosen("percent_for_fraction", Discount='("Discount"::decimal(3, 2) * 100)::integer::varchar'),
        _chosen("empty_date_as_1970", End="'1970-01-01'"),
        _critical("unknown_status", State="'Frozen'"),
    ),
    "invoices": (
        _lost("text_in_number", Total="'to follow'"),
        _lost("customer_state_missing", State="null"),
        COPY,
        _repaired("misspelt", State="case \"State\" when 'Paid' then 'Payed' else upper(\"State\") end"),
        _repaired("net_missing", Net="null"),
        _repaired("null_spelling", Written__off__on="'n/a'"),
        _chosen("dates_swapped", Issued='"Due"', Due='"Issued"'),
        _chosen("amount_in_cents", Total="translate(\"Total\", '.,', '')"),
        _critical("negative_amount", Total="'-' || \"Total\""),
        _critical("unknown_type", Type="'Quote'"),
    ),
    "payments": (
        _lost("text_in_number", Amount="'see note'"),
        _lost("status_missing", State="'-'"),
        COPY,
        LATE,
        _repaired("misspelt", State="'Suceeded'"),
        _repaired("net_missing", Paid__out="null"),
        _repaired("received_missing", Received__at="null"),
        _repaired("lower_case_currency", Currency="'usd'"),
        _warned("for_nothing_named", Order="null"),
        _chosen("amount_in_cents", Amount="replace(\"Amount\", '.', '')"),
        _critical("negative_amount", Amount="'-' || \"Amount\""),
        _critical("unknown_status", State="'Disputed'"),
    ),
    "expenses": (
        _lost("text_in_number", Amount="'see bill'"),
        COPY,
        _repaired("misspelt", Area="case \"Area\" when 'Marketing' then 'Markting' else upper(\"Area\") end"),
        _repaired("amount_in_cents", Amount="replace(\"Amount\", ',', '')"),
        _repaired("net_alone", Amount="null"),
        _repaired("operating_missing", Operating="if(\"Operating\" = 'yes', null, 'NO')"),
        _critical("unknown_area", Area="'Fun'"),
    ),
    "fx_rates": (
        _lost("rate_missing", Rate="'n/a'"),
        _lost("text_in_number", Rate="'about ' || \"Rate\""),
        COPY,
        _repaired("mixed_case", From='lower("From")'),
        _warned("point_misplaced", Rate='("Rate"::double * 10)::varchar'),
        _chosen("usual_name", From="'RMB'"),
        _critical("worth_nothing", Rate="'0'"),
    ),
    "responses": (
        _lost("text_in_number", Answer="'good'"),
        _lost("impossible_date", Answered__at="'2026-02-30T10:00:00-05:00'"),
        COPY,
        _repaired(
            "other_word",
            Question="case \"Question\" when 'NPS' then 'Net Promoter Score' when 'CSAT' then 'Satisfaction' else 'Stars' end",
        ),
        _repaired("scale_missing", Scale="null"),
        _repaired("padded", Survey="' ' || \"Survey\""),
        _critical("other_scale", Scale="'7'"),
        _critical("answer_out_of_scale", Answer="'99'"),
    ),
    "tickets": (
        _lost("ticket_id_missing", id="null"),
        COPY,
        Kind("older_version", "superseded", beside={"status": "'Open'", "updated_at": "created_at"}),
        _repaired("mixed_case", status="upper(status)"),
        _repaired("other_word", status="'Resolved'"),
        _repaired("reply_before_ticket", first_reply_at="'2001-01-01T00:00:00Z'"),
        _warned("unknown_priority", priority="'P1'"),
        _chosen("times_swapped", created_at="solved_at", solved_at="created_at"),
        _critical("unknown_status", status="'Escalated'"),
    ),
    "sizes": (
        _lost("text_in_number", Size="'large'"),
        COPY,
        _repaired("other_word", Unit="'Mio'"),
        _repaired("lower_case_period", Period='lower("Period")'),
        _critical("unreadable_period", Period="'last quarter'"),
    ),
    "calendar": (
        COPY,
        _repaired("end_missing", To="null"),
        _repaired("dimension_missing", Dimension="null", Member="null"),
        _chosen("ends_swapped", From='"To"', To='"From"'),
        _critical("unknown_kind", Kind="'Party'"),
    ),
    "targets": (
        _lost("text_in_number", Target="'to be agreed'"),
        COPY,
        _repaired("dimension_missing", Dimension="null", Member="null"),
        _critical("unreadable_period", Period="'next month'"),
    ),
    "actions": (_repaired("mixed_case", Status='upper("Status")'), _critical("unknown_status", Status="'maybe'")),
    "notes": (_repaired("mixed_case", Kind='upper("Kind")'), COPY, _critical("unknown_kind", Kind="'gossip'")),
}

# Planted wherever an order is quarantined, so that its line does not stand alone
BROKEN_LINE = _lost("broken_order", Qty="null")
