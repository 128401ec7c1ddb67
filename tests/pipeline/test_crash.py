"""Killed wherever it is, the pipeline ends as if nothing had happened: the next process goes on from what it finds.

First the boundaries between stages, one after the other: one data directory goes through all of them, each process
gets further than the last and dies in turn. Then fetching, page by page and object by object.
"""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipeline.connector import Export
from pipeline.endpoint import Http
from pipeline.extract import LandingResult, landed
from pipeline.extract.bucket import Bucket, land_bucket
from pipeline.extract.http import Asked, Clock, land_endpoint, open_client
from pipeline.settings import now
from pipeline.warehouse import memory_database
from tests import mortal
from tests.mortal import KILLED, Ended, Point
from tests.pipeline.conftest import AS_OF, Company
from tests.servers.endpoints import AS_OF as ASKED_TO
from tests.servers.endpoints import rows
from tests.servers.fault_server import FaultServer, paged
from tests.tables import files, outcome, rows_ahead_of_their_load

RENAME = "pathlib:Path.rename"
REPLACE = "pipeline.publish.published_file:_replace"
# Where a process dies  →  point, and the command that gets there: a report starts from the tables as they stand
POINTS: dict[str, tuple[str, Point]] = {
    "a delivery is written and not yet in its place": ("run", Point(RENAME, "before", 3, ".unfinished-")),
    "columns were found changed and it is not yet recorded": (
        "run",
        Point("pipeline.operate.landing_assets:record_schema_changes", "before", 1, "retyped"),
    ),
    "a candidate is made": ("run", Point("pipeline.clean.load:_make_candidate", "after", 2)),
    "clean rows are written and not yet committed": ("run", Point("pipeline.clean.commit:_write_loads", "after", 2)),
    "clean rows are committed": ("run", Point("pipeline.clean.load:commit_batch", "after", 2)),
    "the models are built and not yet recorded": (
        "run",
        Point("pipeline.operate.session:Session.record_build", "before"),
    ),
    "the facts are written": ("report", Point("pipeline.operate.summary_assets:make_report", "after")),
    "the summary is written and not yet in its place": ("report", Point(RENAME, "before", 1, ".new-")),
    "the copy to publish is made": ("report", Point(REPLACE, "before")),
    "the tables are published": ("report", Point(REPLACE, "after")),
}

KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "secret"}
ENTITIES = {"finance.orders": {"columns": {"order_id": "id"}}}
PAGES, SIZE = 5, 3
OF_PAGES = Export.model_validate(
    {
        "request": {"path": "/orders", "paginate": {"by": "page", "parameter": "page"}},
        "read": {"format": "json", "records": "data"},
        "entities": ENTITIES,
    }
)
OF_OBJECTS = Export.model_validate({"files": "*.csv", "entities": ENTITIES})
LONG = "id,text\n" + "".join(f"{number},{'x' * 100}\n" for number in range(40_000))


@dataclass(frozen=True)
class Wreck:
    """How a process ended, and what it left: what readers see, and what the next run relies on."""

    ended: Ended
    is_published: bool
    deliveries: int
    ahead: list[str]


@dataclass(frozen=True)
class Story:
    """What each killed process left, and the data after the run that came last and was let live."""

    wrecks: dict[str, Wreck]
    last: Ended
    data: Path


