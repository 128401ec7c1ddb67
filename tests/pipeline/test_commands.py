"""The small commands on a company that has been run: quarantine, report, publish."""

from pathlib import Path

import pytest

from tests.pipeline.conftest import AS_OF, Company, Done, forked


@pytest.fixture(scope="module")
def copy(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company.copied_to(tmp_path_factory.mktemp("commands"))


def ops(company: Company, *arguments: str) -> Done:
    return forked(*arguments, "--sources", str(company.sources), "--data-dir", str(company.data))


def test_quarantine_lists_rules_and_shows_a_row_as_delivered(copy: Company) -> None:
    listed = ops(copy, "quarantine", "list").stdout
    assert "analytics.events" in listed
    assert "the value is missing" in listed
    row_id = next(line.split("first: ")[1] for line in listed.splitlines() if "first: " in line)
    shown = ops(copy, "quarantine", "show", row_id)
    assert shown.returncode == 0, shown.stderr
    assert "rule " in shown.stdout
    assert " = " in shown.stdout


def test_a_row_that_is_not_in_quarantine_is_a_clear_error(copy: Company) -> None:
    done = ops(copy, "quarantine", "show", "nothing")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "no such row in quarantine" in done.stderr


def test_publish_leaves_a_file_alone_that_says_the_same(copy: Company) -> None:
    before = copy.published.read_bytes()
    done = ops(copy, "publish")
    assert done.returncode == 0, done.stderr
    assert "unchanged" in done.stdout
    assert copy.published.read_bytes() == before


def test_a_past_period_is_summarised_without_loading_anything(copy: Company) -> None:
    done = ops(copy, "report", "--period", "2026-W40", "--as-of", AS_OF)
    assert done.returncode == 0, done.stdout + done.stderr
    folder: Path = copy.data / "reports" / "week" / "2026-W40" / "1"
    assert {path.name for path in folder.iterdir()} == {"facts.json", "en"}
    assert "land_" not in done.stdout
