"""docs/connectors/write_your_own.md: its commands are run, its connector loads, its mistakes are told as it says."""

import re
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import ConfigurationError
from pipeline.operate.check import export_mistakes
from pipeline.operate.project import load_project
from pipeline.settings import REPOSITORY, load_settings
from tests.connectors.kit import loaded

PAGE = (REPOSITORY / "docs" / "connectors" / "write_your_own.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ASKS = ("ops-summary check ", "ops-summary draft ")
WRONG_LINES = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+) \|$", PAGE, re.MULTILINE)


def run(folder: Path, commands: str) -> None:
    """Run the commands of a block, all but our own."""
    others = "".join(line for line in commands.splitlines(keepends=True) if not line.startswith("ops-summary "))
    subprocess.run(["bash", "-euc", others], cwd=folder, check=True, timeout=30)


def told(folder: Path, command: str) -> list[str]:
    """What a command of ours prints of a folder, its mistakes included."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = CliRunner().invoke(app, command.split()[1:])
    assert result.exception is None or isinstance(result.exception, ConfigurationError | SystemExit)
    mistakes = str(result.exception) if isinstance(result.exception, ConfigurationError) else ""
    return [*result.output.splitlines(), *mistakes.splitlines()]


def mistakes_of(folder: Path) -> list[str]:
    """What `ops-summary check` finds wrong with the folder's sources.yml."""
    try:
        project = load_project(load_settings(sources=folder / "till" / "sources.yml", data_dir=folder / "data"))
    except ConfigurationError as error:
        return str(error).splitlines()
    return [str(mistake) for mistake in export_mistakes(project)]


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """A folder in which every command of the page was run."""
    for kind, block in BLOCKS:
        if kind == "sh":
            run(tmp_path, block)
    return tmp_path


def test_each_command_of_the_page_tells_what_the_page_shows(tmp_path: Path) -> None:
    shown = []
    for place, (kind, block) in enumerate(BLOCKS):
        if kind == "sh":
            run(tmp_path, block)
        commands = [line for line in block.splitlines() if line.startswith(ASKS)]
        if kind == "sh" and commands:
            answer, text = BLOCKS[place + 1]
            shown.append(len(text.splitlines()))
            assert (answer, told(tmp_path, commands[-1])) == ("text", text.splitlines())
    assert shown == [21, 2, 3, 2, 14]


def test_the_pages_connector_loads_what_the_page_says(followed: Path) -> None:
    said = yaml.safe_load((followed / "till" / "sources.yml").read_text(encoding="utf-8"))
    (followed / "kit").mkdir()
    connector, exports = followed / "till" / "till.yml", followed / "till" / "exports"
    with loaded(followed / "kit", str(connector), exports, company=said["company"]) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("sales", "finance.orders") == {"clean": 4, "not_for_entity": 1}
        assert got.one("finance.orders", "sum(amount)") == (Decimal("1259.80"),)
        assert got.clean("finance.orders", "order_id", "status", "cast(order_date as varchar)", "country") == [
            ("1001", "paid", "2026-01-02", "DE"),
            ("1002", "paid", "2026-01-02", "DE"),
            ("1003", "cancelled", "2026-01-03", "DE"),
            ("1005", "paid", "2026-01-14", "AT"),
        ]
    assert "1,259.80 EUR" in PAGE


def test_what_else_goes_wrong_is_told_as_the_page_says(followed: Path) -> None:
    connector = followed / "till" / "till.yml"
    right = connector.read_text(encoding="utf-8")
    said = []
    for instead, written, _ in WRONG_LINES:
        assert right.count(f" {instead}\n") == 1
        connector.write_text(right.replace(f" {instead}\n", f" {written}\n"), encoding="utf-8")
        said.append("; ".join(mistakes_of(followed)))
    assert len(said) == 8
    assert said == [says for _, _, says in WRONG_LINES]
