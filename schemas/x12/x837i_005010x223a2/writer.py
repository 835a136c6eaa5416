"""Writes an 837I: the same claims give the same bytes. A value that X12 cannot carry is refused, never bent."""

from itertools import groupby

from schemas.x12.claim_parts import ClaimSupplement, EntityParty, LineSupplement
from schemas.x12.claim_writing import ClaimWriter, Row, refuse_unsendable, write_attachments, write_service_date
from schemas.x12.elements import format_date, format_number
from schemas.x12.writer import InterchangeHeader, write_interchange
from schemas.x12.x837i_005010x223a2.codes import write_codes
from schemas.x12.x837i_005010x223a2.grammar import GRAMMAR
from schemas.x12.x837i_005010x223a2.models import InstitutionalClaim, InstitutionalInterchange, InstitutionalLine

VERSION = "005010X223A2"
CLAIMS_PER_HL_MAX = 100
LINES_MAX = 999
PLAIN = ClaimSupplement()
PLAIN_LINE = LineSupplement()
LINE_LOOPS = {"72": "2420A", "ZZ": "2420B", "82": "2420C", "DN": "2420D"}


def write_837i(interchange: InstitutionalInterchange) -> bytes:
    """The interchange as bytes, one segment a line. Raises ElementError naming the element that cannot be written."""
    number, moment = interchange.control_number, interchange.created_at
    header = InterchangeHeader(
        sender_id=interchange.sender_id,
        receiver_id=interchange.receiver_id,
        date=moment.date(),
        time=moment.time().replace(second=0, microsecond=0),
        control_number=number,
        group_control_number=number,
        sender_qualifier=interchange.sender_qualifier,
        receiver_qualifier=interchange.receiver_qualifier,
        usage_indicator=interchange.usage_indicator,
    )
    return write_interchange(header, "HC", VERSION, [_write_set(interchange)]).replace(b"~", b"~\n")


def _write_set(interchange: InstitutionalInterchange) -> str:
    moment = interchange.created_at
    out = ClaimWriter("0001", VERSION, GRAMMAR)
    out.add("BHT", "0019", "00", str(interchange.control_number), f"{moment:%Y%m%d}", f"{moment:%H%M}", "CH")
    out.add("NM1", "41", "2", interchange.submitter_name, "", "", "", "", "46", interchange.sender_id)
    out.add("PER", "IC", interchange.contact_name, "TE", interchange.contact_phone)
    out.add("NM1", "40", "2", interchange.receiver_name, "", "", "", "", "46", interchange.receiver_id)
    level = 0
    for _, of_provider in groupby(interchange.claims, key=_billing):
        level += 1
        provider_level = level
        members = list(of_provider)
        out.write_billing_provider(members[0].billing_provider, level, members[0].pay_to_address)
        for plan in _plans(members[0]):
            out.write_entity("2010AC", plan)
        for _, of_subscriber in groupby(members, key=lambda claim: (claim.subscriber, claim.payer, claim.patient)):
            claims = list(of_subscriber)
            for start in range(0, len(claims), CLAIMS_PER_HL_MAX):
                batch = claims[start : start + CLAIMS_PER_HL_MAX]
                first = batch[0]
                level += 1
                out.write_subscriber(first.subscriber, first.payer, first.patient, level, provider_level)
                if first.patient is not None:
                    level += 1
                    out.write_patient(first.patient, first.subscriber.relationship, level)
                for claim in batch:
                    _write_claim(out, claim)
    return out.close()


def _billing(claim: InstitutionalClaim) -> tuple[object, ...]:
    return (claim.billing_provider, claim.pay_to_address, _plans(claim))


def _plans(claim: InstitutionalClaim) -> tuple[EntityParty, ...]:
    """The pay-to plan of 2010AC, if there is one."""
    return tuple(p for p in claim.supplement.providers if p.entity == "PE") if claim.supplement else ()


