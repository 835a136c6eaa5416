"""Files in: any mix of FHIR bundles, encounter NDJSON, HL7 v2 and X12 answers, each with its outcome and findings.

A file is safe to give again, under any name, also after a crash in the middle: bytes are archived before any event
names them, and every event has an identity of its own.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from connectors.bank import BANK_KINDS, detect_bank_kind, read_bank_file
from connectors.clearinghouse.inbound import read_inbound_file
from connectors.ehr.detect import detect_kind
from connectors.ehr.fhir import read_fhir_bundle
from connectors.ehr.hl7v2 import read_hl7_messages
from connectors.ehr.ndjson import read_encounter_lines
from schemas.encounter import Encounter
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterAct, EncounterReceived, RemittanceReceived
from schemas.findings import Finding
from schemas.identifiers import make_account_key, make_encounter_id
from schemas.store import DeadLetter
from schemas.x12.identify import identify
from streams.acts import make_act_event
from streams.checkpoints import reach
from streams.installation import Opened
from streams.step import report_conflict

Outcome = Literal["accepted", "partly_accepted", "duplicate", "held", "rejected"]
FILE_BYTES_MAX = 2_000_000_000
FINDINGS_MAX = 200
PUBLISH_EVENTS = 500
HEAD_BYTES = 4096
# x12: one whose beginning names no kind; its reader says why
INBOUND_KINDS = ("835", "TA1", "999", "277CA", "277", "x12")


@dataclass(frozen=True, slots=True)
class IngestedFile:
    """What became of one file: the contract of `ingest --json`."""

    path: str
    kind: str
    outcome: Outcome
    events: int
    findings: tuple[Finding, ...]
    sha256: str = ""
    remittance_ids: tuple[str, ...] = ()


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files of files and folders, in a stable order; hidden names and temporary files are left alone."""
    for path in paths:
        if path.is_dir():
            yield from (
                found
                for found in sorted(path.rglob("*"))
                if found.is_file() and not any(part.startswith(".") for part in found.relative_to(path).parts)
            )
        else:
            yield path


