"""A company that gets its exports in every way there is, and commands on it without the building of tables."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer
from openpyxl import Workbook

from pipeline.operate.delivering import conversation, deliver
from pipeline.operate.loading import load_entity
from pipeline.operate.privacy import keep_people_out, prepare_landing
from pipeline.operate.privacy_commands import erase
from pipeline.operate.project import load_project
from pipeline.operate.session import Session
from pipeline.settings import load_settings
from tests.servers.fault_server import FaultServer, Reply

# As delivered, what the mapping makes of it, and the address of the same person
KEY, MADE, MAIL = "00071717", "71717", "seventeen@example.org"
# Of another person, all of whose rows have to stay
OTHER = "90909"
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "a-secret-of-the-tests"}
ID = "ltrim(customer, '0')"
DAY = "2031-03-01 10:00:00"
ORDERS = {
    "order_id": "id",
    "customer_id": ID,
    "status": "'paid'",
    "ordered_at": "at",
    "amount": "'5'",
    "currency": "'USD'",
}
EXPORTS: dict[str, tuple[str, dict[str, str]]] = {
    "text": ("finance.orders", ORDERS),
    "workbook": ("feedback.responses", {
        "response_id": "id", "customer_id": ID, "respondent": "mail", "kind": "'csat'", "score": "'5'", "scale_max": "'5'",
        "responded_at": "at", "answer_text": "mail",
    }),
    "objects": ("feedback.tickets", {
        "ticket_id": "id", "customer_id": ID, "requester": "mail", "subject": "mail", "status": "'open'", "created_at": "at",
    }),
    "endpoint": ("finance.invoices", {
        "invoice_id": "id", "customer_id": ID, "kind": "'invoice'", "status": "'open'", "issued_date": 'left("at", 10)',
        "amount": "'5'", "currency": "'USD'",
    }),
}  # fmt: skip
HEADER = ("id", "customer", "mail", "at")


def rows(first: int) -> list[tuple[str, ...]]:
    """The person's row and another's."""
    return [(str(first), KEY, MAIL, DAY), (str(first + 1), OTHER, "other@example.org", DAY)]


def text(first: int) -> str:
    return "\n".join(",".join(row) for row in (HEADER, *rows(first))) + "\n"


@dataclass(frozen=True)
class Everywhere:
    """Where the exports lie, and the service and server that hand out those that are no files."""

    folder: Path
    objects: Any
    server: FaultServer

    def deliver(self, first: int) -> None:
        """One more delivery in every way."""
        (self.folder / f"text_{first}.csv").write_text(text(first), encoding="utf-8")
        book, target = Workbook(), io.BytesIO()
        for row in (HEADER, *rows(first)):
            book.worksheets[0].append(row)
        book.save(target)
        (self.folder / f"book_{first}.xlsx").write_bytes(target.getvalue())
        self.objects.put_object(Bucket="exports", Key=f"tickets_{first}.csv", Body=text(first).encode())
        # Refused each time, and kept where it was fetched to until it is corrected
        self.objects.put_object(Bucket="exports", Key="tickets_0.csv", Body=f"a,b\n1,{KEY}\n".encode())
        self.server.on("/invoices", Reply([dict(zip(HEADER, row, strict=True)) for row in rows(first)]))


@contextmanager
def everywhere(folder: Path) -> Iterator[Everywhere]:
    service = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    service.start()
    try:
        address = "http://{}:{}".format(*service.get_host_and_port())
        session = boto3.session.Session(KEYS["access_key"], KEYS["secret_key"], region_name="us-east-1")
        objects = session.client("s3", endpoint_url=address)
        objects.create_bucket(Bucket="exports")
        with FaultServer() as server:
            _write_configuration(folder, address, server.url)
            yield Everywhere(folder, objects, server)
    finally:
        service.stop()


def _write_configuration(folder: Path, service: str, server: str) -> None:
    def export(name: str, **said: Any) -> dict[str, Any]:
        entity, columns = EXPORTS[name]
        return {"exports": {name: said | {"entities": {entity: {"columns": columns}}}}}

    files = export("text", files="text_*.csv")["exports"] | export("workbook", files="book_*.xlsx")["exports"]
    connectors = {
        "files": {"exports": files},
        "bucket": export("objects", files="*.csv"),
        "web": {"http": {"url": server}} | export("endpoint", request={"path": "/invoices"}, read={"format": "json"}),
    }
    for name, connector in connectors.items():
        (folder / f"{name}.yml").write_text(json.dumps(connector), encoding="utf-8")
    sources: dict[str, Any] = {name: {"connector": f"./{name}.yml", "namespace": "people"} for name in connectors}
    sources["files"] |= {"location": "."}
    credentials = {name: f"PEOPLE_{name.upper()}" for name in KEYS}
    sources["bucket"] |= {
        "location": "s3://exports", "endpoint": service, "region": "us-east-1", "credentials": credentials,
    }  # fmt: skip
    company = {"name": "People", "time_zone": "UTC", "currency": "USD"}
    said = {"company": company, "headline": ["orders"], "sources": sources}
    (folder / "sources.yml").write_text(json.dumps(said), encoding="utf-8")


@contextmanager
def opened(folder: Path, data: Path, **settings: Any) -> Iterator[Session]:
    project = load_project(load_settings(sources=folder / "sources.yml", data_dir=data, as_of="2031-04-01", **settings))
    session = Session(project, "test")
    try:
        session.begin_refresh()
        yield session
    finally:
        session.close()


def run(folder: Path, data: Path) -> None:
    """Land and load everything as a run does."""
    with opened(folder, data) as session:
        for source, connector in session.project.configuration.connectors.items():
            with conversation(session.project, source, lambda line: None) as client:
                for name in connector.exports:
                    prepare_landing(session.project, session.warehouse().connection, source, name)
                    deliver(session, source, name, client)
                    keep_people_out(session.project, session.warehouse().connection, source, name)
        for entity, _ in EXPORTS.values():
            load_entity(session, session.project.contracts[entity], session.project.feeds_of(entity), {})


def forget(folder: str, data: str) -> None:
    """What `ops-summary forget` does before it builds tables; takes texts, for a process of its own."""
    with opened(Path(folder), Path(data)) as session:
        erase(session, KEY, None, None)
