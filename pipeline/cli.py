"""The command line: parses arguments, prints, and turns results into exit codes; nothing is decided here."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pipeline.errors import ConfigurationError, UserError
from pipeline.settings import Settings, load_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Operations summaries from your exports.",
)
quarantine = typer.Typer(no_args_is_help=True, help="Rows kept out of the clean tables.")
app.add_typer(quarantine, name="quarantine")
out = Console(highlight=False)

Sources = Annotated[Path | None, typer.Option(help="The sources.yml of the company.", show_default="sources.yml")]
DataDir = Annotated[
    Path | None, typer.Option(help="Where landing, warehouse, tables and reports are kept.", show_default="data")
]
AsOf = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last business day counted.", show_default="yesterday")
]
PeriodOption = Annotated[
    str | None,
    typer.Option(help="2014-W52, 2014-12, 2014-Q4, 2014 or FY2014-Q4, FY2014.", show_default="newest complete month"),
]
Language = Annotated[str | None, typer.Option(help="A language of the summary, or all.", show_default="all")]
EntityOption = Annotated[str | None, typer.Option("--entity", help="Of this entity alone.", show_default="all")]
RuleOption = Annotated[
    str | None, typer.Option("--rule", help="By this rule alone, or all of its kind: cast.", show_default="all")
]


@app.command()
def run(
    sources: Sources = None,
    data_dir: DataDir = None,
    period: PeriodOption = None,
    language: Language = None,
    as_of: AsOf = None,
) -> None:
    """Run the whole pipeline: load, check, model, summarise, publish."""
    from pipeline.operate.run import run_pipeline

    settings = _settings(sources, data_dir, period, language, as_of)
    report = run_pipeline(settings, out)
    for line in report.said:
        out.print(line, markup=False, soft_wrap=True)
    if report.summary is not None:
        word = "new" if report.is_new else "unchanged"
        out.print(f"summary of {report.period} ({word}): {report.summary}", markup=False, soft_wrap=True)
        out.print(f"tables: {settings.published}", markup=False, soft_wrap=True)
    raise typer.Exit(report.exit_code)


@app.command()
def sample(
    directory: Path,
    days: Annotated[int, typer.Option(min=60, help="Days of history.")] = 730,
    scale: Annotated[float, typer.Option(min=0.01, help="1 is about a hundred sessions a day.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
) -> None:
    """Write the exports of a made-up company, with its planted truths in truth.json."""
    from pipeline.sample import make_sample
    from pipeline.warehouse import memory_database

    connection = memory_database()
    try:
        result = make_sample(directory, days=days, scale=scale, seed=seed, connection=connection)
    finally:
        connection.close()
    rows = sum(result.rows.values())
    out.print(
        f"wrote {rows:,} rows of a made-up company to {result.directory}; next: ops-summary run --sources {result.sources}",
        markup=False,
        soft_wrap=True,
    )


@app.command()
def check(
    sources: Sources = None,
    source: Annotated[
        str | None, typer.Option(help="Tell all of this source: its files, columns, what they become.")
    ] = None,
) -> None:
    """Validate configuration, connectors and contracts against the first rows of each export; load nothing."""
    from pipeline.operate.check import checked
    from pipeline.operate.check_words import export_lines, source_lines
    from pipeline.operate.project import load_project

    project = load_project(_settings(sources))
    found = checked(project, source)
    lines = source_lines(found.seen) if source is None else [line for one in found.seen for line in export_lines(one)]
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    if found.mistakes:
        raise ConfigurationError(found.mistakes)
    feeds = project.configuration.feeds()
    out.print(
        f"all well: {len(project.configuration.connectors)} sources, {len(feeds)} mappings to {len(project.entities)} entities"
    )


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(help="An export, as the system wrote it.")],
    entity: Annotated[str | None, typer.Option(help="What its rows are, as docs/entities.md has it.")] = None,
) -> None:
    """Print a connector to start from: how the file is read, and which of its columns may be which of the entity's."""
    from pipeline.contracts import load_contracts
    from pipeline.operate.draft import draft_of
    from pipeline.operate.draft_words import draft_lines
    from pipeline.settings import EXPECTATIONS

    for line in draft_lines(draft_of(file, entity, load_contracts(EXPECTATIONS))):
        out.print(line, markup=False, soft_wrap=True)


