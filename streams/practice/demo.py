"""The demonstration: a made-up practice sends encounters, a made-up payer answers, and every cent is accounted for."""

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.archive import write_durably
from connectors.demo import generate_encounters
from connectors.practice_payer.simulator import answer_interchange
from schemas.errors import ConfigurationError
from streams.edge.ingest import IngestedFile, ingest_paths
from streams.edge.submission import cut_submissions
from streams.installation import Opened
from streams.reports.charges import (
    ChargesReport,
    ClaimFunnel,
    DenialCategory,
    find_dearest_denied,
    list_denials,
    report_charges,
    report_funnel,
)
from streams.reports.status import StatusReport, report_status

Tell = Callable[[str], None]
RECEIVED = "received"
PAYER_TIME = timedelta(days=15)  # from a claim to its payment, as the simulated payer has it


class DemoReport(StatusReport):
    """The status after the demonstration, its files by kind, and what its last screen shows; `try_next` is a denied
    claim whose timeline is worth a look."""

    files: dict[str, tuple[str, ...]]
    seconds: float
    funnel: ClaimFunnel
    charges: ChargesReport
    denials: tuple[DenialCategory, ...]
    try_next: str | None


def run_demo(installation: Opened, count: int, seed: int, tell: Tell = lambda _: None) -> DemoReport:
    """The whole cycle on `count` encounters; returns what came of it."""
    started = time.perf_counter()
    encounters = list(generate_encounters(count, seed))
    # The cut is dated after the last visit, so that the same seed gives the same files on any day.
    last_day = max(encounter.end_date or encounter.start_date for encounter in encounters)
    now = datetime(last_day.year, last_day.month, last_day.day, 18, tzinfo=UTC) + timedelta(days=1)
    tell("the EHR publishes encounters")
    source = installation.data / RECEIVED / "encounters.ndjson"
    write_durably(source, b"".join(encounter.model_dump_json().encode() + b"\n" for encounter in encounters))
    ingest_paths(installation, [source], now)
    answered: set[Path] = set()
    answers: list[Path] = []
    ingested: list[IngestedFile] = []
    # First the claims to the first payers; what those leave goes to the next ones, when their answers are in.
    for phase in ("claims are cut into 837P files", "secondary claims follow", "tertiary claims follow"):
        tell(phase)
        cut_submissions(installation.store, installation.publish, now)
        installation.engine.run_until_quiet()
        files_in = answer_outbox(installation, seed, answered)
        if not files_in:
            break
        answered.update(installation.outbox.glob("*.837"))
        tell("the payers answer; denials are routed, payments posted")
        answers += files_in
        ingested += ingest_paths(installation, files_in, now)
        now += PAYER_TIME
    if not answered:
        raise ConfigurationError(f"no 837 file in {installation.outbox}: do the workers run on another --data folder?")
    _require_accepted(ingested)
    files = {"837": tuple(map(str, sorted(installation.outbox.glob("*.837"))))}
    for path, file in zip(answers, ingested, strict=True):
        files[file.kind] = (*files.get(file.kind, ()), str(path))
    status = report_status(installation)
    if status.set_aside:
        raise AssertionError(f"{status.set_aside} events of the demonstration were set aside: `revcycle aside list`")
    return DemoReport(
        **dict(status),
        files=files,
        seconds=round(time.perf_counter() - started, 2),
        funnel=report_funnel(installation),
        charges=report_charges(installation),
        denials=list_denials(installation),
        try_next=find_dearest_denied(installation),
    )


def answer_outbox(installation: Opened, seed: int, answered: Collection[Path] = ()) -> list[Path]:
    """Has the simulated payer answer each file of the outbox but those; its answers stand where no worker
    watches."""
    answers = []
    for sent in sorted(set(installation.outbox.glob("*.837")) - set(answered)):
        for answer in answer_interchange(sent.read_bytes(), seed):
            path = installation.data / RECEIVED / answer.name
            write_durably(path, answer.data)
            answers.append(path)
    return answers


def _require_accepted(ingested: list[IngestedFile]) -> None:
    for file in ingested:
        if file.outcome not in ("accepted", "duplicate"):
            raise AssertionError(f"the demonstration's own {file.kind} file {file.path} was {file.outcome}")
