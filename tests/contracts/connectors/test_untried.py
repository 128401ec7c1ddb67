"""The untried connectors of docs/: each keeps to the grammar, the contracts and what a mapping may do; no more is known."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.connector import SHIPPED, Connector
from pipeline.endpoint import credential_names
from pipeline.operate.check import configuration_mistakes, export_mistakes
from pipeline.operate.project import load_project
from pipeline.settings import REPOSITORY, load_settings
from pipeline.yaml_files import read_model
from tests.connectors.kit import COMPANY

UNTRIED = REPOSITORY / "docs" / "connectors" / "untried"
FILES = sorted(UNTRIED.glob("*.yml"))


def source_of(file: Path) -> dict[str, Any]:
    """A source that names this connector and says all it asks for."""
    connector = read_model(file, Connector, file.name)
    auth = connector.http.auth if connector.http else None
    return {
        "connector": str(file),
        "location": "http://127.0.0.1:9",
        "parameters": {name: "2026-01-01" for name, one in connector.parameters.items() if one.default is None},
        "credentials": dict.fromkeys(credential_names(auth), "UNTRIED_SECRET"),
    }


def test_every_untried_connector_fits_grammar_contracts_and_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNTRIED_SECRET", "secret")
    sources = {file.stem: source_of(file) for file in FILES}
    file = tmp_path / "sources.yml"
    file.write_text(yaml.safe_dump({"company": COMPANY, "headline": ["orders"], "sources": sources}), encoding="utf-8")
    project = load_project(load_settings(sources=file, data_dir=tmp_path / "data"))
    assert len(project.configuration.connectors) == len(FILES) >= 6
    assert [str(mistake) for mistake in configuration_mistakes(project)] == []
    assert [str(mistake) for mistake in export_mistakes(project)] == []


def test_every_untried_connector_is_told_of_and_none_is_shipped() -> None:
    page = (UNTRIED / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in FILES if f"[{file.name}]({file.name})" not in page] == []
    assert {file.name for file in FILES} & {file.name for file in SHIPPED.glob("*.yml")} == set()