@pytest.fixture(scope="module")
def story(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Story:
    data = tmp_path_factory.mktemp("killed") / "data"
    # dbt's parsed project spares a quarter of a minute; everything else begins with nothing
    shutil.copytree(company.data / "dbt", data / "dbt")
    where = ["--sources", company.sources, "--data-dir", data, "--as-of", AS_OF]
    commands = {"run": ["run", *where], "report": ["report", "--period", "2026-10", *where]}
    wrecks = {
        name: _wreck(mortal.ops(commands[command], die_at=point), data) for name, (command, point) in POINTS.items()
    }
    return Story(wrecks, mortal.ops(commands["run"]), data)


def _wreck(ended: Ended, data: Path) -> Wreck:
    homes = (data / "landing").glob("*/*/")
    return Wreck(
        ended,
        (data / "published" / "ops.duckdb").exists(),
        sum(len(landed(data / "landing", home.parent.name, home.name)) for home in homes),
        rows_ahead_of_their_load(data / "warehouse.duckdb"),
    )


@pytest.fixture(scope="module")
def outcomes(story: Story, company: Company) -> tuple[dict[str, Any], dict[str, Any]]:
    return outcome(story.data), outcome(company.data)


@pytest.mark.parametrize("name", POINTS)
def test_a_process_dies_where_it_is_told_and_leaves_no_half_state(story: Story, name: str) -> None:
    wreck = story.wrecks[name]
    assert wreck.ended.code == KILLED, wreck.ended.output
    assert wreck.ahead == []
    assert wreck.is_published == (name == "the tables are published")


def test_landing_grows_from_one_process_to_the_next(story: Story, company: Company) -> None:
    grown = [wreck.deliveries for wreck in story.wrecks.values()]
    assert grown[:2] == sorted(grown[:2])
    assert grown[0] == 2
    assert set(grown[2:]) == {len(files(company.data / "landing", "*/*/[!.]*/rows.parquet"))}


def test_the_run_after_all_of_them_ends_well(story: Story) -> None:
    assert story.last.code == 0, story.last.output
    assert "Traceback" not in story.last.output


@pytest.mark.parametrize("what", ["warehouse", "published", "landing", "reports", "beside the published file"])
def test_it_leaves_what_a_run_nobody_disturbed_leaves(
    outcomes: tuple[dict[str, Any], dict[str, Any]], what: str
) -> None:
    left, expected = outcomes
    assert expected[what]
    assert left[what] == expected[what]


def land_pages(url: str, landing: Path) -> None:
    """What one process does: ask the endpoint, land, print the ids landed."""
    connection = memory_database()
    client = open_client(
        Http(requests_per_second=1000), url, {}, dict[str, str]().get, Clock(now), "sources.yml", print
    )
    asked = Asked("shop", "orders", OF_PAGES, "UTC", ASKED_TO)
    print(ids(land_endpoint(connection, client, asked, landing, landed_at=now())))


def land_objects(url: str, landing: Path) -> None:
    connection = memory_database()
    bucket = Bucket("exports", "", url, "us-east-1", None, **KEYS)
    print(ids(land_bucket(connection, "shop", "orders", OF_OBJECTS, bucket, landing, landed_at=now())))


def ids(result: LandingResult) -> str:
    """Column id of everything landed, in order, as JSON."""
    assert result.refused == []
    connection = memory_database()
    files = [str(one.folder / "rows.parquet") for one in result.deliveries]
    found = connection.execute("select id from read_parquet(?) order by cast(id as integer)", [files]).fetchall()
    return json.dumps([row[0] for row in found])


def last_line(ended: Ended) -> list[str]:
    assert ended.code == 0, ended.output
    return list(json.loads(ended.output.splitlines()[-1]))


@pytest.mark.parametrize(
    ("point", "asked_for_again"),
    [
        pytest.param(Point("pipeline.extract.http.spool:Spool.keep", "before", 3), [3, 4, 5], id="page 3 is read"),
        pytest.param(Point("pipeline.extract.http.spool:Spool.keep", "after", 3), [4, 5], id="page 3 is kept"),
        pytest.param(Point(RENAME, "before", 1, ".unfinished-"), [], id="all is written"),
    ],
)
def test_pages_are_asked_for_from_where_it_stopped(tmp_path: Path, point: Point, asked_for_again: list[int]) -> None:
    with FaultServer() as server:
        server.on("/api/orders", paged(rows(1, PAGES * SIZE), SIZE))
        work = (land_pages, f"{server.url}/api", tmp_path / "landing")
        assert mortal.run(*work, die_at=point).code == KILLED
        assert landed(tmp_path / "landing", "shop", "orders") == []
        before = len(server.seen)
        found = last_line(mortal.run(*work))
        assert found == [str(number) for number in range(1, PAGES * SIZE + 1)]
        pages = [int(query["page"]) for query in server.queries("/api/orders")[before:]]
        assert [page for page in pages if page <= PAGES] == asked_for_again


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.session.Session(KEYS["access_key"], KEYS["secret_key"], region_name="us-east-1")
    client = session.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="exports")
    client.put_object(Bucket="exports", Key="long.csv", Body=LONG)
    client.put_object(Bucket="exports", Key="short.csv", Body="id,text\n-1,y\n")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(Point("botocore.response:StreamingBody.read", "after", 4), id="an object is read in part"),
        pytest.param(Point("os:utime", "before", 2), id="an object is read whole"),
        pytest.param(Point(RENAME, "after", 1, ".unfinished-"), id="one object has landed"),
        pytest.param(Point("pipeline.extract.bucket.memory:Memory.write", "before"), id="nothing is remembered yet"),
    ],
)
def test_objects_land_once_whenever_it_was_killed(tmp_path: Path, service: str, point: Point) -> None:
    work = (land_objects, service, tmp_path / "landing")
    assert mortal.run(*work, die_at=point).code == KILLED
    for _ in range(2):
        found = last_line(mortal.run(*work))
        assert found == [str(number) for number in range(-1, 40_000)]
    home = tmp_path / "landing" / "shop" / "orders"
    assert list((home / ".fetching").iterdir()) == []
    assert sorted(path.name for path in home.iterdir() if path.name.startswith(".")) == [".fetched.json", ".fetching"]
