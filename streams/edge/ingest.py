"""Files in: any mix of FHIR bundles, encounter NDJSON, HL7 v2 and X12 answers, each with its outcome and findings.

A file is safe to give again, under any name, also after a crash in the middle: bytes are archived before any event
names them, and every event has an identity of its own.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from connectors.files import FileRefusal, find_files, read_file, refuse_size, show_name
from connectors.readers import STREAM_BYTES_MAX
from processors.payers.addressing import NOT_FOR_US, refuse_answer
from schemas.errors import RevcycleError
from schemas.event import Event
from schemas.events import RemittanceReceived
from schemas.findings import Finding
from schemas.identifiers import make_id
from schemas.inbound import Receipt
from schemas.store import DeadLetter
from schemas.work_item import open_work
from schemas.work_kinds import ANSWER_NOT_FOR_US
from streams.edge.reading import Reading, reject
from streams.engine.decider import report_conflict
from streams.engine.kill_points import reach
from streams.installation import Opened

Outcome = Literal["accepted", "partly_accepted", "duplicate", "held", "rejected"]
FINDINGS_MAX = 200


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


def ingest_file(installation: Opened, path: Path, now: datetime) -> IngestedFile:
    """Reads one file and publishes its events; the pipeline is run afterwards by the caller. What is wrong with the
    file, also with its reader, is a finding; only what is wrong with the installation is raised."""
    try:
        data = read_file(path, STREAM_BYTES_MAX)
    except FileRefusal as refusal:
        return _refuse(show_name(path), refusal)
    return ingest_bytes(installation, data, show_name(path), now)


def ingest_bytes(installation: Opened, data: bytes, name: str, now: datetime, *, bury: bool = True) -> IngestedFile:
    """Takes in what a file holds; `bury=False` when what cannot be read of it is a dead letter already."""
    if not data or data.isspace():
        return _refuse(name, FileRefusal("empty_file", "the file is empty", "ask its sender for the whole file"))
    reading = Reading(data)
    if len(data) > reading.reader.bytes_max:
        return _refuse(name, refuse_size(reading.reader.bytes_max))
    kind = reading.kind
    sha256 = installation.archive.keep(data)
    reach("ingest.archived")
    if installation.store.find_document(sha256) in ("accepted", "held"):
        return IngestedFile(name, kind, "duplicate", 0, (), sha256)
    settings = installation.settings
    receipt = Receipt(sha256, now, settings.secret, partial(refuse_answer, installation=settings))
    publisher = _Publisher(installation)
    for batch in reading.batches(receipt):
        try:
            publisher.publish(batch)
        except (RevcycleError, OSError, sqlite3.Error):
            raise
        except Exception as error:  # a value that the store cannot hold
            reading.fail(error)
    reading.note(map(_report_conflict, publisher.conflicts))
    findings = tuple(reading.findings)
    if strange := [finding for finding in findings if finding.code == NOT_FOR_US]:
        installation.publish([ask_about_answer(sha256, strange, now)], "ingest")
    taken = publisher.new + publisher.repeated
    if not taken and not reading.unread and any(finding.severity != "warn" for finding in findings):
        reading.bury_whole(findings[0].what)
    outcome = _judge(publisher, findings)
    result = IngestedFile(
        name, kind, outcome, publisher.new, findings[:FINDINGS_MAX], sha256, tuple(publisher.remittance_ids)
    )
    shown = json.dumps([finding.model_dump() for finding in result.findings])
    letters = [
        DeadLetter(f"rcm.{kind}.deadletter", 0, part.place, json.dumps({"document": sha256}), part.body, part.reason)
        for part in reading.unread
        if bury
    ]
    installation.store.keep_document(sha256, kind, Path(name).name, outcome, publisher.new, shown, letters)
    return result


def ask_about_answer(sha256: str, findings: Sequence[Finding], now: datetime) -> Event:
    """The work item of a file with answers that are not for us: one for each document."""
    first = findings[0]
    item = open_work(
        ANSWER_NOT_FOR_US,
        make_id(NOT_FOR_US, sha256),
        sha256,
        {
            "document": sha256[:12],
            "where": first.where,
            "what": first.what,
            "remedy": first.remedy.capitalize(),
        },
        findings=tuple(findings[:FINDINGS_MAX]),
    )
    event_id = make_id(item.item_id, "opened")
    return Event(event_id, item.key, now.astimezone(UTC), item.item_id, None, "", item)


class _Publisher:
    """Appends batches of events and counts what was new; ids decide what is a repeat."""

    def __init__(self, installation: Opened) -> None:
        self.installation = installation
        self.new = 0
        self.repeated = 0
        self.conflicts: list[str] = []
        self.remittance_ids: list[str] = []

    def publish(self, batch: Sequence[Event]) -> None:
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


def _report_conflict(event_id: str) -> Finding:
    return Finding(
        code="event_conflict",
        severity="hold",
        owner="ehr",
        where=f"event {event_id}",
        what="the same encounter and version, or payment reference, came before with other content; it stands",
        remedy="have the EHR send the change under a new version",
    )


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


def _refuse(name: str, refusal: FileRefusal) -> IngestedFile:
    finding = reject(refusal.code, "file", refusal.what, refusal.remedy)
    return IngestedFile(name, "unknown", "rejected", 0, (finding,))


def ingest_paths(
    installation: Opened,
    paths: Sequence[Path],
    now: datetime,
    on_file: Callable[[IngestedFile], None] = lambda _: None,
) -> list[IngestedFile]:
    """Ingests every file and runs the pipeline until it is quiet; cutting a submission is the caller's."""
    results = []
    for path in find_files(paths):
        results.append(ingest_whole(installation, path, now))
        on_file(results[-1])
    return results


def ingest_whole(installation: Opened, path: Path, now: datetime) -> IngestedFile:
    """One file, as the pipeline has judged what it holds."""
    result = ingest_file(installation, path, now)
    installation.engine.run_until_quiet()
    return _with_holds(installation, result)


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
