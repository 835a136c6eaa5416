"""Puts a case through the pipeline: coded encounters, claims, remittance files, and what people and the bank do."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connectors.clearinghouse.inbound import read_inbound_file
from schemas.encounter import CodedLine, Coverage
from schemas.event import Event
from schemas.events import ClaimPayer, ClaimSummary, EncounterCoded
from schemas.identifiers import make_id
from schemas.inbound import Receipt
from schemas.reference import Reference
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x835_005010x221a1 import write_835
from streams.installation import Opened
from tests.builders import NOW, SETTINGS, find_violations, open_small, publish
from tests.cases.acts import perform
from tests.cases.book import Case, Step
from tests.processors.builders import coded


def run_case(steps: Sequence[Step], folder: Path, reference: Reference, *, postgres: str | None = None) -> Opened:
    """A small installation to which all of this has happened; the invariants hold after every step."""
    installation = open_small(folder, reference, in_memory=True, postgres=postgres)
    for number, step in enumerate(steps, 1):
        if step.act:
            perform(step.act, installation)
        else:
            publish(installation, bill(step) if step.claim else receive(installation, step, number))
        installation.engine.run_until_quiet()
        assert find_violations(installation.store.connection) == []
    return installation


def run_as_told(case: Case, steps: Sequence[Step], folder: Path, reference: Reference) -> Opened:
    """The steps of a case, in this order, under its policies."""
    installation = reference.installation.model_copy(update=case.policy)
    return run_case(steps, folder, replace(reference, installation=installation))


def bill(step: Step) -> list[Event]:
    """The encounter behind a claim as coding releases it, and the claim as it is sent; a void has no new encounter."""
    sent = submit(step)
    assert step.claim is not None
    if step.claim.summary.frequency == "8":
        return [sent]
    body = code_encounter(step.claim.summary)
    identity = make_id("coded", step.claim.summary.patient_control_number)
    return [Event(identity, body.key, NOW, body.encounter_id, None, "", body), sent]


def code_encounter(summary: ClaimSummary) -> EncounterCoded:
    """An encounter with the claim's lines and payers, and nothing else of interest."""
    version = int(summary.patient_control_number[16:18])
    payers = (ClaimPayer(payer_id=summary.payer_id, payer_name=summary.payer_name), *summary.further_payers)
    coverages = tuple(
        Coverage(payer_id=payer.payer_id, payer_name=payer.payer_name, member_id=f"M{place}", priority=place)
        for place, payer in enumerate(payers, 1)
    )
    lines = tuple(
        CodedLine(
            number=int(line.line_control_number[1:]),
            line_id=line.line_control_number,
            code_system="CPT",
            code=line.procedure,
            modifiers=line.modifiers,
            units=line.units,
            charge_amount=line.charge_amount,
            service_date_from=line.service_date,
            service_date_to=line.service_date,
            diagnosis_pointers=(1,),
        )
        for line in summary.lines
    )
    encounter = coded(revision=version, coverages=coverages, note=f"version {version}").encounter
    return EncounterCoded(
        account_key=summary.account_key,
        encounter_id=summary.encounter_id,
        revision=version,
        encounter=encounter.model_copy(update={"lines": lines}),
    )


def submit(step: Step) -> Event:
    assert step.claim is not None
    number = step.claim.summary.patient_control_number
    return Event(make_id("sent", number), step.claim.key, NOW, step.claim.encounter_id, None, "", step.claim)


def receive(installation: Opened, step: Step, number: int) -> Sequence[Event]:
    header = InterchangeHeader(
        sender_id="PAYER", receiver_id="CLINIC", date=NOW.date(), time=NOW.time(), control_number=number
    )
    sets = [replace(made, control_number=f"{place:04d}") for place, made in enumerate(step.remittances, 1)]
    data = write_835(header, sets)
    sha256 = installation.archive.keep(data)
    inbound = read_inbound_file(data, Receipt(sha256, NOW, SETTINGS.secret))
    assert inbound.findings == (), inbound.findings
    return inbound.events
