"""Documents as the readers hand them back, each as one piece, for tests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.content import Content
from connectors.ehr.fhir.reader import read_fhir_bundle
from connectors.ehr.hl7.reader import read_hl7_messages
from connectors.readers import READERS, find_reader
from schemas.events import EncounterReceived
from schemas.findings import Finding
from schemas.identifiers import sha256_hex
from schemas.inbound import Inbound, Receipt

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = b"secret"


def make_receipt(data: bytes, at: datetime = NOON, secret: bytes = SECRET) -> Receipt:
    return Receipt(sha256_hex(data), at, secret)


@dataclass(frozen=True)
class Received:
    """All pieces of a document; and its encounters."""

    inbound: Inbound

    @property
    def encounters(self) -> list[EncounterReceived]:
        return [event.body for event in self.inbound.events if isinstance(event.body, EncounterReceived)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.inbound.findings


def gather(pieces: Iterable[Inbound]) -> Inbound:
    listed = list(pieces)
    return Inbound(
        tuple(event for piece in listed for event in piece.events),
        tuple(finding for piece in listed for finding in piece.findings),
        tuple(part for piece in listed for part in piece.unread),
    )


def find_kind(data: bytes) -> str:
    """What the table of readers takes a document for."""
    return find_reader(Content(data))[0]


def read_document(data: bytes) -> Inbound:
    """What the table's reader for a document makes of it."""
    return gather(find_reader(Content(data))[1].read(data, make_receipt(data)))


def read_as(kind: str, data: bytes) -> Inbound:
    """What the reader of a kind makes of any bytes."""
    (reader,) = (reader for reader in READERS if kind in reader.kinds)
    return gather(reader.read(data, make_receipt(data)))


def receive_fhir(data: bytes) -> Received:
    return Received(read_fhir_bundle(data, make_receipt(data)))


def receive_hl7(data: bytes) -> Received:
    return Received(gather(read_hl7_messages(data, make_receipt(data))))
