"""Users' mistakes: one clear message each, the right exit code, the last good tables and summary untouched."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.warehouse import read_published
from tests.pipeline.conftest import Company, contents


@pytest.fixture(scope="module")
def spoilt(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Company, str]:
    """The company before and after a run in which every export of finance, CRM and planning arrives broken in its own way."""
    copy = company.copied_to(tmp_path_factory.mktemp("spoilt"))
    exports = copy.folder / "exports"
    for pattern, spoil in SPOILT.items():
        paths = list(exports.glob(pattern))
        assert paths, f"the sample has no {pattern}"
        for path in paths:
            spoil(path)
    done = copy.run()
    assert done.returncode == 3, done.stdout + done.stderr
    return company, copy, done.stdout + done.stderr


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def other_delimiter(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b",", b"|"))


def without_a_column(path: Path) -> None:
    lines = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join(line.split(",", 1)[1] for line in lines if "," in line))


def undecodable(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\xff\xfe\x81broken\n")


def unknown_kpi(path: Path) -> None:
    lines = path.read_text("utf-8-sig").splitlines()
    kpi = lines[1].split(",")[0]
    path.write_text("\n".join([*lines, lines[1].replace(kpi, "net_revenu", 1)]) + "\n")


SPOILT: dict[str, Callable[[Path], None]] = {
    "finance/orders_*.csv": remove,
    "finance/order_lines_*.csv": other_delimiter,
    "finance/refunds*.csv": empty,
    "finance/products*.csv": header_only,
    "crm/accounts*.csv": without_a_column,
    "crm/users*.csv": undecodable,
    "planning/targets*.csv": unknown_kpi,
}


@pytest.mark.parametrize(
    ("entity", "told"),
    [
        ("finance.orders", "no file"),
        ("finance.order_lines", "delimiter"),
        ("finance.refunds", "empty"),
        ("finance.products", "header"),
        ("crm.accounts", "column"),
        ("crm.owners", "utf-8"),
        ("planning.targets", "net_revenu"),
    ],
)
def test_each_broken_export_is_named_with_what_is_wrong(
    spoilt: tuple[Company, Company, str], entity: str, told: str
) -> None:
    _, copy, output = spoilt
    connection = read_published(copy.published)
    rows = connection.execute("select status, reason from ops.ops.source_status where entity = ?", [entity]).fetchall()
    connection.close()
    assert [status for status, _ in rows] == ["stale"]
    assert told in rows[0][1].lower()
    assert rows[0][1].splitlines()[0] in output
    assert "Traceback" not in output


def test_the_last_good_rows_stand(spoilt: tuple[Company, Company, str]) -> None:
    before, after, _ = spoilt
    counts = "select entity, source, rows_clean from ops.ops.source_status order by all"
    one, two = read_published(before.published), read_published(after.published)
    assert one.execute(counts).fetchall() == two.execute(counts).fetchall()
    values = "select * from kpis.kpi_values order by all"
    assert one.execute(values).fetchall() == two.execute(values).fetchall()
    one.close()
    two.close()


def test_a_source_may_say_that_a_refused_delivery_stops_everything(company: Company, tmp_path: Path) -> None:
    copy = company.copied_to(tmp_path)
    text = copy.sources.read_text()
    copy.sources.write_text(text.replace("  finance:\n", "  finance:\n    on_failed_delivery: stop\n", 1))
    empty(next((copy.folder / "exports" / "finance").glob("refunds*.csv")))
    published, reports = copy.published.read_bytes(), contents(copy.data / "reports")
    for _ in range(2):
        done = copy.run()
        assert done.returncode == 1, done.stdout + done.stderr
        assert "its source says to stop" in done.stdout
    assert copy.published.read_bytes() == published
    assert contents(copy.data / "reports") == reports


CONNECTOR_MISTAKES = {
    "an unknown key": ("sources.yml", lambda text: text + "\ncolour: red\n", "colour"),
    "a key that stands twice": ("sources.yml", lambda text: text + "\nheadline: [orders]\n", "headline"),
    "an alias that holds itself": (
        "sources.yml",
        lambda text: text.replace("headline:", "x: &a [*a]\nheadline:", 1),
        "recursive",
    ),
    "an unknown headline KPI": (
        "sources.yml",
        lambda text: text.replace("headline: [", "headline: [net_revenu, ", 1),
        "net_revenu",
    ),
    "an unknown time zone": (
        "sources.yml",
        lambda text: text.replace("America/New_York", "America/New_Yorck"),
        "New_Yorck",
    ),
    "an unknown entity": (
        "connectors/finance.yml",
        lambda text: text.replace("finance.refunds:", "finance.refund:"),
        "finance.refund",
    ),
    "an unknown column": ("connectors/finance.yml", lambda text: text.replace("refund_id:", "refund_no:"), "refund_no"),
    "a mapping that reads a file": (
        "connectors/finance.yml",
        lambda text: text.replace(
            """refund_id: '"Refund ID"'""", """refund_id: "(select content from read_text('/etc/hostname'))\""""
        ),
        "may not query",
    ),
}


@pytest.mark.parametrize("mistake", CONNECTOR_MISTAKES)
def test_wrong_configuration_is_one_clear_message_and_exit_code_2(
    company: Company, tmp_path: Path, mistake: str
) -> None:
    shutil.copytree(company.folder, tmp_path / "company")
    copy = Company(tmp_path / "company", tmp_path / "data")
    name, change, told = CONNECTOR_MISTAKES[mistake]
    path = copy.folder / name
    path.write_text(change(path.read_text()))
    done = copy.run()
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert name.split("/")[-1] in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy.data / "landing").exists()


def test_check_reports_every_mistake_at_once(company: Company, tmp_path: Path) -> None:
    shutil.copytree(company.folder, tmp_path / "company")
    copy = Company(tmp_path / "company", tmp_path / "data")
    connector = copy.folder / "connectors" / "finance.yml"
    connector.write_text(
        connector.read_text().replace("refund_id:", "refund_no:").replace("product_id: 'trim", "produkt: 'trim")
    )
    path = copy.folder / "sources.yml"
    path.write_text(path.read_text().replace("headline: [", "headline: [net_revenu, ", 1))
    done = copy.check()
    assert done.returncode == 2
    for told in ("refund_no", "produkt", "net_revenu"):
        assert told in done.stderr


def test_check_finds_what_the_first_rows_tell(company: Company, tmp_path: Path) -> None:
    shutil.copytree(company.folder, tmp_path / "company")
    copy = Company(tmp_path / "company", tmp_path / "data")
    for path in (copy.folder / "exports").glob("finance/orders_*.csv"):
        path.write_text(path.read_text().replace("Total", "Sum", 1))
    done = copy.check()
    assert done.returncode == 2
    assert "amount needs the column 'Total'" in done.stderr
    assert not copy.data.exists()


def test_check_of_a_sound_company_says_so(company: Company) -> None:
    done = company.check()
    assert (done.returncode, done.stderr) == (0, "")
    assert "all well" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--period", "2026-13"], "2026-13"),
        (["--period", "2026-10-31"], "summary of a day"),
        (["--period", "2031-01"], "has not begun"),
        (["--language", "xx"], "xx"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_loaded(
    company: Company, tmp_path: Path, arguments: list[str], told: str
) -> None:
    copy = Company(company.folder, tmp_path / "data")
    done = copy.run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (copy.data / "landing").exists()
