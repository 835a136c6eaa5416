"""Reading 837Ps claim by claim, in bounded memory; what cannot be read becomes a finding of its claim."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from schemas.x12.claim_elements import ClaimReader
from schemas.x12.claim_loops import ClaimLoops, Loop, keep_segment, read_claim_loops, sort_out
from schemas.x12.claim_parts import ClaimSupplement, Drug, LineAdjudication, LineSupplement
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
from schemas.x12.envelope import Envelope
from schemas.x12.records import make_builder, make_optional_builder
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
LINE_PROVIDERS = {"82": "rendering_provider"}
CLAIM_DATES = {
    "DTP*431": "onset_date",
    "DTP*439": "accident_date",
    "DTP*435": "admission_date",
    "DTP*096": "discharge_date",
}
CLAIM_TEXTS = {
    "REF*G1": "prior_authorization_number",
    "REF*F8": "payer_claim_control_number",
    "REF*X4": "clia_number",
    "NTE*ADD": "note",
}
CLAIM_FIELDS = frozenset(("CLM", "AMT*F5", "HI*ABK", "HI*BK", *CLAIM_DATES, *CLAIM_TEXTS))
LINE_FIELDS = frozenset(("LX", "SV1", "DTP*472", "REF*6R", "NTE*ADD"))

build_read_claim = make_builder(ReadProfessionalClaim)
build_claim = make_builder(ProfessionalClaim)
build_line = make_builder(ProfessionalLine)
build_supplement = make_optional_builder(ClaimSupplement)
build_line_supplement = make_optional_builder(LineSupplement)


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
    return build_read_claim(
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


def _read_claim(reader: ClaimReader) -> ProfessionalClaim:
    above, loops = reader.loops.above, reader.loops.loops
    clm = reader.loops.clm
    found, others = sort_out(loops[0].segments, CLAIM_FIELDS, ("PWK",))
    place, _, frequency = (*clm.composite(5)[0], "", "", "")[:3]
    values = _read_details(reader, found, others)
    qualifiers, diagnoses = _read_diagnoses(found, others)
    providers = read_providers(loops, CLAIM_PROVIDERS, "2310")
    plan = [read_entity(above["2010AC"])] if "2010AC" in above else []
    causes = tuple(clm.composite(11)[0]) if clm[11] else ()
    accident_alone = causes == ("OA",) and "accident_date" in values
    values["supplement"] = build_supplement(
        () if accident_alone else causes,
        clm[10],
        clm[12],
        clm[20],
        qualifiers if qualifiers != DIAGNOSES else None,
        read_attachments(loops[0]),
        (*plan, *providers.pop("others")),
        tuple(others),
    )
    return build_claim(
        patient_control_number=clm[1],
        charge_amount=reader.amount(clm, 2),
        place_of_service=place,
        billing_provider=read_billing_provider(reader.loops),
        subscriber=read_subscriber(reader),
        payer=read_destination_payer(reader),
        diagnoses=diagnoses,
        lines=tuple([_read_line(reader, line, below) for line, below in split_lines(loops)]),
        patient=read_patient(reader),
        frequency=frequency,
        provider_signature=clm[6],
        assignment=clm[7],
        benefits_assignment=clm[8],
        release_of_information=clm[9],
        pay_to_address=read_pay_to_address(above),
        other_payers=read_other_payers(reader),
        **values,
        **providers,
    )


def _read_details(reader: ClaimReader, found: Found, others: list[tuple[str, ...]]) -> dict[str, Any]:
    """The claim's dates, references, amounts and note that have fields."""
    values: dict[str, Any] = {}
    for key, name in CLAIM_DATES.items():
        if key in found:
            if len(found[key][3]) == 8:
                values[name] = reader.day(found[key], 3)
            else:  # not the D8 that the guide asks for: kept as sent
                others.append(keep_segment(found[key]))
    for key, name in CLAIM_TEXTS.items():
        if key in found:
            values[name] = found[key][2]
    if "AMT*F5" in found:
        values["patient_paid_amount"] = reader.amount(found["AMT*F5"], 2)
    return values


def _read_diagnoses(found: Found, others: list[tuple[str, ...]]) -> tuple[tuple[str, str], tuple[str, ...]]:
    """The qualifiers of the first and the other diagnoses, and the codes."""
    hi = found.get("HI*ABK") or found.get("HI*BK")
    if hi is None:
        return DIAGNOSES, ()
    if "HI*ABK" in found and "HI*BK" in found:
        others.append(keep_segment(found["HI*BK"]))
    pairs = [(*hi.composite(n)[0], "")[:2] for n in range(1, len(hi) + 1) if hi[n]]
    first = pairs[0][0]
    return (first, "ABF" if first == "ABK" else "BF"), tuple([code for _, code in pairs])


def _read_line(reader: ClaimReader, line: Loop, below: Sequence[Loop]) -> ProfessionalLine:
    found, others = sort_out(line.segments, LINE_FIELDS, ("PWK",))
    sv1, note = found.get("SV1", NOTHING), found.get("NTE*ADD")
    qualifier, procedure, *rest = (*sv1.composite(1)[0], "", "")
    first, last = reader.days(found.get("DTP*472"), 3)
    units = reader.quantity(sv1, 4)
    providers: dict[str, Any] = {"others": ()}
    adjudications: tuple[LineAdjudication, ...] = ()
    drug: Drug | None = None
    if below:
        providers = read_providers(below, LINE_PROVIDERS, "2420")
        adjudications = tuple(read_adjudication(reader, loop) for loop in below if loop.id == "2430")
        drug = next((read_drug(reader, loop) for loop in below if loop.id == "2410"), None)
        others += [keep_segment(segment) for loop in below if loop.id == "2440" for segment in loop.segments]
    plain_drug = drug is not None and drug == Drug(drug.code, units)
    return build_line(
        found.get("REF*6R", NOTHING)[2],
        procedure,
        reader.amount(sv1, 2),
        units,
        first or date.min,
        tuple([int(p) for p in sv1.composite(7)[0] if p.isdigit() and len(p) < 4]),
        tuple([m for m in rest[:4] if m]),
        last,
        sv1[5],
        drug.code if plain_drug and drug is not None else "",
        note[2] if note else "",
        providers.get("rendering_provider"),
        build_line_supplement(
            qualifier,
            rest[4] if len(rest) > 4 else "",
            *(sv1[3], sv1[9], sv1[11], sv1[12], sv1[15]),
            None if plain_drug else drug,
            read_attachments(line),
            tuple(providers["others"]),
            adjudications,
            tuple(others),
        ),
    )
