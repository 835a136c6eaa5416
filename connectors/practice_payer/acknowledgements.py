"""The payer's receipts: TA1 for the interchange, 999 for its groups, 277CA for its claims."""

from collections.abc import Iterator
from datetime import timedelta

from connectors.practice_payer.envelope import NO_ERROR, FunctionalGroup, Header, TransactionSet
from connectors.practice_payer.models import Judgement, Party, Rejection, SegmentError, Submission
from connectors.practice_payer.writing import Elements, format_cents, format_day, write_name

CLAIM_STATUS_DAYS = 1  # from the interchange's date to its 277CA
ACCEPTED = Rejection("A2", "20")  # into adjudication
RECEIVED = Rejection("A1", "19", "PR")

SetResult = tuple[TransactionSet, list[SegmentError]]


def write_ta1(header: Header, note_code: str) -> Elements:
    """The verdict on an interchange: accepted or rejected, with TA105."""
    verdict = "A" if note_code == NO_ERROR else "R"
    return ("TA1", header.control_number, header.date_text, header.time_text, verdict, note_code)


def is_accepted(result: SetResult) -> bool:
    transaction, errors = result
    return not (transaction.error_codes or errors)


def write_999(header: Header, group: FunctionalGroup, results: list[SetResult]) -> list[Elements]:
    """The 999 of one functional group; nothing in a group with errors of its own is accepted."""
    component = header.delimiters.component
    version = group.version[:12]
    body: list[Elements] = [("999", "005010X231A1"), ("AK1", group.functional_id, group.control_number, version)]
    for transaction, errors in results:
        body.append(("AK2", transaction.set_id, transaction.control_number, transaction.implementation))
        for error in errors:
            body += _write_error(error, component)
        codes = [*transaction.error_codes, *(("5",) if errors else ())]
        body.append(("IK5", "R" if codes else "A", *codes[:5]))
    received = len(results)
    accepted = 0 if group.error_codes else sum(map(is_accepted, results))
    verdict = "R" if accepted == 0 else "A" if accepted == received else "P"
    counts = (str(group.declared_count or received), str(received), str(accepted))
    body.append(("AK9", verdict, *counts, *group.error_codes[:5]))
    return body


def _write_error(error: SegmentError, component: str) -> Iterator[Elements]:
    yield ("IK3", error.segment_id, str(error.position), error.loop, error.code)
    if error.patient_control_number:
        yield ("CTX", f"CLM01{component}{error.patient_control_number}")
    if error.element:
        yield ("IK4", error.element, error.reference, error.element_code, error.bad_value)


def write_277ca(header: Header, submission: Submission, payer: Party, judgements: list[Judgement]) -> list[Elements]:
    """The 277CA of one payer for its claims of one transaction set: payer, submitter, providers, patients."""
    status_day = format_day(header.sent_on + timedelta(days=CLAIM_STATUS_DAYS))
    received_day = format_day(judgements[0].claim.received_on)
    trace = f"{header.control_number}{submission.reference}"[:50]
    body: list[Elements] = [
        ("277", "005010X214"),
        ("BHT", "0085", "08", trace, status_day, header.clock_text, "TH"),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", payer.last_name or payer.identifier, "", "", "", "", "PI", payer.identifier),
        ("TRN", "1", trace),
        ("DTP", "050", "D8", received_day),
        ("DTP", "009", "D8", status_day),
        ("HL", "2", "1", "21", "1"),
        write_name("41", submission.submitter, "46", submission.submitter.identifier),
        ("TRN", "2", submission.reference),
        _write_status(header, RECEIVED, status_day, judgements),
        *_write_totals(judgements, "90", "AA"),
    ]
    by_provider: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in judgements:
        by_provider.setdefault(judgement.claim.provider.identity, []).append(judgement)
    level = 2
    for group in by_provider.values():
        level += 1
        provider_level = level
        body += _write_provider(header, level, group)
        for judgement in group:
            level += 1
            body += _write_patient(header, level, provider_level, status_day, judgement)
    return body


def _write_provider(header: Header, level: int, group: list[Judgement]) -> Iterator[Elements]:
    provider = group[0].claim.provider
    npi = provider.party.identifier
    yield ("HL", str(level), "2", "19", "1")
    yield write_name("85", provider.party, "XX" if npi else "FI", npi or provider.tax_id)
    yield ("TRN", "1", "0")
    yield _write_status(header, RECEIVED, "", group)  # STC02 is not used at this level
    yield from _write_totals(group, "QA", "QC")


def _write_totals(judgements: list[Judgement], accepted: str, rejected: str) -> Iterator[Elements]:
    """Counts, then amounts, of accepted and rejected claims; the guide leaves out what is zero."""
    counts, amounts = [], []
    for rejects, quantity, amount in ((False, accepted, "YU"), (True, rejected, "YY")):
        charges = [j.claim.charge_cents for j in judgements if (j.rejection is not None) is rejects]
        if charges:
            counts.append(("QTY", quantity, str(len(charges))))
            amounts.append(("AMT", amount, format_cents(sum(charges))))
    yield from counts + amounts


def _write_status(header: Header, status: Rejection, day: str, judgements: list[Judgement]) -> Elements:
    action = "U" if status.category in ("A3", "A7") else "WQ"
    return (
        "STC",
        _join_status(header, status),
        day,
        action,
        format_cents(sum(j.claim.charge_cents for j in judgements)),
    )


def _join_status(header: Header, status: Rejection) -> str:
    component = header.delimiters.component
    return component.join((status.category, status.status, status.entity)).rstrip(component)


def _write_patient(
    header: Header, level: int, parent: int, status_day: str, judgement: Judgement
) -> Iterator[Elements]:
    claim = judgement.claim
    yield ("HL", str(level), str(parent), "PT")
    yield write_name("QC", claim.patient, "MI", claim.patient.identifier or claim.subscriber.identifier)
    yield ("TRN", "2", claim.patient_control_number)
    yield _write_status(header, judgement.rejection or ACCEPTED, status_day, [judgement])
    if judgement.rejection is None:
        yield ("REF", "1K", judgement.control_number)
    if claim.clearinghouse_number:
        yield ("REF", "D9", claim.clearinghouse_number)
    yield ("DTP", "472", *_write_period(claim.first_day, claim.last_day))
    if judgement.rejection and judgement.rejection.by_line:
        line = claim.lines[0]
        units = line.units_text
        procedure = header.delimiters.component.join(line.procedure)
        yield ("SVC", procedure, format_cents(line.charge_cents), "", "", "", "", units)
        yield ("STC", _join_status(header, judgement.rejection), status_day, "U")
        if line.control_number:
            yield ("REF", "FJ", line.control_number)
        yield ("DTP", "472", *_write_period(line.first_day, line.last_day))


def _write_period(first: str, last: str) -> tuple[str, str]:
    return ("D8", first) if first == last else ("RD8", f"{first}-{last}")
