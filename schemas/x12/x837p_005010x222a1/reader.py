"""Reading 837Ps claim by claim, in bounded memory; what cannot be read becomes a finding of its claim."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from schemas.x12.claim_loops import ClaimLoops, Loop, read_claim_loops
from schemas.x12.claim_parts import ClaimSupplement, Drug, LineSupplement
from schemas.x12.claim_reading import (
    EMPTY,
    ClaimReader,
    keep_others,
    read_address,
    read_adjudication,
    read_attachments,
    read_billing_provider,
    read_drug,
    read_entity,
    read_other_payers,
    read_patient,
    read_payer,
    read_providers,
    read_subscriber,
    split_lines,
)
from schemas.x12.envelope import Envelope
from schemas.x12.tokens import Segment
from schemas.x12.x837p_005010x222a1.grammar import GRAMMAR
from schemas.x12.x837p_005010x222a1.models import ProfessionalClaim, ProfessionalLine, ReadProfessionalClaim

GUIDES = ("X222", "X098")
DIAGNOSES = ("ABK", "ABF")
# NM101 of the claim's own providers; others, and a second one of a kind, go to the supplement.
CLAIM_PROVIDERS = {
    "DN": "referring_provider",
    "82": "rendering_provider",
    "77": "service_facility",
    "DQ": "supervising_provider",
}
CLAIM_DATES = {"431": "onset_date", "439": "accident_date", "435": "admission_date", "096": "discharge_date"}
CLAIM_REFERENCES = {"G1": "prior_authorization_number", "F8": "payer_claim_control_number", "X4": "clia_number"}


def read_837p(source: bytes | BinaryIO | Envelope) -> Iterator[ReadProfessionalClaim]:
    """Each claim of a file's 837P sets, with everything above it. Raises X12Error where the file is not X12."""
    for loops in read_claim_loops(source, GRAMMAR, GUIDES):
        yield make_claim(loops)


def make_claim(loops: ClaimLoops) -> ReadProfessionalClaim:
    """One claim from its loops."""
    reader = ClaimReader(loops)
    claim = _read_claim(reader)
    transaction, above = loops.transaction, loops.above
    submitter, receiver = above.get("1000A", EMPTY).first("NM1"), above.get("1000B", EMPTY).first("NM1")
    bht = above.get("ST", EMPTY).first("BHT")
    return ReadProfessionalClaim(
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
        findings=tuple(loops.findings),
        unknown_segments=tuple(loops.unknown_segments),
    )


def _read_claim(reader: ClaimReader) -> ProfessionalClaim:
    above, loops = reader.loops.above, reader.loops.loops
    claim, clm = loops[0], reader.loops.clm
    place, _, frequency = (*clm.composite(5)[0], "", "", "")[:3]
    values, taken = _read_details(reader, claim)
    providers = read_providers(loops, CLAIM_PROVIDERS, "2310")
    plan = [read_entity(above["2010AC"])] if "2010AC" in above else []
    qualifiers, diagnoses, diagnosis_segment = _read_diagnoses(claim)
    attachments = read_attachments(claim)
    pwk = [segment for segment in claim.segments if segment.id == "PWK"]
    accident = values.get("accident_date")
    causes = tuple(clm.composite(11)[0]) if clm[11] else ()
    supplement = ClaimSupplement(
        related_causes=() if causes == ("OA",) and accident else causes,
        patient_signature=clm[10],
        special_program=clm[12],
        delay_reason=clm[20],
        diagnosis_qualifiers=qualifiers if qualifiers != DIAGNOSES else None,
        attachments=attachments,
        providers=(*plan, *providers.pop("others")),
        other_segments=keep_others(claim, (clm, diagnosis_segment, *taken, *pwk)),
    )
    return ProfessionalClaim(
        patient_control_number=clm[1],
        charge_amount=reader.amount(clm, 2),
        place_of_service=place,
        billing_provider=read_billing_provider(reader.loops),
        subscriber=read_subscriber(reader),
        payer=read_payer(above.get("2010BB") or Loop("2010BB", [Segment(["NM1", "PR"], 0, 0, clm.delimiters)])),
        diagnoses=diagnoses,
        lines=tuple(_read_line(reader, line, below) for line, below in split_lines(loops)),
        patient=read_patient(reader),
        frequency=frequency,
        provider_signature=clm[6],
        assignment=clm[7],
        benefits_assignment=clm[8],
        release_of_information=clm[9],
        pay_to_address=read_address(above["2010AB"]) if "2010AB" in above else None,
        other_payers=read_other_payers(reader),
        supplement=supplement if supplement != ClaimSupplement() else None,
        **values,
        **providers,
    )


