"""Generic Python names no vendor, entity, column or KPI: what a company measures lives in YAML and SQL.

analyze and report may know the columns of the published tables, sample is about one made-up company.
"""

import re
from functools import cache

import pytest

from pipeline.contracts import Contracts
from pipeline.model.kpi_files import kpi_ids
from pipeline.settings import DBT_PROJECT, REPOSITORY
from tests.architecture.source_tree import Module, modules, says

SPECIFIC = {"sample", "connectors"}
KNOW_PUBLISHED_COLUMNS = {"analyze", "report"}
VENDORS = {
    *("alipay", "facebook", "ga4", "google", "hubspot", "instagram", "linkedin", "magento", "maven", "quickbooks"),
    *("salesforce", "shopify", "stripe", "tiktok", "wechat", "weibo", "xero", "zendesk"),
}
# Words of contracts and KPIs that are ordinary English or the project's own vocabulary, and what they mean here.
ORDINARY = {
    "actions": "a table of the summary itself: what people do about it",
    "calendar": "days and periods as people name them",
    "currency": "a setting of the company",
    "dimension": "a column of every KPI table",
    "events": "what dagster and dbt report",
    "feedback": "kind of a note",
    "kind": "ordinary English",
    "kpi_id": "a column of every KPI table, and of a KPI's yml",
    "leads": "ordinary English: where a path or a file leads",
    "market": "kind of a note",
    "member": "a file within an archive",
    "method": "of a request, or a way of doing",
    "name": "everything has one",
    "notes": "a table of the summary itself, and remarks on a delivery",
    "owner": "of a KPI, as dagster names it",
    "owners": "of an asset, as dagster names them",
    "page": "of the documentation",
    "period": "what a summary is about",
    "reach": "which periods a changed day reaches; how far a request goes",
    "reason": "every rule and every error has one",
    "region": "where a bucket is kept",
    "shares": "ordinary English: parts of a whole",
    "source": "an entry of sources.yml",
    "status": "of a delivery, a source, a run",
    "steps": "of a calendar",
    "target": "where something is written",
    "targets": "a table of the summary itself: what people set out to reach",
    "team": "prefix of an owner in dagster",
    "text": "a type of contracts, and of code in general",
    "title": "of a page or a table",
}
# The same, where one module alone may say it.
EXCEPTIONS = {
    ("pipeline/cli.py", "sessions"): "the help of `sample` says what its scale is measured in",
    ("pipeline/validate/gx.py", "analytics"): "the framework's own usage statistics, switched off",
}


# Parts of connectors' names that say how an export comes rather than from whom.
KINDS_OF_CONNECTORS = {"api", "data", "report", "survey"}
KPI_IDS = set(kpi_ids(DBT_PROJECT, None))


def words_of_contracts(contracts: Contracts) -> set[str]:
    domains = {contract.domain for contract in contracts.values()}
    return domains | {contract.name for contract in contracts.values()}


def columns_of_contracts(contracts: Contracts) -> set[str]:
    return {column for contract in contracts.values() for column in contract.columns}


@cache
def words_of_connectors() -> set[str]:
    files = [
        *(REPOSITORY / "pipeline" / "connectors").glob("*.yml"),
        *(REPOSITORY / "examples").glob("*/connectors/*.yml"),
    ]
    return {part for path in files for part in re.split(r"[^a-z0-9]+", path.stem)} - KINDS_OF_CONNECTORS


def generic_modules() -> list[Module]:
    return [module for module in modules("pipeline") if module.stage not in SPECIFIC]


def named(module: Module, words: set[str]) -> list[str]:
    looked_for = sorted(word for word in words if (module.name, word) not in EXCEPTIONS)
    return [
        f"{module.name}:{line} {word}" for line, parts in module.words() for word in looked_for if says(parts, word)
    ]


def test_the_words_are_known(contracts: Contracts) -> None:
    assert len(words_of_contracts(contracts)) > 10
    assert len(KPI_IDS) > 10
    assert words_of_connectors() >= {"maven", "crm"}


@pytest.mark.parametrize("module", generic_modules(), ids=lambda module: module.name)
def test_generic_python_names_nothing_a_company_measures(module: Module, contracts: Contracts) -> None:
    words = words_of_contracts(contracts) | KPI_IDS | words_of_connectors() | VENDORS
    if module.stage not in KNOW_PUBLISHED_COLUMNS:
        words |= columns_of_contracts(contracts)
    assert named(module, words - set(ORDINARY)) == []


def test_every_word_let_through_is_one_of_theirs_and_used(contracts: Contracts) -> None:
    theirs = words_of_contracts(contracts) | columns_of_contracts(contracts) | KPI_IDS
    said_by = {one.name: "".join(parts for _, parts in one.words()) for one in generic_modules()}
    assert sorted(set(ORDINARY) - theirs) == []
    assert [word for word in ORDINARY if not any(says(parts, word) for parts in said_by.values())] == []
    assert [(name, word) for name, word in EXCEPTIONS if not says(said_by[name], word)] == []


def test_a_word_is_found_inside_names_and_sentences() -> None:
    assert says("_load_order_lines_", "order_lines")
    assert not says("_reorder_lines_", "order_lines")
