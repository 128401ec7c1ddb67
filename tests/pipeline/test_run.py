"""The whole pipeline on the sample company: what a run leaves behind, and that a second one changes nothing."""

from pathlib import Path

from pipeline.warehouse import read_published
from tests.pipeline.conftest import Company, Done, contents


def test_the_sample_runs_to_the_end_and_says_what_it_made(
    first_run: tuple[Company, Done],
) -> None:
    company, done = first_run
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2026-10" in done.stdout
    assert str(company.published) in done.stdout
    assert (company.data / "reports" / "month" / "2026-10").is_dir()


def _alike(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def test_every_delivered_row_is_accounted_for(company: Company) -> None:
    connection = read_published(company.published)
    wrong = connection.execute("""
        select file, entity from ops.ops.loads
        where rows_read <> rows_clean + rows_quarantined + rows_duplicate + rows_superseded + rows_not_for_entity + rows_deleted
    """).fetchall()
    unequal = connection.execute(
        "select check_id from ops.ops.reconciliation where kind = 'delivery' and not is_within"
    ).fetchall()
    count = connection.execute("select count(*) from ops.ops.loads").fetchone()
    connection.close()
    assert (wrong, unequal) == ([], [])
    assert count is not None
    assert count[0] > 10


def test_every_fact_is_found_again_by_its_query_in_the_published_file(company: Company) -> None:
    connection = read_published(company.published)
    facts = connection.execute("select fact_id, value, text_value, query from report.facts").fetchall()
    differing = []
    for fact_id, value, text_value, query in facts:
        found = connection.execute(query).fetchall()
        expected = text_value if text_value is not None else value
        if len(found) != 1 or not (found[0][0] == expected or _alike(float(found[0][0]), expected)):
            differing.append((fact_id, found, expected))
    connection.close()
    assert len(facts) > 100
    assert differing == []


def test_a_second_run_changes_nothing(company: Company, tmp_path: Path) -> None:
    copy = company.copied_to(tmp_path)
    reports, published = contents(copy.data / "reports"), copy.published.read_bytes()
    done = copy.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unchanged" in done.stdout
    assert contents(copy.data / "reports") == reports
    connection = read_published(copy.published)
    after = connection.execute("select * from kpis.kpi_values order by all").fetchall()
    connection.close()
    (tmp_path / "before.duckdb").write_bytes(published)
    connection = read_published(tmp_path / "before.duckdb")
    before = connection.execute("select * from kpis.kpi_values order by all").fetchall()
    connection.close()
    assert after == before


def test_two_runs_at_once_the_second_says_who_holds_the_warehouse(company: Company, tmp_path: Path) -> None:
    from pipeline.contracts import load_contracts
    from pipeline.settings import EXPECTATIONS
    from pipeline.warehouse import open_warehouse

    copy = company.copied_to(tmp_path)
    holder = open_warehouse(copy.data / "warehouse.duckdb", load_contracts(EXPECTATIONS))
    try:
        done = copy.run()
    finally:
        holder.close()
    assert done.returncode == 1
    assert "another run holds the warehouse" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
