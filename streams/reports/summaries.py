"""One line for each event, as a biller would say it; without names, dates of birth or member ids."""

import json
from typing import Any

from schemas import events as e
from schemas.event import Body
from schemas.findings import Finding
from schemas.ledger import DocumentPlace, JournalEntry
from schemas.money import format_money


def summarize(body: Body) -> str:
    """What happened, in one line."""
    match body:
        case e.EncounterReceived():
            return f"encounter received, version {body.version}: {len(body.services)} services"
        case e.EncounterCoded():
            return f"coded: {len(body.encounter.lines)} lines, {len(body.encounter.diagnoses)} diagnoses"
        case e.EncounterHeld():
            return "held: " + ", ".join(dict.fromkeys(finding.code for finding in body.findings))
        case e.EncounterCorrected():
            return f"corrected by {body.who} ({body.role}): {_summarize_changes(body)}"
        case e.ProviderQueried():
            return f"{body.who} ({body.role}) asks the provider: query {body.action_id}"
        case e.ProviderAnswered():
            return f"{body.who} ({body.role}) answers query {body.query_id}"
        case e.OverrideRequested():
            return f"{body.who} ({body.role}) overrides {body.finding_code} {body.where}".rstrip()
        case e.FindingOverridden():
            finding = body.overridden.finding
            return f"warning {finding.code} at {finding.where} set aside by {body.overridden.who}"
        case e.ActRefused():
            return f"refused ({body.act} by {body.who}): {body.because}; {body.remedy}"
        case e.HistoryChanged():
            return "another encounter of the patient was withdrawn or changed: judged again"
        case e.EncounterWithdrawn():
            return "withdrawn: entered in error"
        case e.EncounterSuperseded():
            return f"version {body.version} is older than the one already known"
        case e.ClaimBuilt():
            claim = body.summary
            return (
                f"claim {claim.patient_control_number} built: {format_money(claim.charge_amount)} to {claim.payer_name}"
            )
        case e.ClaimCorrectionDecided():
            return f"{body.who} decided to {body.decision} it: {body.why}"
        case e.ClaimSubmitted():
            return f"submitted in interchange {body.control_number} to {body.trading_partner}"
        case e.ClaimAcknowledged():
            return f"{body.outcome} by {body.source} of {body.sender}: {', '.join(body.codes)}"
        case e.ClockSetBack():
            return f"{body.who} set the clock back from {body.stood_at} to {body.business_date}: {body.why}"
        case e.ClaimStatusRequested() | e.InquiryBuilt():
            return f"the payer is asked for its status (276): {len(body.claims)} claims"
        case e.ClaimStatusReported():
            return f"status by the 277 of {body.sender}: {', '.join(body.codes)}"
        case e.PayerDecided():
            return f"the first remittance came {body.days} days after submission"
        case e.ClaimRemitted():
            paid, charge = format_money(body.claim.paid_amount), format_money(body.claim.charge_amount)
            return f"{body.payer_name} answered (CLP02 {body.claim.status_code}): paid {paid} of {charge}"
        case e.ClaimDenied():
            reasons = ", ".join(f"{item.group}-{item.reason} {format_money(item.amount)}" for item in body.denials)
            return f"denied: {reasons}"
        case e.DenialResolved():
            paid = f", paid {format_money(body.paid_amount)}" if body.paid_amount else ""
            return f"denial of {body.line_key} settled: nothing of {format_money(body.denied_amount)} is open{paid}"
        case e.ResponsibilityMoved():
            shares = [f"{share.payer_name} {format_money(share.open_amount)}" for share in body.payers]
            patient = format_money(body.patient_amount) + ("" if body.patient_may_be_billed else " (may not be billed)")
            return f"now owed: {', '.join(shares)}, patient {patient}"
        case e.ProviderAdjustmentsPosted():
            return f"PLB {body.reason}, {_summarize_entry(body.entry)}"
        case e.ChargesPosted() | e.PaymentPosted() | e.UnappliedReleased() | e.WriteOffPosted():
            return _summarize_entry(body.entry)
        case e.RemittanceAdmitted():
            return f"{body.who} says that this remittance is another than the one posted: {body.why}"
        case e.PaymentApplied():
            return f"{body.who} applied a payment to claim {body.claim_id}: {body.why}"
        case e.PaymentUnapplied():
            return f"{body.who} took a payment off claim {body.claim_id}: {body.why}"
        case e.AppealFiled() | e.DenialWrittenOff() | e.DenialConcluded():
            return _summarize_denial(body)
        case e.WorkItemOpened():
            return f"work for {body.queue}: {body.next_action}"
        case e.WorkItemClosed():
            return f"work item closed: {body.reason}"
        case e.WorkItemAction():
            return f"{body.type.rpartition('.')[2]} by {body.who}" + (f": {body.why}" if body.why else "")
    return _summarize_balance(body)


