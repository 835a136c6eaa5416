"""Reading 837Is claim by claim, in bounded memory; what cannot be read becomes a finding of its claim."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from schemas.x12.claim_elements import ClaimReader
from schemas.x12.claim_loops import ClaimLoops, Loop, keep_segment, read_claim_loops, sort_out
from schemas.x12.claim_parts import ClaimSupplement, LineSupplement
from schemas.x12.claim_reading import (
    EMPTY,
    NOTHING,
    Found,
    locate_lines,
    read_adjudication,
    read_attachments,
    read_billing_provider,
    read_destination_payer,
    read_drug,
    read_entity,
    read_other_payers,
    read_patient,
    read_pay_to_address,
    read_providers,
    read_subscriber,
    split_lines,
)
from schemas.x12.elements import read_date, read_time
from schemas.x12.envelope import Envelope
from schemas.x12.x837i_005010x223a2.codes import read_codes
from schemas.x12.x837i_005010x223a2.grammar import GRAMMAR
from schemas.x12.x837i_005010x223a2.models import InstitutionalClaim, InstitutionalLine, ReadInstitutionalClaim

GUIDES = ("X223", "X096")
CLAIM_PROVIDERS = {
    "71": "attending_provider",
    "72": "operating_provider",
    "ZZ": "other_operating_provider",
    "82": "rendering_provider",
    "77": "service_facility",
    "DN": "referring_provider",
}
CLAIM_TEXTS = {
    "REF*G1": "prior_authorization_number",
    "REF*F8": "payer_claim_control_number",
    "NTE*ADD": "note",
}
CLAIM_FIELDS = frozenset(("CLM", "CL1", "DTP*434", "DTP*435", "DTP*096", "AMT*F3", *CLAIM_TEXTS))
LINE_FIELDS = frozenset(("LX", "SV2", "DTP*472", "REF*6R"))
PLAIN, PLAIN_LINE = ClaimSupplement(), LineSupplement()


def read_837i(source: bytes | BinaryIO | Envelope) -> Iterator[ReadInstitutionalClaim]:
    """Each claim of a file's 837I sets, with everything above it. Raises X12Error where the file is not X12."""
    for loops in read_claim_loops(source, GRAMMAR, GUIDES):
        yield make_claim(loops)


def make_claim(loops: ClaimLoops) -> ReadInstitutionalClaim:
    """One claim from its loops."""
    reader = ClaimReader(loops)
    claim = _read_claim(reader)
    transaction, above = loops.transaction, loops.above
    submitter, receiver = above.get("1000A", EMPTY).first("NM1"), above.get("1000B", EMPTY).first("NM1")
    bht = above.get("ST", EMPTY).first("BHT")
    return ReadInstitutionalClaim(
        claim=claim,
        interchange=transaction.interchange,
        group=transaction.group,
        set_control_number=transaction.control_number,
        submitter_name=submitter[3] if submitter else "",
        submitter_identifier=submitter[9] if submitter else "",
        receiver_name=receiver[3] if receiver else "",
        batch_number=bht[3] if bht else "",
        segment_index=loops.clm.index,
        offset=loops.clm.offset,
        line_positions=locate_lines(loops),
        findings=tuple(loops.findings),
        unknown_segments=tuple(loops.unknown_segments),
    )


def _read_claim(reader: ClaimReader) -> InstitutionalClaim:
    above, loops = reader.loops.above, reader.loops.loops
    claim, clm = loops[0], reader.loops.clm
    found, others = sort_out(claim.segments, CLAIM_FIELDS, ("PWK", "HI"))
    facility, _, frequency = (*clm.composite(5)[0], "", "", "")[:3]
    values = _read_details(reader, found, others)
    codes, unknown = read_codes(claim)
    providers = read_providers(loops, CLAIM_PROVIDERS, "2310")
    plan = [read_entity(above["2010AC"])] if "2010AC" in above else []
    supplement = ClaimSupplement(
        delay_reason=clm[20],
        attachments=read_attachments(claim),
        providers=(*plan, *providers.pop("others")),
        other_segments=(*others, *map(keep_segment, unknown)),
    )
    return InstitutionalClaim(
        patient_control_number=clm[1],
        charge_amount=reader.amount(clm, 2),
        facility_type=facility,
        billing_provider=read_billing_provider(reader.loops),
        subscriber=read_subscriber(reader),
        payer=read_destination_payer(reader),
        codes=codes,
        lines=tuple(_read_line(reader, line, below) for line, below in split_lines(loops)),
        patient=read_patient(reader),
        frequency=frequency,
        assignment=clm[7],
        benefits_assignment=clm[8],
        release_of_information=clm[9],
        pay_to_address=read_pay_to_address(above),
        other_payers=read_other_payers(reader),
        supplement=supplement if supplement != PLAIN else None,
        **values,
        **providers,
    )


def _read_details(reader: ClaimReader, found: Found, others: list[tuple[str, ...]]) -> dict[str, Any]:
    """The claim's dates, references, amounts and note that have fields."""
    values: dict[str, Any] = {}
    values["statement_from_date"], values["statement_to_date"] = reader.days(found.get("DTP*434"), 3)
    admitted, discharged, kinds = found.get("DTP*435"), found.get("DTP*096"), found.get("CL1")
    if admitted is not None:
        values["admission_date"] = read_date(admitted[3][:8])
        values["admission_time"] = read_time(admitted[3][8:]) if admitted[2] == "DT" else None
    if discharged is not None and discharged[2] == "TM":
        values["discharge_time"] = read_time(discharged[3])
    elif discharged is not None:  # a full date here is not the guide's: kept as sent
        others.append(keep_segment(discharged))
    if kinds is not None:
        values |= {"admission_type": kinds[1], "admission_source": kinds[2], "patient_status": kinds[3]}
    values["estimated_due_amount"] = reader.optional_amount(found.get("AMT*F3"), 2)
    for key, name in CLAIM_TEXTS.items():
        if key in found:
            values[name] = found[key][2]
    return values


def _read_line(reader: ClaimReader, line: Loop, below: Sequence[Loop]) -> InstitutionalLine:
    found, others = sort_out(line.segments, LINE_FIELDS, ("PWK",))
    sv2 = found.get("SV2", NOTHING)
    qualifier, procedure, *rest = (*sv2.composite(2)[0], "", "")
    first, last = reader.days(found.get("DTP*472"), 3)
    supplement = LineSupplement(
        procedure_qualifier=qualifier if procedure else "HC",
        description=rest[4] if len(rest) > 4 else "",
        unit_basis=sv2[4],
        drug=next((read_drug(reader, loop) for loop in below if loop.id == "2410"), None),
        attachments=read_attachments(line),
        providers=tuple(read_entity(loop) for loop in below if loop.id.startswith("2420")),
        adjudications=tuple(read_adjudication(reader, loop) for loop in below if loop.id == "2430"),
        other_segments=tuple(others),
    )
    return InstitutionalLine(
        revenue_code=sv2[1],
        charge_amount=reader.amount(sv2, 3),
        units=reader.quantity(sv2, 5),
        procedure=procedure,
        modifiers=tuple(m for m in rest[:4] if m),
        noncovered_amount=reader.optional_amount(sv2, 7),
        service_date=first,
        service_end_date=last,
        line_control_number=found.get("REF*6R", NOTHING)[2],
        supplement=supplement if supplement != PLAIN_LINE else None,
    )