@app.command()
def prepare(sources: Sources = None, data_dir: DataDir = None) -> None:
    """Have dbt parse the project, so that the Dagster UI can load it."""
    from pipeline.operate.run import prepare as prepare_project

    prepare_project(_settings(sources, data_dir))


@app.command()
def report(
    period: Annotated[str, typer.Option(help="2014-W52, 2014-12, 2014-Q4, 2014 or FY2014-Q4, FY2014.")],
    sources: Sources = None,
    data_dir: DataDir = None,
    language: Language = None,
    as_of: AsOf = None,
) -> None:
    """Make the summary of a period from the tables as they are; load nothing."""
    from pipeline.operate.run import summarise

    settings = _settings(sources, data_dir, period, language, as_of)
    made = summarise(settings, out)
    for line in made.said:
        out.print(line, markup=False, soft_wrap=True)
    if made.summary is not None:
        out.print(
            f"summary of {made.period} ({'new' if made.is_new else 'unchanged'}): {made.summary}",
            markup=False,
            soft_wrap=True,
        )
    raise typer.Exit(made.exit_code)


@app.command()
def publish(sources: Sources = None, data_dir: DataDir = None) -> None:
    """Publish the tables as they are to published/ops.duckdb."""
    from pipeline.operate.commands import publish_tables

    out.print(publish_tables(_settings(sources, data_dir)), markup=False, soft_wrap=True)


@app.command()
def forget(
    key: Annotated[str, typer.Argument(help="An id or e-mail address of the person, as it was delivered.")],
    column: Annotated[str | None, typer.Option(help="The column it is an id in.", show_default="any")] = None,
    namespace: Annotated[str | None, typer.Option(help="The namespace it is an id in.", show_default="any")] = None,
    sources: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """Erase one person from everything kept, for good, and publish the tables anew; what happened stays counted."""
    from pipeline.operate.privacy_commands import forget as forget_person

    for line in forget_person(_settings(sources, data_dir), key, column, namespace, out):
        out.print(line, markup=False, soft_wrap=True)


@quarantine.command("list")
def quarantine_overview(
    sources: Sources = None, data_dir: DataDir = None, entity: EntityOption = None, rule: RuleOption = None
) -> None:
    """Rows in quarantine by delivery, entity and rule, and the deliveries refused as a whole."""
    from pipeline.operate.quarantine import Choice, quarantine_list

    found = quarantine_list(_settings(sources, data_dir), Choice(entity, rule))
    out.print(found, markup=False, soft_wrap=True)


@quarantine.command("show")
def quarantine_show(
    row_id: Annotated[str | None, typer.Argument(help="Row as `list` names it; else the first few are shown.")] = None,
    sources: Sources = None,
    data_dir: DataDir = None,
    entity: EntityOption = None,
    rule: RuleOption = None,
) -> None:
    """Rows in quarantine as delivered, personal cells masked."""
    from pipeline.operate.quarantine import Choice, quarantined_rows

    found = quarantined_rows(_settings(sources, data_dir), row_id, Choice(entity, rule))
    out.print(found, markup=False, soft_wrap=True)


@quarantine.command("replay")
def quarantine_replay(
    sources: Sources = None, data_dir: DataDir = None, entity: EntityOption = None, rule: RuleOption = None
) -> None:
    """After a rule, contract or connector was corrected: load what was kept out again, from landing, now."""
    from pipeline.operate.quarantine import Choice
    from pipeline.operate.replay import replay

    done = replay(_settings(sources, data_dir), Choice(entity, rule))
    for line in done.lines:
        out.print(line, markup=False, soft_wrap=True)
    raise typer.Exit(done.exit_code)


def _settings(
    sources: Path | None = None,
    data_dir: Path | None = None,
    period: str | None = None,
    language: str | None = None,
    as_of: datetime | None = None,
) -> Settings:
    last: date | None = as_of.date() if as_of else None
    return load_settings(sources=sources, data_dir=data_dir, period=period, language=language, as_of=last)


def main() -> NoReturn:
    """Entry point: a user's mistake is one clear message, never a traceback."""
    try:
        app(standalone_mode=True)
    except ConfigurationError as error:
        _fail(error, 2)
    except UserError as error:
        _fail(error, 1)
    raise AssertionError("typer always exits")


def _fail(error: UserError, code: int) -> NoReturn:
    Console(stderr=True, highlight=False).print(str(error), markup=False, soft_wrap=True)
    sys.exit(code)