def _summarize_balance(body: Body) -> str:
    """What patients owe and pay and what the bank shows; else the type in words."""
    match body:
        case e.PatientBalanceChanged():
            return f"the patient's part: {format_money(body.balance_amount)} ({body.status.replace('_', ' ')})"
        case e.PatientPaymentReceived():
            return f"the patient paid {format_money(body.amount)} ({body.method})"
        case e.PatientPaymentPosted() | e.PatientCreditMoved() | e.SmallBalanceWrittenOff() | e.PatientRefundPosted():
            return _summarize_entry(body.entry)
        case e.PatientPaymentReturned():
            return f"the bank gave {format_money(body.amount)} of the patient's payment back: {body.why}"
        case e.PatientPaymentMoved():
            return f"{body.who} moved {format_money(body.amount)} of unapplied money to another claim: {body.why}"
        case e.PatientRefundIssued():
            return f"{body.who} sent {format_money(body.amount)} back to the patient: {body.why}"
        case e.DepositReceived():
            return f"the bank shows {format_money(body.amount)} on {body.deposited_on}, trace {body.trace_number}"
        case e.DepositMatched():
            return f"deposit of {format_money(body.amount)} matched by {body.matched_by.replace('_', ' ')}"
        case e.DepositMatchDecided():
            return f"{body.who} says what the deposit of {format_money(body.deposit_amount)} is: {body.why}"
        case e.StatementIssued():
            return f"statement of {format_money(body.due_amount)} written for the patient"
    return body.type.removeprefix("rcm.").replace(".", " ").replace("_", " ")


def _summarize_denial(body: e.AppealFiled | e.DenialWrittenOff | e.DenialConcluded) -> str:
    match body:
        case e.AppealFiled():
            return f"appeal filed by {body.who}: {body.level_name}, decision due {body.answer_due_on}"
        case e.DenialWrittenOff():
            amount = format_money(body.amount)
            return f"write-off of {amount} decided by {body.who}, approved by {body.approved_by}: {body.why}"
        case e.DenialConcluded():
            recovered = format_money(body.recovered_amount)
            return f"denial {body.group}-{body.reason} {body.outcome} after {body.days} days: {recovered} recovered"


def _summarize_changes(body: e.EncounterCorrected) -> str:
    """Codes as they are now; no words of the record."""
    parts = []
    if body.diagnoses is not None:
        parts.append("diagnoses " + " ".join(item.code for item in body.diagnoses))
    for change in body.lines:
        values = change.model_dump(exclude_none=True, exclude={"line_id"})
        shown = [f"{name} {_spell(value)}" for name, value in values.items()]
        parts.append(f"line {change.line_id} {', '.join(shown)}")
    parts.extend(f"line added {service.code}" for service in body.added_services)
    parts.extend(f"line {line_id} removed" for line_id in body.removed_lines)
    return "; ".join(parts) or "confirmed as it stands"


def _spell(value: object) -> str:
    return (" ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


def list_words(body: Body) -> list[str]:
    """What people said about an encounter: reasons, questions, answers (PHI)."""
    match body:
        case e.EncounterCorrected() | e.OverrideRequested():
            return [body.why]
        case e.ProviderQueried():
            return [body.question]
        case e.ProviderAnswered():
            return [body.answer]
    return []


def _summarize_entry(entry: JournalEntry | None) -> str:
    if entry is None:
        return "nothing to post"
    sides = [
        f"{'debit' if line.debit else 'credit'} {line.account} {format_money(line.debit or line.credit)}"
        for line in entry.lines
    ]
    return "posted: " + ", ".join(sides)


ENTRY_SOURCES = {
    e.ChargesPosted.type: "charges",
    e.PaymentPosted.type: "claim payment",
    e.UnappliedReleased.type: "moved from or to unapplied",
}


def name_entry_source(event_type: str, body: bytes) -> str:
    """What a journal entry is for, in a few words; of a provider-level adjustment its reason and reference (PLB03)."""
    if event_type == e.ProviderAdjustmentsPosted.type:
        told = json.loads(body)
        return f"PLB {told['reason']} {told['reference']}".strip()
    return ENTRY_SOURCES.get(event_type, event_type.removeprefix("rcm.posted."))


def list_findings(body: Body) -> list[dict[str, Any]]:
    """The findings that an event carries, in the contract's form."""
    findings: tuple[Finding, ...] = getattr(body, "findings", ())
    return [finding.model_dump() for finding in findings]


def list_uncoded(body: Body) -> list[dict[str, Any]]:
    """What a coder has to code, in the words of the record (PHI)."""
    return [item.model_dump() for item in body.uncoded] if isinstance(body, e.EncounterHeld) else []


def place_of(body: Body) -> DocumentPlace | None:
    """The document behind an event, at the segment that says it."""
    place: DocumentPlace | None = getattr(body, "document", None)
    if isinstance(body, e.ClaimRemitted):
        return DocumentPlace(sha256=body.document.sha256, segment=body.claim.segment_index)
    entry = getattr(body, "entry", None)
    return place or (entry.document if isinstance(entry, JournalEntry) else None)
