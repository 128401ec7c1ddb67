"""The dbt project as Dagster assets and checks: one op, built in process from a manifest made beforehand.

Here belongs the translation; dbt itself is run by pipeline.model.dbt. Import this module only where assets are
built: dagster_dbt takes seconds to import.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets  # noqa: TID253
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context  # noqa: TID253
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage  # noqa: TID253

from pipeline.errors import UserError
from pipeline.model import dbt
from pipeline.operate.session import Session

OP_NAME = "dbt_build"
Manifest = dict[str, Any]


class Translator(DagsterDbtTranslator):
    """Keys and groups by schema, owners from `meta.owner`; no data test blocks what depends on its model."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source" or _meta(dbt_resource_props).get("dagster"):
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        team = re.sub(r"[^\w-]+", "-", str(_meta(dbt_resource_props).get("owner", ""))).strip("-")
        return [f"team:{team}"] if team else None

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or "")

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        test = manifest["nodes"][unique_id]
        return spec._replace(blocking=False, description=test.get("description") or None)


def make_dbt_assets(parsed: dbt.Parsed) -> dg.AssetsDefinition:
    """Every model as an asset and every data test as a check of it, built by one op.

    Needs the resource `warehouse`: the session whose warehouse dbt joins and which keeps the build's verdicts.
    """
    manifest = with_checks_attached(json.loads(parsed.manifest_json.read_bytes()))
    translator = Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=translator,
        name=OP_NAME,
        required_resource_keys={"warehouse"},
    )
    def built(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.warehouse
        chosen = get_updated_cli_invocation_params_for_context(context, manifest, translator)
        selection = dict(zip(chosen.selection_args[::2], chosen.selection_args[1::2], strict=True))

        def run(on_event: Callable[[dbt.NodeEvent], None]) -> dbt.BuildResult:
            return dbt.build(
                parsed,
                session.warehouse().connection,
                select=selection.get("--select"),
                indirect_selection=chosen.indirect_selection or "eager",
                on_event=on_event,
            )

        result = yield from _as_it_happens(run, lambda event: _dagster_events(event, manifest, translator, context))
        session.record_build(parsed, result)

    return built


def with_checks_attached(manifest: Manifest) -> Manifest:
    """The manifest with every data test attached to one model, so that none is lost on the way to Dagster.

    A test of several models that names none of them in `meta.dagster.ref` is attached to the first it reads.
    Raises UserError where two tests of a model share a name: Dagster would silently drop one.
    """
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    for test in tests:
        read = [manifest["nodes"][one]["name"] for one in test["depends_on"]["nodes"] if one in manifest["nodes"]]
        if read and not test.get("attached_node") and not _meta(test).get("dagster"):
            test["config"]["meta"] = {**_meta(test), "dagster": {"ref": {"name": read[0]}}}
    names = Counter((test.get("attached_node"), test["name"]) for test in tests)
    twice = [name for (_, name), count in names.items() if count > 1]
    if twice:
        raise UserError("two data tests of one model share a name", where=twice[0], action="name one of them otherwise")
    return manifest


def _as_it_happens(
    run: Callable[[Callable[[dbt.NodeEvent], None]], dbt.BuildResult],
    told: Callable[[dbt.NodeEvent], Iterator[Any]],
) -> Generator[Any, None, dbt.BuildResult]:
    """What is told of a run that goes on in a thread of its own, all of it before its error; waits for the thread."""
    events: SimpleQueue[dbt.NodeEvent | None] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix=OP_NAME) as pool:
        future = pool.submit(run, events.put)
        future.add_done_callback(lambda _: events.put(None))
        while (event := events.get()) is not None:
            yield from told(event)
        return future.result()


def _dagster_events(
    event: dbt.NodeEvent, manifest: Manifest, translator: Translator, context: dg.AssetExecutionContext
) -> Iterator[Any]:
    message = DbtCoreCliEventMessage(dict(event.raw), {"columns": _columns(event, manifest)})
    for made in message.to_default_asset_events(manifest, translator, context):
        if isinstance(made, dg.AssetCheckResult):
            yield made._replace(severity=_severity(event, manifest))
        elif isinstance(made, dg.Output) and event.rows is not None:
            yield made.with_metadata({**made.metadata, "dagster/row_count": event.rows})
        else:
            yield made


def _columns(event: dbt.NodeEvent, manifest: Manifest) -> dict[str, dict[str, str]]:
    """Columns as they came out, described as the project describes them."""
    described = manifest["nodes"][event.unique_id].get("columns", {})
    return {
        name: {"data_type": sql_type, "description": described.get(name, {}).get("description", "")}
        for name, sql_type in event.columns.items()
    }


def _severity(event: dbt.NodeEvent, manifest: Manifest) -> dg.AssetCheckSeverity:
    """The real one; a test that could not be run is an error whatever it is worth."""
    if event.raw["data"]["node_info"]["node_status"] not in ("pass", "warn", "fail"):
        return dg.AssetCheckSeverity.ERROR
    is_error = dbt.real_severity(_meta(manifest["nodes"][event.unique_id])) == "error"
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN


def _meta(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return properties.get("config", {}).get("meta") or properties.get("meta") or {}
