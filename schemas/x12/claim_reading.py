"""Loops of a claim to the objects of `claim_parts`; what an object does not interpret is kept in `other_segments`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.x12.claim_loops import ClaimLoops, Loop, keep_segment
from schemas.x12.claim_parts import (
    Attachment,
    ClaimPerson,
    Drug,
    EntityParty,
    LineAdjudication,
    OtherPayer,
    OtherSegments,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.elements import parse_amount, parse_date, parse_quantity
from schemas.x12.findings import ERROR, make_finding
from schemas.x12.tokens import Delimiters, Segment
from schemas.x12.x835_005010x221a1.models import Adjustment

ZERO = Decimal("0.00")
EMPTY = Loop("")
EMPTY_DELIMITERS = Delimiters()


class ClaimReader:
    """Typed elements of one claim; what cannot be read becomes a finding of that claim."""

    def __init__(self, loops: ClaimLoops) -> None:
        self.loops = loops

    def amount(self, segment: Segment | None, position: int) -> Decimal:
        """A required amount; 0.00 with an error finding where it cannot be read."""
        found = self.optional_amount(segment, position)
        if found is None and segment is not None and not segment[position]:
            self._report(segment, position, "a required amount is missing")
        return ZERO if found is None else found

    def optional_amount(self, segment: Segment | None, position: int) -> Decimal | None:
        if segment is None or not segment[position]:
            return None
        try:
            return parse_amount(segment[position])
        except ValueError as error:
            self._report(segment, position, str(error))
            return None

    def quantity(self, segment: Segment | None, position: int) -> Decimal:
        if segment is None or not segment[position]:
            return Decimal(0)
        try:
            return parse_quantity(segment[position])
        except ValueError as error:
            self._report(segment, position, str(error))
            return Decimal(0)

    def day(self, segment: Segment | None, position: int) -> date | None:
        """A D8 date, or the first of an RD8 range."""
        return self.days(segment, position)[0]

    def days(self, segment: Segment | None, position: int) -> tuple[date | None, date | None]:
        """A D8 date (and None), or both ends of an RD8 range."""
        if segment is None or not segment[position]:
            return None, None
        first, _, last = segment[position].partition("-")
        try:
            return parse_date(first), parse_date(last) if last else None
        except ValueError:
            self._report(segment, position, "not a date of the calendar")
            return None, None

    def adjustments(self, loop: Loop) -> tuple[Adjustment, ...]:
        """The CAS of a loop."""
        found: list[Adjustment] = []
        for cas in (segment for segment in loop.segments if segment.id == "CAS"):
            for position in range(2, len(cas) + 1, 3):
                if cas[position]:
                    quantity = self.quantity(cas, position + 2) if cas[position + 2] else None
                    amount = self.amount(cas, position + 1)
                    found.append(Adjustment(cas[1], cas[position], amount, quantity, cas.index))
        return tuple(found)

    def _report(self, segment: Segment, position: int, what: str) -> None:
        self.loops.findings.append(
            make_finding(
                "x12_element",
                what,
                "correct the claim at its source",
                segment=segment,
                position=position,
                severity=ERROR,
                owner="billing",
                control_number=self.loops.transaction.control_number,
            )
        )


def keep_others(loop: Loop, taken: Iterable[Segment | None]) -> OtherSegments:
    """The loop's segments that none of the fields took."""
    known = {segment.index for segment in taken if segment is not None}
    return tuple(keep_segment(segment) for segment in loop.segments if segment.index not in known)


def read_address(loop: Loop) -> PostalAddress | None:
    street, town = loop.first("N3"), loop.first("N4")
    if street is None and town is None:
        return None
    n3, n4 = street or Segment(["N3"], 0, 0, EMPTY_DELIMITERS), town or Segment(["N4"], 0, 0, EMPTY_DELIMITERS)
    return PostalAddress(n3[1], n4[1], n4[2], n4[3], n3[2], n4[4])


