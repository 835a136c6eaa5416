"""Writes an 837P: the same claims give the same bytes. A value that X12 cannot carry is refused, never bent."""

from itertools import groupby

from schemas.x12.claim_parts import ClaimSupplement, Drug, LineSupplement
from schemas.x12.claim_writing import ClaimWriter, Row, refuse_unsendable, write_attachments, write_service_date
from schemas.x12.elements import format_date, format_number
from schemas.x12.errors import ElementError
from schemas.x12.writer import InterchangeHeader, write_interchange
from schemas.x12.x837p_005010x222a1.grammar import GRAMMAR
from schemas.x12.x837p_005010x222a1.models import ProfessionalClaim, ProfessionalInterchange, ProfessionalLine

VERSION = "005010X222A1"
CLAIMS_PER_HL_MAX = 100  # 2300 repeats at most 100 times under one HL
LINES_MAX = 50
PLAIN = ClaimSupplement()
PLAIN_LINE = LineSupplement()
# The 2310 and 2420 loops of each entity without a field of its own.
CLAIM_LOOPS = {"P3": "2310A", "DN": "2310A", "PW": "2310E", "45": "2310F"}
LINE_LOOPS = {
    "QB": "2420B",
    "77": "2420C",
    "DQ": "2420D",
    "DK": "2420E",
    "DN": "2420F",
    "P3": "2420F",
    "PW": "2420G",
    "45": "2420H",
}


def write_837p(interchange: ProfessionalInterchange) -> bytes:
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
    data = write_interchange(header, "HC", VERSION, [_write_set(interchange)])
    return data.replace(b"~", b"~\n")


def _write_set(interchange: ProfessionalInterchange) -> str:
    moment = interchange.created_at
    out = ClaimWriter("0001", VERSION, GRAMMAR)
    out.add("BHT", "0019", "00", str(interchange.control_number), f"{moment:%Y%m%d}", f"{moment:%H%M}", "CH")
    out.add("NM1", "41", "2", interchange.submitter_name, "", "", "", "", "46", interchange.sender_id)
    out.add("PER", "IC", interchange.contact_name, "TE", interchange.contact_phone)
    out.add("NM1", "40", "2", interchange.receiver_name, "", "", "", "", "46", interchange.receiver_id)
    level = 0
    # Claims that share what stands above them share its loops; the order given decides, so that nothing moves.
    for _, of_provider in groupby(interchange.claims, key=_billing):
        level += 1
        provider_level = level
        members = list(of_provider)
        out.write_billing_provider(members[0].billing_provider, level, members[0].pay_to_address)
        for plan in (members[0].supplement or PLAIN).providers:
            if plan.entity == "PE":
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


def _billing(claim: ProfessionalClaim) -> tuple[object, ...]:
    plans = tuple(p for p in claim.supplement.providers if p.entity == "PE") if claim.supplement else ()
    return (claim.billing_provider, claim.pay_to_address, plans)


def _write_claim(out: ClaimWriter, claim: ProfessionalClaim) -> None:
    more = claim.supplement or PLAIN
    _refuse_what_the_guide_forbids(claim)
    causes = more.related_causes or (("OA",) if claim.accident_date else ())
    rows: list[Row] = [
        (
            *("CLM", claim.patient_control_number, format_number(claim.charge_amount), "", ""),
            out.composite(claim.place_of_service, "B", claim.frequency),
            *(claim.provider_signature, claim.assignment, claim.benefits_assignment, claim.release_of_information),
            *(more.patient_signature, out.composite(*causes), more.special_program, *("",) * 7, more.delay_reason),
        )
    ]
    for qualifier, day in (
        ("431", claim.onset_date),
        ("439", claim.accident_date),
        ("435", claim.admission_date),
        ("096", claim.discharge_date),
    ):
        if day:
            rows.append(("DTP", qualifier, "D8", format_date(day)))
    rows += write_attachments(more.attachments)
    if claim.patient_paid_amount:
        rows.append(("AMT", "F5", format_number(claim.patient_paid_amount)))
    for qualifier, value in (
        ("G1", claim.prior_authorization_number),
        ("F8", claim.payer_claim_control_number),
        ("X4", claim.clia_number),
    ):
        if value:
            rows.append(("REF", qualifier, value))
    if claim.note:
        rows.append(("NTE", "ADD", claim.note))
    if claim.diagnoses:
        first, others = more.diagnosis_qualifiers or ("ABK", "ABF")
        codes = (out.composite(others if n else first, code) for n, code in enumerate(claim.diagnoses))
        rows.append(("HI", *codes))
    out.emit("2300", rows, more.other_segments)
    _write_providers(out, claim, more)
    for payer in claim.other_payers:
        out.write_other_payer(payer)
    for number, line in enumerate(claim.lines, 1):
        _write_line(out, line, number)