def ingest_file(installation: Opened, path: Path, now: datetime) -> IngestedFile:
    """Reads one file and publishes its events; the pipeline is run afterwards by the caller."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            return _refuse(path, "too_large", "the file is larger than 2 GB", "split it")
        data = path.read_bytes()
    except OSError as error:
        return _refuse(path, "unreadable_file", f"the file cannot be read: {error.strerror}", "check path and rights")
    return ingest_bytes(installation, data, str(path), now)


def ingest_bytes(installation: Opened, data: bytes, name: str, now: datetime, *, bury: bool = True) -> IngestedFile:
    """Takes in what a file holds; `bury=False` when what cannot be read of it is a dead letter already."""
    if not data.strip():
        return _refuse(Path(name), "empty_file", "the file is empty", "ask its sender for the whole file")
    sha256 = installation.archive.keep(data)
    reach("ingest.archived")
    kind = identify_kind(data[:HEAD_BYTES])
    if installation.store.find_document(sha256) in ("accepted", "held"):
        return IngestedFile(name, kind, "duplicate", 0, (), sha256)
    publisher = _Publisher(installation)
    findings, bad_parts = _read(installation, kind, data, sha256, now, publisher)
    outcome = _judge(publisher, findings)
    result = IngestedFile(
        name, kind, outcome, publisher.new, findings[:FINDINGS_MAX], sha256, tuple(publisher.remittance_ids)
    )
    shown = json.dumps([finding.model_dump() for finding in result.findings])
    letters = [
        DeadLetter(f"rcm.{kind}.deadletter", 0, place, json.dumps({"document": sha256}), part, reason)
        for place, part, reason in bad_parts
        if bury
    ]
    installation.store.keep_document(sha256, kind, Path(name).name, outcome, publisher.new, shown, letters)
    return result


def identify_kind(head: bytes) -> str:
    """x12 kinds by their ISA, GS and ST; else fhir, ndjson, hl7, BAI2, deposits, patient_payments or unknown."""
    kind = detect_kind(head)
    if kind == "unknown":
        return detect_bank_kind(head) or kind
    return identify(head) or "x12" if kind == "x12" else kind


class _Publisher:
    """Appends events in batches and counts what was new; ids decide what is a repeat."""

    def __init__(self, installation: Opened) -> None:
        self.installation = installation
        self.new = 0
        self.repeated = 0
        self.conflicts: list[str] = []
        self.remittance_ids: list[str] = []

    def publish(self, events: Iterable[Event]) -> None:
        batch: list[Event] = []
        for event in events:
            batch.append(event)
            if len(batch) >= PUBLISH_EVENTS:
                self._append(batch)
                batch = []
        if batch:
            self._append(batch)

    def _append(self, batch: Sequence[Event]) -> None:
        reach("ingest.before_publish")
        result = self.installation.publish(batch, "ingest")
        conflicting = [event for event in batch if event.event_id in result.conflicting]
        if conflicting:
            self.installation.publish([report_conflict(event, "ingest") for event in conflicting], "ingest")
        reach("ingest.after_publish")
        self.remittance_ids.extend(
            event.body.remittance_id for event in batch if isinstance(event.body, RemittanceReceived)
        )
        self.new += len(result.new)
        self.repeated += len(result.repeated)
        self.conflicts.extend(result.conflicting)


BadPart = tuple[int, bytes, str]


def _read(
    installation: Opened, kind: str, data: bytes, sha256: str, now: datetime, publisher: _Publisher
) -> tuple[tuple[Finding, ...], list[BadPart]]:
    bad: list[BadPart] = []
    findings: list[Finding] = []
    if kind == "ndjson":

        def read_lines() -> Iterator[Encounter | EncounterAct]:
            for number, line, found in read_encounter_lines(io.BytesIO(data)):
                if isinstance(found, Finding):
                    findings.append(found)
                    bad.append((number, line, f"{found.where}: {found.what}"))
                else:
                    yield found

        publisher.publish(make_encounter_events(installation, read_lines(), now))
    elif kind in ("fhir", "hl7"):
        result = read_fhir_bundle(data) if kind == "fhir" else read_hl7_messages(data)
        findings.extend(result.findings)
        publisher.publish(make_encounter_events(installation, result.encounters, now))
    elif kind in INBOUND_KINDS:
        inbound = read_inbound_file(data, sha256, now, installation.settings.secret)
        publisher.publish(inbound.events)
        findings.extend(inbound.findings)
    elif kind in BANK_KINDS:
        inbound = read_bank_file(kind, data, now)
        publisher.publish(inbound.events)
        findings.extend(inbound.findings)
    else:
        finding = _reject(
            "unsupported_kind",
            "file",
            f"a file of kind {kind} is nothing that this pipeline takes in",
            "give FHIR R4 bundles, HL7 v2 DFT messages, encounter NDJSON, X12 TA1, 999, 277CA, 277, 835, BAI2, or CSV "
            "of deposits or patient payments",
        )
        findings.append(finding)
    for event_id in publisher.conflicts:
        findings.append(
            Finding(
                code="event_conflict",
                severity="hold",
                owner="ehr",
                where=f"event {event_id}",
                what="the same encounter and version, or payment reference, came before with other content; it stands",
                remedy="have the EHR send the change under a new version",
            )
        )
    if not publisher.new + publisher.repeated and not bad and any(f.severity != "warn" for f in findings):
        bad.append((0, data[:1_000_000], findings[0].what))
    return tuple(findings), bad


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


def _judge(publisher: _Publisher, findings: Sequence[Finding]) -> Outcome:
    refused = any(finding.severity == "reject" for finding in findings)
    if publisher.new + publisher.repeated + len(publisher.conflicts) == 0:
        # A bank day without a payer's money is a good file with nothing in it.
        return "accepted" if findings and all(finding.severity == "warn" for finding in findings) else "rejected"
    if publisher.conflicts and not publisher.new:
        return "held"
    if refused:
        return "partly_accepted"
    return "accepted" if publisher.new or not publisher.repeated else "duplicate"


def _refuse(path: Path, code: str, what: str, remedy: str) -> IngestedFile:
    return IngestedFile(str(path), "unknown", "rejected", 0, (_reject(code, "file", what, remedy),))


def _reject(code: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(code=code, severity="reject", owner="operations", where=where, what=what, remedy=remedy)


def ingest_paths(
    installation: Opened,
    paths: Sequence[Path],
    now: datetime,
    on_file: Callable[[IngestedFile], None] = lambda file: None,
) -> list[IngestedFile]:
    """Ingests every file and runs the pipeline until it is quiet; cutting a submission is the caller's."""
    results = []
    for path in find_files(paths):
        result = ingest_file(installation, path, now)
        installation.engine.run_until_quiet()
        results.append(_with_holds(installation, result))
        on_file(results[-1])
    return results


def _with_holds(installation: Opened, result: IngestedFile) -> IngestedFile:
    """An 835 whose every transaction set was held is held, not accepted: the pipeline knows only after it ran."""
    if not result.remittance_ids or result.outcome not in ("accepted", "partly_accepted"):
        return result
    held = installation.store.list_held_remittances(result.sha256, result.remittance_ids)
    if not held:
        return result
    outcome: Outcome = "held" if len(held) == len(result.remittance_ids) else "partly_accepted"
    installation.store.keep_document_outcome(result.sha256, outcome)
    findings = (*result.findings, *(finding for body in held for finding in body.findings))
    return replace(result, outcome=outcome, findings=findings[:FINDINGS_MAX])
