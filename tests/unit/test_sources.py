"""The grammar of sources.yml and connectors, and what both mean together."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.configuration import load_configuration
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.sources import Configuration

ANIMALS = Contract.model_validate(
    {
        "entity": "zoo.animals",
        "row": "One row per animal.",
        "key": ["animal_id", "cage"],
        "columns": {
            "animal_id": {"type": "text", "description": "Its id."},
            "cage": {"type": "text", "description": "Its cage."},
            "weight": {"type": "number", "description": "Its weight in kg."},
        },
        "corrections": [{"column": "cage", "fill": "none", "reason": "free animals have no cage"}],
    }
)
CONNECTOR: dict[str, Any] = {
    "exports": {"animals": {"files": "*.csv", "entities": {"zoo.animals": {"columns": {"animal_id": "id"}}}}}
}
SOURCES: dict[str, Any] = {
    "company": {"name": "Zoo", "time_zone": "Europe/Berlin", "currency": "EUR"},
    "headline": ["visits"],
    "sources": {"keeper": {"connector": "./keeper.yml", "location": "./exports"}},
}


def load(folder: Path, sources: dict[str, Any], connector: dict[str, Any] | None = None) -> Configuration:
    (folder / "sources.yml").write_text(yaml.safe_dump(sources, sort_keys=False))
    (folder / "keeper.yml").write_text(yaml.safe_dump(connector or CONNECTOR, sort_keys=False))
    return load_configuration(folder / "sources.yml", {"zoo.animals": ANIMALS}, frozenset({"visits", "births"}))


def with_source(**changes: Any) -> dict[str, Any]:
    return SOURCES | {"sources": {"keeper": SOURCES["sources"]["keeper"] | changes}}


def with_export(**changes: Any) -> dict[str, Any]:
    return {"exports": {"animals": CONNECTOR["exports"]["animals"] | changes}}


def with_mapping(**columns: str) -> dict[str, Any]:
    return with_export(entities={"zoo.animals": {"columns": columns}})


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    feed = load(tmp_path, SOURCES).feeds()[0]
    assert (feed.label, feed.namespace, feed.zone) == ("keeper.animals → zoo.animals", "keeper", "Europe/Berlin")
    assert (feed.write, feed.schema_mode, feed.stops_on_failure) == ("merge", "evolve", False)
    assert (feed.read.format, feed.read.null, feed.read.decimal) == (None, ("",), ".")


def test_what_a_source_says_wins_over_the_company(tmp_path: Path) -> None:
    sources = with_source(namespace="zoo", time_zone="UTC", on_failed_delivery="stop")
    feed = load(tmp_path, sources, with_export(write="snapshot", schema="freeze")).feeds()[0]
    assert (feed.namespace, feed.zone, feed.company_zone) == ("zoo", "UTC", "Europe/Berlin")
    assert (feed.write, feed.schema_mode, feed.stops_on_failure) == ("snapshot", "freeze", True)


def test_locations_are_relative_to_sources_yml(tmp_path: Path) -> None:
    assert load(tmp_path, SOURCES).location("keeper") == tmp_path / "exports"


def test_coverage_may_be_open_at_one_end(tmp_path: Path) -> None:
    covers = load(tmp_path, with_source(covers={"zoo.animals": {"to": "2014-12-31"}})).file.sources["keeper"].covers
    assert (covers["zoo.animals"].from_, covers["zoo.animals"].to) == (None, date(2014, 12, 31))


WRONG_SOURCES: list[tuple[dict[str, Any], str]] = [
    ({"headline": ["visits", "visitors"]}, "no such KPI; found visitors; expected one of births, visits"),
    ({"headline": ["visits", "visits"]}, "the KPI stands twice"),
    ({"headline": []}, "headline"),
    ({"company": SOURCES["company"] | {"time_zone": "Berlin"}}, "this is not an IANA time zone"),
    ({"company": SOURCES["company"] | {"currency": "euro"}}, "company.currency"),
    ({"company": SOURCES["company"] | {"fiscal_year_start": 13}}, "company.fiscal_year_start"),
    ({"kpis": "./kpis"}, "the folder of KPIs does not exist; found ./kpis"),
    ({"sources": {}}, "sources"),
    (with_source(conector="x"), "conector: this key is not known"),
    (with_source(connector="./gone.yml"), "gone.yml: the file does not exist"),
    (with_source(connector="no_such_vendor"), "no_such_vendor: the file does not exist"),
    (with_source(covers={"zoo.cages": {}}), "covers an entity it does not feed; found zoo.cages"),
    (with_source(namespace="The Zoo"), "namespace"),
]
WRONG_CONNECTORS: list[tuple[dict[str, Any], str]] = [
    (with_export(entities={"zoo.cages": {"columns": {"a": "b"}}}), "no such entity; expected one of zoo.animals"),
    (with_mapping(animal_id="id", size="s"), "columns.size: no such column"),
    (with_mapping(weight="w"), "the key column is not mapped; expected animal_id"),
    (with_export(write="replace"), "exports.animals.write"),
    (with_export(schema="strict"), "exports.animals.schema"),
    (with_export(read={"decimal": ",", "thousands": ","}), "decimal and thousands separator are the same"),
    (with_export(read={"format": "xml"}), "exports.animals.read.format"),
    ({"exports": {}}, "exports"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG_SOURCES)
def test_what_sources_yml_may_not_say(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, SOURCES | changes)
    assert message in str(caught.value)


@pytest.mark.parametrize(("connector", "message"), WRONG_CONNECTORS)
def test_what_a_connector_may_not_say(tmp_path: Path, connector: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, SOURCES, connector)
    assert message in str(caught.value)


def two_keepers(**second: Any) -> dict[str, Any]:
    keeper = SOURCES["sources"]["keeper"]
    return SOURCES | {
        "sources": {"day": keeper | {"namespace": "zoo"}, "night": keeper | {"namespace": "zoo"} | second}
    }


def test_two_sources_of_one_entity_in_one_namespace_are_refused(tmp_path: Path) -> None:
    message = "several sources feed zoo.animals in the namespace zoo; found day, night"
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, two_keepers())
    assert [message in str(one) for one in caught.value.mistakes] == [True]


@pytest.mark.parametrize("second", [{"primary": True}, {"namespace": "farm"}])
def test_a_primary_source_or_a_namespace_of_its_own_settles_it(tmp_path: Path, second: dict[str, Any]) -> None:
    assert len(load(tmp_path, two_keepers(**second)).feeds()) == 2


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            tmp_path, SOURCES | {"headline": ["visitors"]}, with_export(entities={"zoo.cages": {"columns": {"a": "b"}}})
        )
    assert len(caught.value.mistakes) == 2