def _refuse_what_the_guide_forbids(claim: ProfessionalClaim) -> None:
    control_number, reference = claim.patient_control_number, claim.payer_claim_control_number
    refuse_unsendable(control_number, len(claim.lines), LINES_MAX, claim.frequency, reference)
    ambulance = claim.place_of_service in ("41", "42")
    if ambulance and not (claim.supplement and any(s[0] == "CR1" for s in claim.supplement.other_segments)):
        what = "an ambulance claim needs its transport information, which is not written from encounters yet"
        raise ElementError("CR101", what, "bill ambulance transport through the payer's portal")


def _write_providers(out: ClaimWriter, claim: ProfessionalClaim, more: ClaimSupplement) -> None:
    others = [(CLAIM_LOOPS.get(p.entity, "2310B"), p.entity, p.party) for p in more.providers if p.entity != "PE"]
    own = [
        ("2310A", "DN", claim.referring_provider),
        ("2310B", "82", claim.rendering_provider),
        ("2310C", "77", claim.service_facility),
        ("2310D", "DQ", claim.supervising_provider),
    ]
    # A second referring provider (P3) stands behind the first, in the same loop 2310A.
    for loop_id, entity, party in sorted([*own, *others], key=lambda row: row[0]):
        if party is not None:
            out.write_party(loop_id, entity, party, provider_code="PE")


def _write_line(out: ClaimWriter, line: ProfessionalLine, number: int) -> None:
    more = line.supplement or PLAIN_LINE
    modifiers = (*line.modifiers, "", "", "", "")[:4] if more.description else line.modifiers
    procedure = out.composite(more.procedure_qualifier, line.procedure, *modifiers, more.description)
    charge, units = format_number(line.charge_amount), format_number(line.units)
    pointers = out.composite(*map(str, line.diagnosis_pointers))
    flags = (more.emergency, "", more.epsdt, more.family_planning, "", "", more.copay_status)
    rows: list[Row] = [
        ("LX", str(number)),
        ("SV1", procedure, charge, more.unit_basis, units, line.place_of_service, "", pointers, "", *flags),
        *write_attachments(more.attachments),
        *write_service_date(line.service_date, line.service_end_date),
    ]
    if line.line_control_number:
        rows.append(("REF", "6R", line.line_control_number))
    if line.note:
        rows.append(("NTE", "ADD", line.note))
    forms = tuple(s for s in more.other_segments if s[0] in ("LQ", "FRM"))
    out.emit("2400", rows, tuple(s for s in more.other_segments if s[0] not in ("LQ", "FRM")))
    if more.drug is not None or line.ndc:
        out.write_drug(more.drug or Drug(line.ndc, line.units))
    if line.rendering_provider:
        out.write_party("2420A", "82", line.rendering_provider, provider_code="PE")
    for provider in sorted(more.providers, key=lambda p: LINE_LOOPS.get(p.entity, "2420A")):
        out.write_entity(LINE_LOOPS.get(provider.entity, "2420A"), provider)
    for adjudication in more.adjudications:
        out.write_adjudication(adjudication)
    for form in forms:
        out.add(*out.keep(form))
