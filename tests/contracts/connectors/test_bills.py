"""Alipay and WeChat Pay bills: what is income, what is spent, what is neither."""

from decimal import Decimal
from pathlib import Path

from tests.connectors.kit import FIXTURES, loaded


def test_an_alipay_bill(tmp_path: Path) -> None:
    with loaded(tmp_path, "alipay", FIXTURES / "alipay", time_zone="Asia/Shanghai") as got:
        assert (got.refused(), got.quarantined(), got.landed["bill"].notes) == ([], [], [])
        assert got.outcomes("bill", "finance.payments") == {"clean": 2, "not_for_entity": 5}
        assert got.clean("finance.payments", "amount", "status", "cast(received_date as varchar)") == [
            (Decimal(50), "cancelled", None),
            (Decimal(100), "succeeded", "2025-03-02"),
        ]
        # Of two closed trades one was paid, and is given back in a row of its own; the other never was
        assert got.clean("finance.expenses", "expense_id", "amount") == [
            ("2025030422003/2025-03-04 09:00:00", Decimal(30)),
            ("2025030522004/2025-03-05 09:00:00", Decimal(50)),
            ("2025030522004_1/2025-03-05 09:10:00", Decimal(-50)),
        ]


def test_a_wechat_bill(tmp_path: Path) -> None:
    with loaded(tmp_path, "wechat_pay", FIXTURES / "wechat_pay", time_zone="Asia/Shanghai") as got:
        assert (got.refused(), got.quarantined(), got.landed["bill"].notes) == ([], [], [])
        assert got.clean("finance.payments", "amount", "cast(attempted_date as varchar)", "order_id") == [
            (Decimal(20), "2025-03-03", None),
            (Decimal(100), "2025-03-02", "A-1"),
        ]
        assert got.clean("finance.expenses", "amount", "supplier") == [
            (Decimal(-10), None),
            (Decimal("31.5"), "云膳米线"),
            (Decimal(50), "办公用品店"),
            (Decimal(60), "办公用品店"),
        ]


def test_money_in_a_state_nobody_knows_is_never_taken_for_spent(tmp_path: Path) -> None:
    bill = (FIXTURES / "wechat_pay" / "bill.csv").read_text(encoding="utf-8")
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "bill.csv").write_text(
        bill.replace("支付成功,4200000000000000000000000006", "状态不明,6"), encoding="utf-8"
    )
    with loaded(tmp_path, "wechat_pay", tmp_path / "bills", time_zone="Asia/Shanghai") as got:
        assert [line for line in got.refused() if "1 of 4 rows" in line and "required:amount" in line] == got.refused()
        assert got.one("finance.expenses", "count(*)") == (0,)