def read_party(loop: Loop, level: Loop = EMPTY) -> Party:
    """A party from its NM1 loop; `level` is the 2000A whose PRV names the billing provider's taxonomy."""
    nm1 = loop.segments[0]
    prv = loop.first("PRV") or level.first("PRV")
    tax = loop.first("REF", "EI") or loop.first("REF", "SY")
    suggested = "SY" if nm1[4] and not nm1[9] else "EI"
    hl = level.first("HL")
    taken = (nm1, loop.first("N3"), loop.first("N4"), prv, tax, hl)
    return Party(
        name=nm1[3],
        given_name=nm1[4],
        middle_name=nm1[5],
        npi=nm1[9],
        tax_id=tax[2] if tax else "",
        taxonomy=prv[3] if prv else "",
        address=read_address(loop),
        suffix=nm1[7],
        identifier_qualifier=nm1[8] if nm1[8] and nm1[9] else "XX",
        tax_id_qualifier=tax[1] if tax and tax[1] != suggested else "",
        other_segments=(*keep_others(level, taken), *keep_others(loop, taken)),
    )


def read_person(
    reader: ClaimReader, loop: Loop, level: Loop = EMPTY, taken_above: Sequence[Segment | None] = ()
) -> ClaimPerson:
    nm1, dmg = loop.segments[0], loop.first("DMG")
    taken = (nm1, dmg, loop.first("N3"), loop.first("N4"), *taken_above)
    return ClaimPerson(
        family_name=nm1[3],
        given_name=nm1[4],
        middle_name=nm1[5],
        birth_date=reader.day(dmg, 2),
        sex=dmg[3] if dmg and dmg[3] else "U",
        address=read_address(loop),
        suffix=nm1[7],
        entity_type=nm1[2] or "1",
        other_segments=(*keep_others(level, taken), *keep_others(loop, taken)),
    )


def read_payer(loop: Loop, taken: Sequence[Segment | None] = ()) -> Payer:
    nm1 = loop.segments[0]
    others = keep_others(loop, (nm1, loop.first("N3"), loop.first("N4"), *taken))
    return Payer(nm1[3], nm1[9], nm1[8] or "PI", read_address(loop), others)


def read_subscriber(reader: ClaimReader) -> Subscriber:
    """2000B and 2010BA; the relationship is PAT01 of 2000C where the patient is not the subscriber."""
    above = reader.loops.above
    level, name = above.get("2000B", EMPTY), above.get("2010BA") or _nobody("2010BA", "IL")
    sbr, pat = level.first("SBR"), above.get("2000C", EMPTY).first("PAT")
    person = read_person(reader, name, level, (sbr, level.first("HL")))
    return _make_subscriber(person, sbr, name.segments[0], pat[1] if pat else "")


def _make_subscriber(person: ClaimPerson, sbr: Segment | None, nm1: Segment, relationship: str) -> Subscriber:
    s = sbr or Segment(["SBR"], 0, 0, EMPTY_DELIMITERS)
    return Subscriber(
        person=person,
        member_id=nm1[9],
        responsibility=s[1],
        relationship=relationship or s[2],
        group_number=s[3],
        group_name=s[4],
        filing_indicator=s[9],
        insurance_type=s[5],
        member_id_qualifier=nm1[8] or "MI",
    )


def read_patient(reader: ClaimReader) -> ClaimPerson | None:
    above = reader.loops.above
    if "2010CA" not in above:
        return None
    level = above.get("2000C", EMPTY)
    pat = level.first("PAT")
    plain = pat is not None and len(pat) == 1
    return read_person(reader, above["2010CA"], level, (level.first("HL"), pat if plain else None))


def read_billing_provider(loops: ClaimLoops) -> Party:
    return read_party(loops.above.get("2010AA") or _nobody("2010AA", "85"), loops.above.get("2000A", EMPTY))


def read_other_payers(reader: ClaimReader) -> tuple[OtherPayer, ...]:
    """Every 2320 with the 2330s below it."""
    found: list[OtherPayer] = []
    loops = reader.loops.loops
    for position, loop in enumerate(loops):
        if loop.id == "2320":
            below: list[Loop] = []
            for following in loops[position + 1 :]:
                if not following.id.startswith("2330"):
                    break
                below.append(following)
            found.append(_read_other_payer(reader, loop, below))
    return tuple(found)


