"""A document as the events it holds: the reader of its kind, within a guard and a budget.

Readers say in findings what is wrong with a document. A guard stands around them all the same: whatever one of them
raises is a finding too, so that no file stops the next one.
"""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from connectors.bank import BANK_KINDS, detect_bank_kind, read_bank_file
from connectors.clearinghouse.inbound import read_inbound_file
from connectors.ehr.detect import detect_kind
from connectors.ehr.fhir import read_fhir_bundle
from connectors.ehr.hl7v2 import stream_hl7_messages
from connectors.ehr.ndjson import read_encounter_lines
from processors.addressing import refuse_answer
from schemas.encounter import Encounter
from schemas.errors import ConfigurationError, TransportError
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterAct, EncounterReceived
from schemas.findings import Finding
from schemas.identifiers import make_account_key, make_encounter_id
from schemas.x12.identify import identify
from streams.acts import make_act_event
from streams.budget import OverBudgetError, ReadingBudget
from streams.bugs import name_bug
from streams.installation import Opened

STREAM_BYTES_MAX, WHOLE_BYTES_MAX, BANK_BYTES_MAX = 500_000_000, 64 * 1024 * 1024, 16_000_000
FINDINGS_KEPT = 1_000  # more of them say nothing new, and a file may have a million
BATCH_EVENTS = 500
LETTER_BYTES = 1_000_000  # of a whole document, for `deadletters show`; the archive has all of it
BAD_LINES_MAX, BAD_BYTES_MAX = 1_000, 16_000_000  # a file with more is not what it seems
# x12: one whose beginning names no kind; its reader says why
INBOUND_KINDS = ("835", "TA1", "999", "277CA", "277", "x12")
# What senders wrap or print their files in, by the bytes that it begins with.
WRAPPINGS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"%PDF-": "pdf",
    b"<": "xml",
}
REMEDY = "report this with the version of the program; once that is mended, `revcycle deadletters retry` reads it again"
UNREAD_CODES = frozenset({"reader_failed", "reading_too_long", "too_many_bad_lines"})  # some of it was never looked at
BadPart = tuple[int, bytes, str]


def identify_kind(head: bytes) -> str:
    """x12 kinds by their ISA, GS and ST; else fhir, ndjson, hl7, BAI2, deposits, patient_payments, what wraps it, or
    unknown."""
    kind = detect_kind(head)
    if kind == "unknown":
        wrapping = next((name for start, name in WRAPPINGS.items() if head.startswith(start)), "")
        return detect_bank_kind(head) or wrapping or kind
    return identify(head) or "x12" if kind == "x12" else kind


def bound_bytes(head: bytes) -> int:
    """How many bytes a file that begins so may have: what is read as a stream more than what is read at once."""
    kind = identify_kind(head)
    if kind == "ndjson" or kind in INBOUND_KINDS:
        return STREAM_BYTES_MAX
    return BANK_BYTES_MAX if kind in BANK_KINDS else WHOLE_BYTES_MAX


