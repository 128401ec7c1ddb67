"""Ledgers: lines of expense accounts become expenses, titles and totals and other accounts do not."""

from decimal import Decimal
from pathlib import Path

from tests.connectors.kit import FIXTURES, loaded

COLUMNS = ("category", "cast(expense_date as varchar)", "amount", "area", "supplier", "is_operating")


def test_a_journal(tmp_path: Path) -> None:
    said = {"marketing": "66.*", "administration": "63.*", "not_operating": "6850"}
    with loaded(tmp_path, "accounting_journal", FIXTURES / "accounting_journal", parameters=said) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("journal", "finance.expenses") == {"clean": 4, "not_for_entity": 3}
        assert got.clean("finance.expenses", *COLUMNS) == [
            ("advertising", "2026-01-07", Decimal(500), "marketing", "Ads Ltd", True),
            ("advertising", "2026-01-09", Decimal(-50), "marketing", "Ads Ltd", True),
            ("interest", "2026-01-31", Decimal("12.5"), None, None, False),
            ("rent", "2026-01-05", Decimal(1200), "administration", "Landlord GmbH", True),
        ]


def test_a_report_of_xero(tmp_path: Path) -> None:
    said = {"currency": "GBP", "marketing": "400", "administration": "4(04|69)"}
    with loaded(tmp_path, "xero", FIXTURES / "xero", parameters=said) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        # Two fees alike in all but the running balance are two
        assert got.outcomes("account_transactions", "finance.expenses") == {"clean": 5, "not_for_entity": 2}
        assert got.clean("finance.expenses", *COLUMNS) == [
            ("advertising", "2026-01-09", Decimal(-50), "marketing", "Ads Ltd", True),
            ("bank fees", "2026-01-07", Decimal(5), "administration", "Example Bank", True),
            ("bank fees", "2026-01-07", Decimal(5), "administration", "Example Bank", True),
            ("cost of goods sold", "2026-01-10", Decimal(300), None, "Maker Ltd", False),
            ("rent", "2026-01-05", Decimal(1200), "administration", "Landlord Ltd", True),
        ]


def test_a_report_of_quickbooks(tmp_path: Path) -> None:
    said = {"currency": "USD", "expense_accounts": "Rent.*|Bank Charges|Advertising", "marketing": "Advertising"}
    with loaded(tmp_path, "quickbooks", FIXTURES / "quickbooks", parameters=said) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("finance.expenses", *COLUMNS) == [
            ("advertising", "2026-01-09", Decimal(-50), "marketing", "Ads Inc", True),
            ("bank charges", "2026-01-07", Decimal(5), None, "Example Bank", True),
            ("bank charges", "2026-01-07", Decimal(5), None, "Example Bank", True),
            ("rent & lease", "2026-01-05", Decimal(1200), None, "Landlord LLC", True),
        ]
        assert got.outcomes("transaction_detail", "finance.expenses")["clean"] == 4