def _read_other_payer(reader: ClaimReader, loop: Loop, below: Sequence[Loop]) -> OtherPayer:
    names = {inner.id: inner for inner in reversed(below)}
    subscriber = names.get("2330A") or _nobody("2330A", "IL")
    payer = names.get("2330B") or _nobody("2330B", "PR")
    sbr, oi = loop.first("SBR"), loop.first("OI")
    amounts = [loop.first("AMT", qualifier) for qualifier in ("D", "A8", "EAF")]
    cas = [segment for segment in loop.segments if segment.id == "CAS"]
    decided, control = payer.first("DTP", "573"), payer.first("REF", "F8")
    paid, noncovered, remaining = (reader.optional_amount(amount, 2) for amount in amounts)
    return OtherPayer(
        subscriber=_make_subscriber(read_person(reader, subscriber), sbr, subscriber.segments[0], ""),
        payer=read_payer(payer, (decided, control)),
        paid_amount=paid,
        adjustments=reader.adjustments(loop),
        noncovered_amount=noncovered,
        remaining_amount=remaining,
        benefits_assignment=oi[3] if oi else "",
        patient_signature=oi[4] if oi else "",
        release_of_information=oi[6] if oi else "",
        adjudication_date=reader.day(decided, 3),
        payer_claim_control_number=control[2] if control else "",
        providers=tuple(read_entity(inner) for inner in below if inner.id not in ("2330A", "2330B")),
        other_segments=keep_others(loop, (sbr, oi, *amounts, *cas)),
    )


def read_entity(loop: Loop) -> EntityParty:
    return EntityParty(loop.segments[0][1], read_party(loop))


def read_attachments(loop: Loop) -> tuple[Attachment, ...]:
    return tuple(Attachment(s[1], s[2], s[6]) for s in loop.segments if s.id == "PWK")


def read_drug(reader: ClaimReader, loop: Loop) -> Drug | None:
    """Loop 2410."""
    lin, ctp = loop.first("LIN"), loop.first("CTP")
    if lin is None:
        return None
    prescription, link = loop.first("REF", "XZ"), loop.first("REF", "VY")
    return Drug(
        code=lin[3],
        quantity=reader.quantity(ctp, 4),
        unit=ctp.composite(5)[0][0] if ctp else "",
        qualifier=lin[2],
        prescription_number=prescription[2] if prescription else "",
        link_number=link[2] if link else "",
    )


def read_adjudication(reader: ClaimReader, loop: Loop) -> LineAdjudication:
    """Loop 2430."""
    svd, decided, remaining = loop.segments[0], loop.first("DTP", "573"), loop.first("AMT", "EAF")
    return LineAdjudication(
        payer_identifier=svd[1],
        paid_amount=reader.amount(svd, 2),
        procedure=tuple(svd.composite(3)[0]) if svd[3] else (),
        units=reader.quantity(svd, 5),
        revenue_code=svd[4],
        bundled_line=svd[6],
        adjustments=reader.adjustments(loop),
        adjudication_date=reader.day(decided, 3),
        remaining_amount=reader.optional_amount(remaining, 2),
    )


def read_providers(loops: Sequence[Loop], names: dict[str, str], level: str) -> dict[str, Any]:
    """The parties of the loops 2310 or 2420 by field; 'others' holds the rest."""
    found: dict[str, Any] = {"others": []}
    for loop in loops:
        if loop.id.startswith(level):
            name = names.get(loop.segments[0][1], "")
            if name and name not in found:
                found[name] = read_party(loop)
            else:
                found["others"].append(read_entity(loop))
    return found


def split_lines(loops: Sequence[Loop]) -> Iterator[tuple[Loop, Sequence[Loop]]]:
    """Each 2400 with the loops below it."""
    starts = [n for n, loop in enumerate(loops) if loop.id == "2400"]
    for start, end in zip(starts, [*starts[1:], len(loops)], strict=False):
        yield loops[start], loops[start + 1 : end]


def _nobody(loop_id: str, entity: str) -> Loop:
    """The loop that a broken file lacks; the validator reports it."""
    return Loop(loop_id, [Segment(["NM1", entity], 0, 0, EMPTY_DELIMITERS)])
