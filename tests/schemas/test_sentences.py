"""Every event says in one line what happened, and under which ids people ask for it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.base import phi_paths
from schemas.event import Body
from schemas.events import EVENT_TYPES, PaymentPosted
from schemas.identifiers import claim_id_of, make_encounter_id
from streams.catalogue.events import read_example

TYPES = [pytest.param(body_type, id=name) for name, body_type in EVENT_TYPES.items()]

# What each example says; and its fields that hold the ids: `*` is the claim of a patient control number, `@` the
# encounter of a source id; what nobody asks for by an id has none.
SENTENCES = {
    "rcm.acknowledged": "rejected by 277CA of CLEARINGHOUSE: A3:116",
    "rcm.claim": "claim DPRYV4PBH6GI2LVR01 built: 85.00 to DEMO STATE MEDICAID",
    "rcm.claim.correction": "M. Biller decided to void it: billed twice",
    "rcm.claim.cut": "1 claims are to be sent to CLEARINGHOUSE now",
    "rcm.claim.released": "claim KQ3ZB7VN2AM4TXWQ02 may go into the next file",
    "rcm.claim.waiting": "claim DDFC37IQXPTDD57V02 waits for a decision: its earlier version is with the payer",
    "rcm.claim.withdrawn": "claim 3DGZZM2PX27OIOAQ withdrawn",
    "rcm.clock": "the business date is 2026-11-24",
    "rcm.clock.set_back": "Pat Moore set the clock back from 2926-03-02 to 2026-03-02: The year was mistyped.",
    "rcm.coded": "coded: 1 lines, 1 diagnoses",
    "rcm.coded.superseded": "version 0 is older than the one already known",
    "rcm.coded.withdrawn": "withdrawn: entered in error",
    "rcm.denied": "denied: CO-109 150.00",
    "rcm.denied.appealed": "appeal filed by Kim Lee: redetermination, decision due 2027-01-30",
    "rcm.denied.concluded": "denial CO-197 recovered after 41 days: 82.40 recovered",
    "rcm.denied.resolved": "denial of L0001 settled: nothing of 150.00 is open, paid 96.00",
    "rcm.denied.written_off": (
        "write-off of 120.00 decided by Kim Lee, approved by Pat Moore: Filed a day late, no exception applies"
    ),
    "rcm.deposit": "the bank shows 1250.00 on 2026-03-20, trace EFT0012345",
    "rcm.deposit.decided": "M. Biller says what the deposit of 1250.00 is: lockbox of two checks",
    "rcm.deposit.matched": "deposit of 1250.00 matched by trace",
    "rcm.encounter": "encounter received, version 1: 2 services",
    "rcm.encounter.answered": "dr-roe (provider) answers query 7c2e0c9e-2f6b-4c11-9a53-7f2c1f3b8f11",
    "rcm.encounter.corrected": "corrected by jane (coder): diagnoses E11.65; line 1 modifiers 25",
    "rcm.encounter.history_changed": "another encounter of the patient was withdrawn or changed: judged again",
    "rcm.encounter.override": "lee (coding_lead) overrides charge_zero line 2 3074F",
    "rcm.encounter.queried": "jane (coder) asks the provider: query 7c2e0c9e-2f6b-4c11-9a53-7f2c1f3b8f11",
    "rcm.held": "held: coverage_missing",
    "rcm.held.overridden": "warning charge_zero at line 2 3074F set aside by lee",
    "rcm.held.refused": (
        "refused (override by jane): the role coder may not override; coding_lead, compliance may; Have "
        "somebody with the right role do it; [roles] in revcycle.toml names them."
    ),
    "rcm.interchange": "interchange 1 to CLEARINGHOUSE built: 1 claims",
    "rcm.interchange.acknowledged": "interchange 1 accepted by TA1: 000",
    "rcm.interchange.inquiry": "the payer is asked for its status (276): 1 claims",
    "rcm.interchange.written": "interchange 1 to CLEARINGHOUSE written: CLEARINGHOUSE-000000001.837",
    "rcm.paid": "LAKESHORE DEMO HEALTH answered (CLP02 1): paid 50.16 of 110.00",
    "rcm.paid.applied": (
        "R. Moss applied a payment to claim D5IN7EV5X5YZMW56: The payer sent the old account number; name and"
        " date are those of this claim."
    ),
    "rcm.paid.unapplied": (
        "R. Moss took a payment off claim D5IN7EV5X5YZMW56: It is the brother's claim: same birth date, other"
        " first name."
    ),
    "rcm.patient.balance": "the patient's part: 15.00 (owed)",
    "rcm.patient.credit": "posted: debit patient_receivable 25.00, credit refunds_payable 25.00",
    "rcm.patient.payment": "the patient paid 25.00 (card)",
    "rcm.patient.payment_moved": (
        "M. Biller moved 25.00 of unapplied money to another claim: paid with the sister's account number on the check"
    ),
    "rcm.patient.payment_posted": "posted: debit bank 25.00, credit patient_receivable 25.00",
    "rcm.patient.refund": "M. Biller sent 25.00 back to the patient: copayment paid twice",
    "rcm.patient.refund_posted": "posted: debit refunds_payable 25.00, credit bank 25.00",
    "rcm.patient.returned": "the bank gave 25.00 of the patient's payment back: insufficient funds",
    "rcm.patient.statement": "statement of 15.00 written for the patient",
    "rcm.patient.written_off": "posted: debit other_write_offs 25.00, credit patient_receivable 25.00",
    "rcm.posted": (
        "posted: debit contractual_adjustments 47.30, credit insurance_receivable 110.00, debit "
        "patient_receivable 12.54, debit remittance_clearing 50.16"
    ),
    "rcm.remittance.accepted": (
        "remittance of LAKESHORE DEMO HEALTH accepted: 0.00 for 1 claims, trace 654824041000000001001"
    ),
    "rcm.posted.charges": "posted: credit gross_charges 69.00, debit insurance_receivable 69.00",
    "rcm.remittance.closed": "remittance posted: 0.00 of 0.00 for 1 claims",
    "rcm.remittance.held": "remittance of 198.38 held, unbalanced: unbalanced_transaction",
    "rcm.remittance.provider_level": "PLB , posted: credit interest 1.30, debit remittance_clearing 1.30",
    "rcm.posted.released": (
        "posted: debit contractual_adjustments 47.30, credit insurance_receivable 110.00, debit "
        "patient_receivable 12.54, debit unapplied_payments 50.16"
    ),
    "rcm.remittance.repeated": "the same remittance again: nothing to post",
    "rcm.posted.responsibility": "now owed: LAKESHORE DEMO HEALTH 0.00, SUMMIT DEMO PPO 15.00, patient 20.00",
    "rcm.posted.written_off": "posted: debit denial_write_offs 120.00, credit insurance_receivable 120.00",
    "rcm.remittance": "remittance received: transaction set 1 of its file",
    "rcm.remittance.admitted": (
        "R. Moss says that this remittance is another than the one posted: other claims; the payer uses NOPAY"
        " for every zero payment of a day"
    ),
    "rcm.remittance.part": "claims 1 to 12 of the remittance of LAKESHORE DEMO HEALTH",
    "rcm.status": "status by the 277 of CLEARINGHOUSE: F1:65",
    "rcm.status.decided": "the first remittance came 14 days after submission",
    "rcm.status.requested": "the payer is asked for its status (276): 1 claims",
    "rcm.submitted": "submitted in interchange 2 to CLEARINGHOUSE",
    "rcm.worklist": "work for coding: Correct the procedure code",
    "rcm.worklist.closed": "work item closed: a newer version of the encounter answers it",
    "rcm.worklist.noted": "noted by Kim Lee: Called the payer: the approval is on file under another number",
    "rcm.worklist.reopened": "reopened by Kim Lee: The check was another patient's",
    "rcm.worklist.resolved": "resolved by Kim Lee: Paid on the check of 12 March",
    "rcm.worklist.taken": "taken by Kim Lee",
}
SUBJECTS = {
    "rcm.acknowledged": "patient_control_number*",
    "rcm.claim": "claim.patient_control_number* summary.encounter_id",
    "rcm.claim.correction": "claim_id",
    "rcm.claim.cut": "",
    "rcm.claim.released": "patient_control_number* encounter_id",
    "rcm.claim.waiting": "patient_control_number* encounter_id",
    "rcm.claim.withdrawn": "claim_id encounter_id",
    "rcm.clock": "",
    "rcm.clock.set_back": "",
    "rcm.coded": "encounter_id",
    "rcm.coded.superseded": "encounter_id",
    "rcm.coded.withdrawn": "encounter_id",
    "rcm.denied": "patient_control_number* remittance_id",
    "rcm.denied.appealed": "claim_id item_id",
    "rcm.denied.concluded": "claim_id item_id encounter_id remittance_id",
    "rcm.denied.resolved": "patient_control_number* encounter_id remittance_id",
    "rcm.denied.written_off": "claim_id item_id encounter_id",
    "rcm.deposit": "",
    "rcm.deposit.decided": "",
    "rcm.deposit.matched": "remittance_ids",
    "rcm.encounter": "@",
    "rcm.encounter.answered": "@",
    "rcm.encounter.corrected": "@",
    "rcm.encounter.history_changed": "encounter_id",
    "rcm.encounter.override": "@",
    "rcm.encounter.queried": "@",
    "rcm.held": "encounter_id",
    "rcm.held.overridden": "encounter_id",
    "rcm.held.refused": "encounter_id",
    "rcm.interchange": "",
    "rcm.interchange.acknowledged": "",
    "rcm.interchange.inquiry": "claims.claim_id",
    "rcm.interchange.written": "",
    "rcm.paid": "claim.patient_control_number* remittance_id",
    "rcm.paid.applied": "claim_id remittance_id",
    "rcm.paid.unapplied": "claim_id remittance_id",
    "rcm.patient.balance": "claim_id encounter_id",
    "rcm.patient.credit": "claim_id",
    "rcm.patient.payment": "claim_id",
    "rcm.patient.payment_moved": "claim_id",
    "rcm.patient.payment_posted": "claim_id",
    "rcm.patient.refund": "claim_id",
    "rcm.patient.refund_posted": "claim_id",
    "rcm.patient.returned": "claim_id",
    "rcm.patient.statement": "claim_ids",
    "rcm.patient.written_off": "claim_id",
    "rcm.posted": "patient_control_number* encounter_id remittance_id",
    "rcm.remittance.accepted": "remittance_id",
    "rcm.posted.charges": "claim_id encounter_id",
    "rcm.remittance.closed": "remittance_id",
    "rcm.remittance.held": "remittance_id",
    "rcm.remittance.provider_level": "remittance_id",
    "rcm.posted.released": "claim_id encounter_id remittance_id",
    "rcm.remittance.repeated": "remittance_id",
    "rcm.posted.responsibility": "claim_id encounter_id",
    "rcm.posted.written_off": "claim_id item_id encounter_id",
    "rcm.remittance": "remittance_id",
    "rcm.remittance.admitted": "remittance_id",
    "rcm.remittance.part": "remittance_id",
    "rcm.status": "patient_control_number*",
    "rcm.status.decided": "patient_control_number* encounter_id remittance_id",
    "rcm.status.requested": "claims.claim_id",
    "rcm.submitted": "summary.claim_id summary.encounter_id",
    "rcm.worklist": "claim_id item_id remittance_id",
    "rcm.worklist.closed": "item_id",
    "rcm.worklist.noted": "item_id",
    "rcm.worklist.reopened": "item_id",
    "rcm.worklist.resolved": "item_id",
    "rcm.worklist.taken": "item_id",
}


def read_subjects(example: dict[str, Any], path: str) -> list[str]:
    """The ids that a path of the table names in an example."""
    if path == "@":
        return [make_encounter_id(example["source_system"], example["source_id"])]
    values: list[Any] = [example]
    for name in path.removesuffix("*").split("."):
        values = [value[name] for value in values]
        values = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return [claim_id_of(value) for value in values] if path.endswith("*") else values


def list_values(value: Any, path: str) -> Iterator[str]:
    """What stands in an example at a path of `phi_paths`."""
    name, _, rest = path.partition(".")
    inner = value.get(name.removesuffix("[]")) if name else value
    for item in inner if name.endswith("[]") and inner else [inner]:
        if rest and item:
            yield from list_values(item, rest)
        elif isinstance(item, str) and item:
            yield item


def test_every_type_is_told() -> None:
    assert set(SENTENCES) == set(SUBJECTS) == set(EVENT_TYPES)


@pytest.mark.parametrize("body_type", TYPES)
def test_a_type_says_its_own_sentence(body_type: type[Body]) -> None:
    assert read_example(body_type).describe() == SENTENCES[body_type.type]


@pytest.mark.parametrize("body_type", TYPES)
def test_a_type_names_its_subjects(body_type: type[Body]) -> None:
    body = read_example(body_type)
    example = json.loads(body.model_dump_json())
    ids = [found for path in SUBJECTS[body_type.type].split() for found in read_subjects(example, path)]

    assert list(body.subjects()) == ids


@pytest.mark.parametrize("body_type", TYPES)
def test_a_sentence_holds_nothing_of_the_patient(body_type: type[Body]) -> None:
    """But for the words of whoever acted, which stand as they were written."""
    body = read_example(body_type)
    example = json.loads(body.model_dump_json())
    hidden = [value for path in phi_paths(body_type) - {"why"} for value in list_values(example, path)]

    assert [value for value in hidden if len(value) > 2 and value in body.describe()] == []


def test_a_later_payers_claim_is_asked_for_by_its_own_id_and_the_first_payers() -> None:
    posted = read_example(PaymentPosted).replace(patient_control_number="PJNAVUTXDB6QNPL602S")

    assert list(posted.subjects())[:2] == ["PJNAVUTXDB6QNPL6S", "PJNAVUTXDB6QNPL6"]
