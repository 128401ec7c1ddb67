"""Dagster's databases stay open during a run: nothing is lost for it, and whoever else opens them reads them."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest

from pipeline.operate.event_log import Databases, EventLog
from pipeline.operate.instance import open_instance


@dg.asset
def table() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


def tell(instance: dg.DagsterInstance, key: str = "told") -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(key))


def told(instance: dg.DagsterInstance, key: str = "told") -> int:
    return len(instance.fetch_materializations(dg.AssetKey(key), limit=1000).records)


def open_databases(home: Path) -> set[str]:
    """Names of the databases in `home` that this process has open."""
    links = (os.path.realpath(one) for one in Path("/proc/self/fd").iterdir())
    return {Path(link).stem for link in links if link.startswith(str(home)) and link.endswith(".db")}


def test_an_instance_is_made_with_the_storage_that_stays_open(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        assert dg.materialize([table], instance=instance).success
        assert {"runs", "index"} < open_databases(tmp_path)


def test_nothing_stays_open_after_it(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        assert dg.materialize([table], instance=instance).success
    assert open_databases(tmp_path) == set()
    assert [path.name for path in tmp_path.rglob("*") if path.suffix in (".db-wal", ".db-shm")] == []


def test_of_runs_that_ended_few_stay_open(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        for _ in range(5):
            assert dg.materialize([table], instance=instance).success
        runs = {run.run_id for run in instance.get_runs()}
        assert len(runs) == 5
        assert len(open_databases(tmp_path) & runs) <= 2
        assert all(len(instance.all_logs(run)) > 5 for run in runs)
        assert told(instance, "table") == 5


def test_what_a_run_tells_is_read_at_once_by_an_instance_of_dagsters_own(tmp_path: Path) -> None:
    """As an older dagster.yaml has it: the same files, opened for every event."""
    with open_instance(tmp_path) as instance:
        run_id = dg.materialize([table], instance=instance).run_id
        (tmp_path / "dagster.yaml").unlink()
        with dg.DagsterInstance.local_temp(str(tmp_path)) as plain:
            assert not isinstance(plain.event_log_storage, EventLog)
            assert [run.run_id for run in plain.get_runs()] == [run_id]
            assert len(plain.all_logs(run_id)) == len(instance.all_logs(run_id))
            assert told(plain, "table") == 1
            tell(plain)
        assert told(instance) == 1


def test_an_instance_made_earlier_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with open_instance(tmp_path) as instance:
        assert not isinstance(instance.event_log_storage, EventLog)
        assert dg.materialize([table], instance=instance).success
    assert (tmp_path / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_a_data_directory_that_was_moved_is_written_where_it_is(tmp_path: Path) -> None:
    with open_instance(tmp_path / "before") as instance:
        tell(instance)
    (tmp_path / "before").rename(tmp_path / "after")
    with open_instance(tmp_path / "after") as instance:
        tell(instance)
        assert told(instance) == 2
    assert not (tmp_path / "before").exists()


def test_threads_tell_all_they_have_to(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: tell(instance), range(40))) == [None] * 40
        assert told(instance) == 40


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_never_has_its_parents(tmp_path: Path) -> None:
    databases, address = Databases(1), f"sqlite:///{tmp_path}/one.db"
    opened = databases.engine(address)
    assert databases.engine(address) is opened
    child = os.fork()
    if child == 0:
        os._exit(int(databases.engine(address) is opened))
    assert os.waitpid(child, 0)[1] == 0
    databases.close()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_tells_beside_its_parent(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        tell(instance)
        for _ in range(3):
            child = os.fork()
            if child == 0:
                tell(instance)
                instance.dispose()
                os._exit(0)
            tell(instance)
            assert os.waitpid(child, 0)[1] == 0
        assert told(instance) == 7
    for path in tmp_path.rglob("*.db"):
        with sqlite3.connect(path) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_wiped_log_is_empty_and_goes_on(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        dg.materialize([table], instance=instance)
        instance.wipe()
        assert (told(instance, "table"), list(instance.get_runs())) == (0, [])
        assert dg.materialize([table], instance=instance).success
        assert told(instance, "table") == 1
