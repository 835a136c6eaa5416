"""An encounter becomes billable, or waits for the person who can mend it.

In: EncounterReceived. Out: EncounterCoded or EncounterHeld with work items, one for each team that must act;
EncounterWithdrawn; EncounterSuperseded. The rules are the edits of `processors/edits`, one small module each.
"""

from typing import Literal

from processors.code_assignment import assign_codes
from processors.edits import judge_encounter
from processors.payer_rules import apply_payer_rules
from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    EncounterCoded,
    EncounterHeld,
    EncounterReceived,
    EncounterSuperseded,
    EncounterWithdrawn,
    UncodedItem,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.findings import Finding
from schemas.history import PatientHistory, add_encounter, withdraw_encounter
from schemas.identifiers import account_key_of, make_account_key, make_encounter_id, make_id
from schemas.processing import Outcome, States
from schemas.reference import Reference

NEEDS_CODING = Finding(
    code="needs_coding",
    severity="hold",
    owner="coder",
    where="encounter",
    what="something is documented that no table maps to a billing code",
    remedy="code it in the EHR, or add a row to charge_master.csv or diagnosis_map.csv; the documented words are shown",
)
NOTHING_TO_BILL = Finding(
    code="nothing_to_bill",
    severity="hold",
    owner="coder",
    where="encounter",
    what="the encounter documents no service that can be billed",
    remedy="add the services in the EHR, or close the encounter there as not billable",
)


class EncounterState(Frozen):
    """The newest version seen of one encounter, and what was decided about it."""

    version: str
    version_order: str
    revision: int
    decision: Literal["coded", "held", "withdrawn"]
    open_items: tuple[str, ...] = ()


def keys_of_encounter(event: Event) -> tuple[str, ...]:
    """The encounter and the patient's history; both opaque."""
    body = event.body
    assert isinstance(body, EncounterReceived)
    encounter_id = make_encounter_id(body.source_system, body.source_id)
    return (f"encounter:{encounter_id}", f"patient:{make_id('patient', body.source_system, body.patient.id)}")


def validate_coding(states: States, event: Event, reference: Reference) -> Outcome:
    """Decides one version of one encounter."""
    body = event.body
    assert isinstance(body, EncounterReceived)
    encounter_key, patient_key = keys_of_encounter(event)
    encounter_id = encounter_key.partition(":")[2]
    account_key = make_account_key(reference.installation.secret, body.source_system, body.patient.id)
    assert account_key_of(account_key + "AAAAAA01") == account_key
    state = states.get(encounter_key)
    history = states.get(patient_key, PatientHistory())
    assert isinstance(history, PatientHistory)
    order = body.version_order or body.version
    if isinstance(state, EncounterState) and is_older(order, state.version_order):
        late = EncounterSuperseded(account_key=account_key, encounter_id=encounter_id, version=body.version)
        return Outcome(outputs=(late,))
    revision = state.revision + 1 if isinstance(state, EncounterState) else 1
    open_items = state.open_items if isinstance(state, EncounterState) else ()
    history = withdraw_encounter(history, encounter_id)
    if body.status == "entered-in-error":
        decision: Literal["coded", "held", "withdrawn"] = "withdrawn"
        outputs: tuple[Body, ...] = (
            EncounterWithdrawn(account_key=account_key, encounter_id=encounter_id, revision=revision),
        )
        items: tuple[WorkItemOpened, ...] = ()
    else:
        assigned = assign_codes(body, reference)
        ruled = apply_payer_rules(assigned.encounter, reference.payer_rules)
        encounter = ruled.encounter
        judged = judge_encounter(encounter, history, reference.codesets, as_of=event.occurred_at.date())
        findings = (*assigned.findings, *ruled.findings, *judged)
        if assigned.uncoded:
            findings = (NEEDS_CODING, *findings)
        elif not body.services:
            findings = (NOTHING_TO_BILL, *findings)
        if any(finding.severity != "warn" for finding in findings):
            decision = "held"
            items = _open_items(account_key, encounter_id, findings, assigned.uncoded)
            held = EncounterHeld(
                account_key=account_key,
                encounter_id=encounter_id,
                revision=revision,
                findings=findings,
                uncoded=assigned.uncoded,
            )
            outputs = (held, *items)
        else:
            decision, items = "coded", ()
            history = add_encounter(history, encounter_id, encounter)
            coded = EncounterCoded(
                account_key=account_key,
                encounter_id=encounter_id,
                revision=revision,
                encounter=encounter,
                findings=findings,
            )
            outputs = (coded,)
    still_open = tuple(item.item_id for item in items)
    closed = tuple(
        WorkItemClosed(item_id=item_id, account_key=account_key, reason="a newer version of the encounter answers it")
        for item_id in open_items
        if item_id not in still_open
    )
    after = EncounterState(
        version=body.version, version_order=order, revision=revision, decision=decision, open_items=still_open
    )
    return Outcome({encounter_key: after, patient_key: history}, (*outputs, *closed))


def is_older(order: str, than: str) -> bool:
    """Numbers by value ('9' before '10'), anything else as text."""
    if order.isdecimal() and than.isdecimal():
        return int(order) < int(than)
    return order < than


def _open_items(
    account_key: str, encounter_id: str, findings: tuple[Finding, ...], uncoded: tuple[UncodedItem, ...]
) -> tuple[WorkItemOpened, ...]:
    """One item for each team that must act, with everything that is theirs."""
    by_owner: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity != "warn":
            by_owner.setdefault(finding.owner, []).append(finding)
    documented = ", ".join(f"{item.system} {item.code}" for item in uncoded[:8])
    return tuple(
        WorkItemOpened(
            item_id=make_id("held", encounter_id, owner),
            account_key=account_key,
            queue={"coder": "coding", "front desk": "front desk"}.get(owner, "billing"),
            owner=owner,
            priority=3,
            reason=" ".join(dict.fromkeys(finding.code for finding in theirs))[:200],
            encounter_id=encounter_id,
            next_action=f"{theirs[0].what}: {theirs[0].remedy}"
            + (f" (not mapped: {documented})" if owner == "coder" and documented else ""),
            findings=tuple(theirs),
        )
        for owner, theirs in sorted(by_owner.items())
    )
