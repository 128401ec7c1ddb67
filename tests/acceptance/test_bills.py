"""Payment bills as a Chinese finance team downloads them: counts and sums computed apart from the pipeline."""

from decimal import Decimal
from pathlib import Path

from tests.acceptance.conftest import DATA
from tests.connectors.kit import loaded


def test_an_alipay_bill_with_its_preamble_padding_and_wrong_totals(tmp_path: Path) -> None:
    with loaded(tmp_path, "alipay", DATA / "alipay", time_zone="Asia/Shanghai") as got:
        assert got.refused() == []
        assert got.quarantined() == []
        assert got.outcomes("bill", "finance.payments") == {"clean": 1, "not_for_entity": 9}
        assert got.one("finance.payments", "sum(amount)") == (Decimal("222228.50"),)
        # 49.74 + 20.00 + 50.00 + 9.90 + 82.00 paid, 16.03 and 50.00 given back; 82.00 was closed and never paid
        assert got.outcomes("bill", "finance.expenses") == {"clean": 7, "not_for_entity": 3}
        assert got.one("finance.expenses", "sum(amount)") == (Decimal("145.61"),)
        stated = [note.split(": ", 1)[1] for note in got.landed["bill"].notes]
        assert stated[0] == "the file states 66, count(*) is 10"
        assert len(stated) == 3


def test_a_wechat_bill_and_the_same_bill_as_a_workbook_are_one(tmp_path: Path) -> None:
    with loaded(tmp_path, "wechat_pay", DATA / "wechat", time_zone="Asia/Shanghai") as got:
        assert got.refused() == []
        assert got.quarantined() == []
        assert [(one.file, one.rows) for one in got.landed["bill"].deliveries] == [
            ("example-wechat-records.csv", 27),
            ("example-wechat-records.xlsx", 27),
        ]
        assert got.outcomes("bill", "finance.payments") == {"clean": 5, "duplicate": 5, "not_for_entity": 44}
        assert got.one("finance.payments", "sum(amount)") == (Decimal("28.49"),)
        assert got.outcomes("bill", "finance.expenses") == {"clean": 11, "duplicate": 11, "not_for_entity": 32}
        assert got.one("finance.expenses", "sum(amount)") == (Decimal("2904.53"),)