def _read_details(reader: ClaimReader, claim: Loop) -> tuple[dict[str, Any], list[Segment | None]]:
    """The claim's dates, references, amounts and note that have fields, and the segments they came from."""
    values: dict[str, Any] = {}
    taken: list[Segment | None] = []
    for qualifier, name in CLAIM_DATES.items():
        segment = claim.first("DTP", qualifier)
        if segment is not None and len(segment[3]) == 8:
            values[name] = reader.day(segment, 3)
            taken.append(segment)
    for qualifier, name in CLAIM_REFERENCES.items():
        segment = claim.first("REF", qualifier)
        if segment is not None:
            values[name] = segment[2]
            taken.append(segment)
    paid, note = claim.first("AMT", "F5"), claim.first("NTE", "ADD")
    if paid is not None:
        values["patient_paid_amount"] = reader.amount(paid, 2)
    if note is not None:
        values["note"] = note[2]
    return values, [*taken, paid, note]


def _read_diagnoses(claim: Loop) -> tuple[tuple[str, str], tuple[str, ...], Segment | None]:
    """The qualifiers of the first and the other diagnoses, the codes, and their segment."""
    for segment in claim.segments:
        if segment.id == "HI" and segment.composite(1)[0][0] in ("ABK", "BK"):
            pairs = [(*segment.composite(n)[0], "")[:2] for n in range(1, len(segment) + 1) if segment[n]]
            first = pairs[0][0]
            return (first, "ABF" if first == "ABK" else "BF"), tuple(code for _, code in pairs), segment
    return ("ABK", "ABF"), (), None


def _read_line(reader: ClaimReader, line: Loop, below: Sequence[Loop]) -> ProfessionalLine:
    sv1 = line.first("SV1") or Segment(["SV1"], 0, 0, line.segments[0].delimiters)
    qualifier, procedure, *rest = (*sv1.composite(1)[0], "", "")
    served, control, note = line.first("DTP", "472"), line.first("REF", "6R"), line.first("NTE", "ADD")
    first, last = reader.days(served, 3)
    providers = read_providers(below, {"82": "rendering_provider"}, "2420")
    units = reader.quantity(sv1, 4)
    drug = next((read_drug(reader, loop) for loop in below if loop.id == "2410"), None)
    plain_drug = drug is not None and drug == Drug(drug.code, units)
    pwk = [segment for segment in line.segments if segment.id == "PWK"]
    supplement = LineSupplement(
        procedure_qualifier=qualifier,
        description=rest[4] if len(rest) > 4 else "",
        unit_basis=sv1[3],
        emergency=sv1[9],
        epsdt=sv1[11],
        family_planning=sv1[12],
        copay_status=sv1[15],
        drug=None if plain_drug else drug,
        attachments=read_attachments(line),
        providers=tuple(providers.pop("others")),
        adjudications=tuple(read_adjudication(reader, loop) for loop in below if loop.id == "2430"),
        other_segments=(
            *keep_others(line, (line.first("LX"), line.first("SV1"), served, control, note, *pwk)),
            *(kept for loop in below if loop.id == "2440" for kept in keep_others(loop, ())),
        ),
    )
    return ProfessionalLine(
        line_control_number=control[2] if control else "",
        procedure=procedure,
        charge_amount=reader.amount(sv1, 2),
        units=units,
        service_date=first or date.min,
        diagnosis_pointers=tuple(int(p) for p in sv1.composite(7)[0] if p.isdigit() and len(p) < 4) if sv1[7] else (),
        modifiers=tuple(m for m in rest[:4] if m),
        service_end_date=last,
        place_of_service=sv1[5],
        ndc=drug.code if plain_drug and drug is not None else "",
        note=note[2] if note else "",
        supplement=supplement if supplement != LineSupplement() else None,
        **providers,
    )