class Reading:
    """The events of one document, batch by batch; with them, what is wrong with it and what could not be read."""

    def __init__(self, installation: Opened, kind: str, data: bytes, sha256: str, now: datetime) -> None:
        self.kind = kind
        self.findings: list[Finding] = []
        self._severities: set[str] = set()
        self.bad_parts: list[BadPart] = []
        self.failed = False  # the reader, and not the document
        self._data = data
        self._budget = ReadingBudget(len(data))
        self._events = self._read(installation, sha256, now)

    def batches(self) -> Iterator[list[Event]]:
        """All that can be read. Raises TransportError and ConfigurationError only: what a reader raises beside them is
        a finding, and the document a dead letter."""
        batch: list[Event] = []
        while not self.failed:
            try:
                with self._budget:
                    for event in islice(self._events, BATCH_EVENTS):
                        batch.append(event)
            except (TransportError, ConfigurationError):
                raise
            except Exception as error:
                self.fail(error)
            if not batch:
                return
            yield batch
            batch = []

    def fail(self, error: Exception) -> None:
        """Notes that reading ended with an exception: all of the document is to be read again once that is mended."""
        self.failed = True
        if isinstance(error, OverBudgetError):
            what = f"its reader was stopped after {self._budget.seconds:.0f} s: {name_bug(error)}"
            finding = reject("reading_too_long", "file", what, f"split the file; else {REMEDY}")
        else:
            what = f"its reader failed: {name_bug(error)}"
            finding = reject("reader_failed", "file", what, REMEDY)
        self.findings.append(finding)
        self.bury_whole(finding.what)

    def note(self, findings: Iterable[Finding]) -> None:
        """Keeps the first ones, and the first of each severity."""
        for finding in findings:
            if len(self.findings) < FINDINGS_KEPT or finding.severity not in self._severities:
                self.findings.append(finding)
                self._severities.add(finding.severity)

    def bury_whole(self, reason: str) -> None:
        """The document as one dead letter, in place of those of its parts."""
        self.bad_parts = [(0, self._data[:LETTER_BYTES], reason)]

    def _read(self, installation: Opened, sha256: str, now: datetime) -> Iterator[Event]:
        if self.kind == "ndjson":
            yield from make_encounter_events(installation, self._read_lines(), now)
        elif self.kind in ("fhir", "hl7"):
            results = [read_fhir_bundle(self._data)] if self.kind == "fhir" else stream_hl7_messages(self._data)
            for result in results:
                self.note(result.findings)
                yield from make_encounter_events(installation, result.encounters, now)
        elif self.kind in INBOUND_KINDS or self.kind in BANK_KINDS:
            if self.kind in BANK_KINDS:
                inbound = read_bank_file(self.kind, self._data, now)
            else:
                refuse = partial(refuse_answer, installation=installation.settings)
                inbound = read_inbound_file(self._data, sha256, now, installation.settings.secret, refuse)
            self.note(inbound.findings)
            yield from inbound.events
        else:
            what = f"a file of kind {self.kind} is nothing that this pipeline takes in"
            remedy = (
                "give FHIR R4 bundles, HL7 v2 DFT messages, encounter NDJSON, X12 TA1, 999, 277CA, 277, 835, BAI2, or "
                "CSV of deposits or patient payments; unpack archives first"
            )
            self.note([reject("unsupported_kind", "file", what, remedy)])

    def _read_lines(self) -> Iterator[Encounter | EncounterAct]:
        size = 0
        for number, line, found in read_encounter_lines(io.BytesIO(self._data)):
            if not isinstance(found, Finding):
                yield found
                continue
            self.findings.append(found)
            self.bad_parts.append((number, line, f"{found.where}: {found.what}"))
            size += len(line)
            if len(self.bad_parts) > BAD_LINES_MAX or size > BAD_BYTES_MAX:
                what = f"too many lines cannot be read: reading ended at line {number}"
                remedy = "mend what writes the file and give it again: lines that were read are not read twice"
                self.findings.insert(0, reject("too_many_bad_lines", f"line {number}", what, remedy))
                self.bury_whole(what)
                return


def make_encounter_events(
    installation: Opened, sent: Iterable[Encounter | EncounterAct], now: datetime
) -> Iterator[Event]:
    """EncounterReceived for each encounter, and each act about one, keyed by the opaque account."""
    for encounter in sent:
        if isinstance(encounter, EncounterAct):
            yield make_act_event(installation, encounter, now)
            continue
        # Validated a moment ago as an Encounter, and EncounterReceived adds no field.
        body = EncounterReceived.model_construct(**{name: getattr(encounter, name) for name in Encounter.model_fields})
        key = make_account_key(installation.settings.secret, encounter.source_system, encounter.patient.id)
        encounter_id = make_encounter_id(encounter.source_system, encounter.source_id)
        yield publish_at_edge(body, key, now, encounter_id)


def reject(code: str, where: str, what: str, remedy: str) -> Finding:
    """Why a file, or a part of it, is not taken in."""
    return Finding(code=code, severity="reject", owner="operations", where=where, what=what, remedy=remedy)
