"""What truth.json says of each entity's sums, as SQL over the entity's clean rows."""

# (entity, measure) → (business date, aggregate); without a date there is only the sum of all
SUMS: dict[tuple[str, str], tuple[str | None, str]] = {
    ("analytics.channel_daily", "sessions"): ("session_date", "sum(sessions)"),
    ("analytics.channel_daily", "purchase_sessions"): ("session_date", "sum(purchase_sessions)"),
    ("crm.leads", "leads"): ("created_date", "count(*)"),
    ("crm.leads", "converted"): ("converted_date", "count(opportunity_id)"),
    ("marketing.spend_daily", "cost"): ("spend_date", "sum(cost)"),
    ("marketing.spend_daily", "impressions"): ("spend_date", "sum(impressions)"),
    ("social.posts", "posts"): ("published_date", "count(*)"),
    ("social.posts", "reach"): ("published_date", "sum(reach)"),
    ("social.posts", "engagements"): ("published_date", "sum(reactions + comments + shares)"),
    ("social.followers_daily", "readings"): ("reading_date", "count(*)"),
    ("social.followers_daily", "followers"): ("reading_date", "sum(followers)"),
    ("finance.payments", "received"): ("received_date", "count(*) filter (where status = 'succeeded')"),
    ("finance.payments", "amount"): ("received_date", "sum(amount) filter (where status = 'succeeded')"),
    ("finance.payments", "failed"): ("attempted_date", "count(*) filter (where status = 'failed')"),
    ("finance.invoices", "issued"): ("issued_date", "sum(amount) filter (where kind = 'invoice')"),
    ("finance.invoices", "credited"): ("issued_date", "sum(amount) filter (where kind = 'credit_note')"),
    ("finance.invoices", "paid"): ("paid_date", "sum(amount) filter (where status = 'paid')"),
    ("finance.subscriptions", "amount"): ("effective_date", "sum(amount)"),
    ("finance.expenses", "amount"): ("expense_date", "sum(amount)"),
    ("finance.expenses", "not_operating"): ("expense_date", "sum(amount) filter (where not is_operating)"),
    ("finance.expenses", "ad_platforms"): ("expense_date", "sum(amount) filter (where is_ad_platform)"),
    ("finance.fx_rates", "rates"): ("rate_date", "count(*)"),
    ("feedback.responses", "csat_answers"): ("response_date", "count(*) filter (where kind = 'csat')"),
    ("feedback.responses", "csat_satisfied"): ("response_date", "count(*) filter (where kind = 'csat' and score >= 4)"),
    ("feedback.responses", "nps_promoters"): ("response_date", "count(*) filter (where kind = 'nps' and score >= 9)"),
    ("feedback.responses", "nps_detractors"): ("response_date", "count(*) filter (where kind = 'nps' and score <= 6)"),
    ("feedback.responses", "stars"): ("response_date", "sum(score) filter (where kind = 'rating')"),
    ("feedback.tickets", "tickets"): ("created_date", "count(*)"),
    ("feedback.tickets", "solved_seconds"): (
        "created_date",
        "sum(epoch(solved_at) - epoch(created_at)) filter (where solved_at is not null)",
    ),
    ("market.sizes", "market_size"): (None, "sum(market_size)"),
    ("planning.calendar", "days"): (None, "sum(date_to - date_from + 1)"),
}


def query(entity: str, measure: str, schema: str = "") -> str:
    """Periods and totals of one measure: calendar months with any rows, and all."""
    day, total = SUMS[entity, measure]
    table = f"{schema}{entity.replace('.', '__')}"
    whole = f"select 'all', cast({total} as decimal(18, 4)) from {table}"
    return f"{whole} union all select strftime({day}, '%Y-%m'), {total} from {table} group by all" if day else whole
