"""The import law: stages meet at tables, every framework has one adapter, nothing heavy is imported at start."""

import json
import subprocess
import sys

import pytest

from tests.architecture.source_tree import STAGES, Module, modules

SHARED = {
    "errors",
    "yaml_files",
    "contracts",
    "sources",
    "reconciliation",
    "configuration",
    "settings",
    "warehouse",
    "periods",
    "connector",
    "parameters",
    "endpoint",
    "endpoint_mistakes",
}
SAMPLE_MAY = {"errors", "warehouse"}
SHELL = {"operate", "definitions", "cli", "generate", "form"}

# imported module  →  the only places that may import it
ONE_HOME = {
    "great_expectations": ["pipeline/validate/gx.py"],
    "sqlalchemy": ["pipeline/validate/gx.py", "pipeline/operate/event_log.py"],
    "duckdb_engine": ["pipeline/validate/gx.py"],
    "dbt": ["pipeline/model/dbt.py"],
    "dagster_dbt": ["pipeline/operate/dbt_assets.py"],
    "dagster": ["pipeline/operate/", "pipeline/definitions.py"],
    "vl_convert": ["pipeline/report/"],
    "boto3": ["pipeline/extract/bucket/"],
    "botocore": ["pipeline/extract/bucket/"],
    "requests": ["pipeline/extract/http/"],
    "tenacity": ["pipeline/extract/http/"],
    "typer": ["pipeline/cli.py"],
    "pandas": [],
}
# attribute used  →  the only module that may use it
ONE_CALLER = {
    "duckdb.connect": "pipeline/warehouse.py",
    "os.environ": "pipeline/settings.py",
    "os.getenv": "pipeline/settings.py",
    "datetime.now": "pipeline/settings.py",
    "datetime.utcnow": "pipeline/settings.py",
    "datetime.today": "pipeline/settings.py",
    "date.today": "pipeline/settings.py",
    "time.time": "pipeline/settings.py",
}
PIPELINE = modules("pipeline")


def own_imports(module: Module) -> set[str]:
    """Second parts of what a module imports from pipeline: the stage, or the shared module."""
    names = {name.split(".")[1] for name in module.imports() if name.startswith("pipeline.")}
    return {name for name in names if name != module.stage and name != module.path.stem}


@pytest.mark.parametrize("module", [one for one in PIPELINE if one.stage in STAGES], ids=lambda one: one.name)
def test_stages_never_import_one_another(module: Module) -> None:
    assert own_imports(module) - SHARED == set()


@pytest.mark.parametrize("module", [one for one in PIPELINE if one.stage == "sample"], ids=lambda one: one.name)
def test_the_sample_knows_nothing_of_the_pipeline(module: Module) -> None:
    assert own_imports(module) - SAMPLE_MAY == set()


@pytest.mark.parametrize("name", sorted(SHARED))
def test_what_all_share_rests_on_nothing_but_itself(name: str) -> None:
    (module,) = [one for one in PIPELINE if one.name == f"pipeline/{name}.py"]
    assert own_imports(module) - SHARED == set()


def test_every_module_has_a_place_in_the_law() -> None:
    homes = {one.stage or one.path.stem for one in PIPELINE}
    assert homes - set(STAGES) - SHARED - SHELL - {"sample", "__init__"} == set()


@pytest.mark.parametrize("name", sorted(ONE_HOME))
def test_a_framework_has_one_home(name: str) -> None:
    importing = [one.name for one in PIPELINE if any(imported.split(".")[0] == name for imported in one.imports())]
    assert [place for place in importing if not place.startswith(tuple(ONE_HOME[name]))] == []


@pytest.mark.parametrize("name", sorted(ONE_CALLER))
def test_an_effect_has_one_home(name: str) -> None:
    using = [one.name for one in PIPELINE if name in one.calls()]
    assert [place for place in using if place != ONE_CALLER[name]] == []


def test_the_homes_are_real() -> None:
    """A law about a module that was renamed would forbid nothing."""
    homes = {place for places in ONE_HOME.values() for place in places} | set(ONE_CALLER.values())
    assert [home for home in sorted(homes) if not any(one.name.startswith(home) for one in PIPELINE)] == []
    assert any("duckdb.connect" in one.calls() for one in PIPELINE)


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("pipeline.cli", ["dagster", "dbt", "great_expectations", "pandas", "sqlalchemy", "vl_convert"]),
        ("pipeline.definitions", ["great_expectations", "pandas", "sqlalchemy", "vl_convert"]),
    ],
)
def test_nothing_heavy_is_imported_at_start(
    module: str, heavy: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = f"import json, sys, {module}; print(json.dumps(sorted(set({heavy!r}) & set(sys.modules))))"
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