def _write_claim(out: ClaimWriter, claim: InstitutionalClaim) -> None:
    control_number, reference = claim.patient_control_number, claim.payer_claim_control_number
    refuse_unsendable(control_number, len(claim.lines), LINES_MAX, claim.frequency, reference)
    more = claim.supplement or PLAIN
    out.emit("2300", [*_write_details(out, claim, more), *write_codes(out, claim.codes)], more.other_segments)
    for loop_id, entity, party in (
        ("2310A", "71", claim.attending_provider),
        ("2310B", "72", claim.operating_provider),
        ("2310C", "ZZ", claim.other_operating_provider),
        ("2310D", "82", claim.rendering_provider),
        ("2310E", "77", claim.service_facility),
        ("2310F", "DN", claim.referring_provider),
    ):
        if party is not None:
            out.write_party(loop_id, entity, party, provider_code="AT" if entity == "71" else "PE")
    for payer in claim.other_payers:
        out.write_other_payer(payer)
    for number, line in enumerate(claim.lines, 1):
        _write_line(out, line, number)


def _write_details(out: ClaimWriter, claim: InstitutionalClaim, more: ClaimSupplement) -> list[Row]:
    """CLM to NTE."""
    rows: list[Row] = [
        (
            *("CLM", claim.patient_control_number, format_number(claim.charge_amount), "", ""),
            out.composite(claim.facility_type, "A", claim.frequency),
            *("", claim.assignment, claim.benefits_assignment, claim.release_of_information),
            *(*("",) * 10, more.delay_reason),
        )
    ]
    if claim.discharge_time:
        rows.append(("DTP", "096", "TM", f"{claim.discharge_time:%H%M}"))
    if claim.statement_from_date:
        first = format_date(claim.statement_from_date)
        last = format_date(claim.statement_to_date)
        rows.append(("DTP", "434", "RD8", f"{first}-{last}") if last else ("DTP", "434", "D8", first))
    if claim.admission_date:
        day = format_date(claim.admission_date)
        hour = f"{claim.admission_time:%H%M}" if claim.admission_time else ""
        rows.append(("DTP", "435", "DT" if hour else "D8", day + hour))
    if claim.admission_type or claim.admission_source or claim.patient_status:
        rows.append(("CL1", claim.admission_type, claim.admission_source, claim.patient_status))
    rows += write_attachments(more.attachments)
    if claim.estimated_due_amount is not None:
        rows.append(("AMT", "F3", format_number(claim.estimated_due_amount)))
    for qualifier, value in (("G1", claim.prior_authorization_number), ("F8", claim.payer_claim_control_number)):
        if value:
            rows.append(("REF", qualifier, value))
    if claim.note:
        rows.append(("NTE", "ADD", claim.note))
    return rows


def _write_line(out: ClaimWriter, line: InstitutionalLine, number: int) -> None:
    more = line.supplement or PLAIN_LINE
    modifiers = (*line.modifiers, "", "", "", "")[:4] if more.description else line.modifiers
    procedure = ""
    if line.procedure:
        procedure = out.composite(more.procedure_qualifier, line.procedure, *modifiers, more.description)
    charge, units = format_number(line.charge_amount), format_number(line.units)
    noncovered = "" if line.noncovered_amount is None else format_number(line.noncovered_amount)
    rows: list[Row] = [
        ("LX", str(number)),
        ("SV2", line.revenue_code, procedure, charge, more.unit_basis, units, "", noncovered),
        *write_attachments(more.attachments),
    ]
    if line.service_date:
        rows += write_service_date(line.service_date, line.service_end_date)
    if line.line_control_number:
        rows.append(("REF", "6R", line.line_control_number))
    out.emit("2400", rows, more.other_segments)
    if more.drug is not None:
        out.write_drug(more.drug)
    for provider in more.providers:
        out.write_entity(LINE_LOOPS.get(provider.entity, "2420C"), provider)
    for adjudication in more.adjudications:
        out.write_adjudication(adjudication)
