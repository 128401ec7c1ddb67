"""How an export is landed: asked for at an endpoint, fetched from a bucket, or found in a folder.

Here belongs the choice and what each way needs of the settings; the ways themselves are pipeline.extract's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from pipeline.connector import Export
from pipeline.endpoint import Http
from pipeline.errors import RefusedDelivery
from pipeline.extract import LandingResult, Refusal, land, landed
from pipeline.extract.bucket import bucket_of, land_bucket
from pipeline.extract.http import Asked, Client, Clock, land_endpoint, open_client
from pipeline.operate.privacy import dropped
from pipeline.operate.project import Project
from pipeline.operate.session import Session
from pipeline.settings import now, secret

Told = Callable[[str], None]


@contextmanager
def conversation(project: Project, source: str, tell: Told) -> Iterator[Client | RefusedDelivery | None]:
    """The client all requests of a source share, closed at the end; why there is none; None where nothing is requested."""
    connector, said = project.configuration.connectors[source], project.configuration.file.sources[source]
    if not any(export.request for export in connector.exports.values()):
        yield None
        return
    http = connector.http or Http()
    where = f"{project.configuration.path.name}, sources.{source}.credentials"
    try:
        address = str(http.address(said.location))
        client = open_client(http, address, said.credentials, secret, Clock(now), where, tell)
    except RefusedDelivery as error:
        yield error
        return
    try:
        yield client
    finally:
        client.close()


def deliver(session: Session, source: str, name: str, client: Client | RefusedDelivery | None) -> LandingResult:
    """Land what is new of an export; raises UserError when the landing folder cannot be read or written."""
    configuration, settings = session.project.configuration, session.project.settings
    connection = session.warehouse().connection
    export = configuration.connectors[source].exports[name]
    gone = dropped(session.project, connection, export).columns
    if configuration.file.sources[source].is_bucket:
        return _from_bucket(session, source, name, gone)
    if export.request is None:
        return land(
            connection,
            source,
            name,
            export,
            configuration.location(source),
            settings.landing,
            landed_at=session.at,
            stable_seconds=settings.stable_seconds,
            dropped=gone,
        )
    if not isinstance(client, Client):
        known = landed(settings.landing, source, name)
        return LandingResult(deliveries=known, refused=[Refusal(name, client)] if client else [])
    asked = _asked(session.project, source, name)
    return land_endpoint(connection, client, asked, settings.landing, landed_at=session.at, dropped=gone)


def _from_bucket(session: Session, source: str, name: str, gone: frozenset[str]) -> LandingResult:
    configuration, landing = session.project.configuration, session.project.settings.landing
    export = configuration.connectors[source].exports[name]
    try:
        bucket = bucket_of(configuration.file.sources[source], f"{configuration.path.name}, sources.{source}", secret)
    except RefusedDelivery as error:
        return LandingResult(deliveries=landed(landing, source, name), refused=[Refusal(str(export.files), error)])
    connection = session.warehouse().connection
    return land_bucket(connection, source, name, export, bucket, landing, landed_at=session.at, dropped=gone)


def _asked(project: Project, source: str, name: str) -> Asked:
    configuration = project.configuration
    export, said = configuration.connectors[source].exports[name], configuration.file.sources[source]
    begins = [said.covers[entity].from_ for entity in export.entities if entity in said.covers]
    return Asked(
        source,
        name,
        export,
        said.time_zone or configuration.company.time_zone,
        project.settings.last_business_day(configuration.company.time_zone),
        min((day for day in begins if day is not None), default=None),
    )


def described(project: Project, source: str, export: Export) -> str:
    """Where an export comes from, in a few words without secrets."""
    configuration = project.configuration
    location = configuration.file.sources[source].location
    if export.request is None:
        return f"{export.files} in {location}"
    http = configuration.connectors[source].http or Http()
    return f"{export.request.path.partition('?')[0]} at {urlsplit(http.address(location) or '').netloc}"


def kinds(export: Export) -> set[str]:
    """What an export comes as, for the icons of its asset."""
    return {"http" if export.request else export.read.format or "file", "parquet"}
