"""Loops of a claim to the objects of `claim_parts`; what an object does not interpret is kept in `other_segments`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from schemas.x12.blocks import Delimiters
from schemas.x12.claim_elements import ClaimReader
from schemas.x12.claim_loops import ClaimLoops, Loop, keep_segment, sort_out
from schemas.x12.claim_parts import (
    Attachment,
    ClaimPerson,
    Drug,
    EntityParty,
    LineAdjudication,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.records import make_builder
from schemas.x12.tokens import Segment

EMPTY = Loop("")
EMPTY_DELIMITERS = Delimiters()
NOTHING = Segment([""], 0, 0, EMPTY_DELIMITERS)  # all of its elements are absent
Found = dict[str, Segment]  # by key, as `sort_out` gives them
# What each loop's object takes; the rest is kept as sent.
PROVIDER_LEVEL = frozenset(("HL", "PRV"))
SUBSCRIBER_LEVEL = frozenset(("HL", "SBR"))
PATIENT_LEVEL = frozenset(("HL", "PAT"))
PARTY = frozenset(("NM1", "N3", "N4", "PRV", "REF*EI", "REF*SY"))
PERSON = frozenset(("NM1", "N3", "N4", "DMG"))
PAYER = frozenset(("NM1", "N3", "N4"))
PAYER_DECISION = PAYER | {"DTP*573", "REF*F8"}
OTHER_PAYER = frozenset(("SBR", "OI", "AMT*D", "AMT*A8", "AMT*EAF"))

build_address = make_builder(PostalAddress)
build_party = make_builder(Party)
build_person = make_builder(ClaimPerson)
build_subscriber = make_builder(Subscriber)


def read_address(found: Found) -> PostalAddress | None:
    """N3 and N4."""
    street, town = found.get("N3", NOTHING), found.get("N4", NOTHING)
    if street is NOTHING and town is NOTHING:
        return None
    return build_address(street[1], town[1], town[2], town[3], street[2], town[4])


def read_pay_to_address(above: dict[str, Loop]) -> PostalAddress | None:
    """2010AB."""
    return read_address(sort_out(above["2010AB"].segments, PAYER)[0]) if "2010AB" in above else None


def read_party(loop: Loop, level: Loop = EMPTY) -> Party:
    """A party from its NM1 loop; `level` is the 2000A whose PRV names the billing provider's taxonomy."""
    found, others = sort_out(loop.segments, PARTY)
    above, kept = sort_out(level.segments, PROVIDER_LEVEL)
    nm1 = loop.segments[0]
    prv = found.get("PRV") or above.get("PRV")
    if "PRV" in found and "PRV" in above:
        kept.append(keep_segment(above["PRV"]))
    tax = found.get("REF*EI") or found.get("REF*SY")
    if "REF*EI" in found and "REF*SY" in found:
        others.append(keep_segment(found["REF*SY"]))
    suggested = "SY" if nm1[4] and not nm1[9] else "EI"
    return build_party(
        nm1[3],
        nm1[4],
        nm1[5],
        nm1[9],
        tax[2] if tax else "",
        prv[3] if prv else "",
        read_address(found),
        nm1[7],
        nm1[8] if nm1[8] and nm1[9] else "XX",
        tax[1] if tax and tax[1] != suggested else "",
        (*kept, *others),
    )


def read_person(reader: ClaimReader, loop: Loop, kept: Sequence[tuple[str, ...]] = ()) -> ClaimPerson:
    """A subscriber or patient from their NM1 loop; `kept` is what stood in the level above it."""
    found, others = sort_out(loop.segments, PERSON)
    nm1, dmg = loop.segments[0], found.get("DMG")
    return build_person(
        nm1[3],
        nm1[4],
        nm1[5],
        reader.day(dmg, 2),
        dmg[3] if dmg and dmg[3] else "U",
        read_address(found),
        nm1[7],
        nm1[2] or "1",
        (*kept, *others),
    )


def read_payer(loop: Loop, found: Found, others: Iterable[tuple[str, ...]]) -> Payer:
    """A payer from its NM1 loop, sorted out."""
    nm1 = loop.segments[0]
    return Payer(nm1[3], nm1[9], nm1[8] or "PI", read_address(found), tuple(others))


def read_destination_payer(reader: ClaimReader) -> Payer:
    """2010BB."""
    loop = reader.loops.above.get("2010BB") or _nobody("2010BB", "PR")
    if loop.read is None:
        loop.read = read_payer(loop, *sort_out(loop.segments, PAYER))
    payer: Payer = loop.read
    return payer


def read_subscriber(reader: ClaimReader) -> Subscriber:
    """2000B and 2010BA; the relationship is PAT01 of 2000C where the patient is not the subscriber."""
    above = reader.loops.above
    name, pat = above.get("2010BA") or _nobody("2010BA", "IL"), above.get("2000C", EMPTY).first("PAT")
    level, kept = sort_out(above.get("2000B", EMPTY).segments, SUBSCRIBER_LEVEL)
    person = read_person(reader, name, kept)
    return _make_subscriber(person, level.get("SBR", NOTHING), name.segments[0], pat[1] if pat else "")


def _make_subscriber(person: ClaimPerson, sbr: Segment, nm1: Segment, relationship: str) -> Subscriber:
    return build_subscriber(
        person, nm1[9], sbr[1], relationship or sbr[2], sbr[3], sbr[4], sbr[9], sbr[5], nm1[8] or "MI"
    )


def read_patient(reader: ClaimReader) -> ClaimPerson | None:
    above = reader.loops.above
    if "2010CA" not in above:
        return None
    level, kept = sort_out(above.get("2000C", EMPTY).segments, PATIENT_LEVEL)
    pat = level.get("PAT")
    if pat is not None and len(pat) > 1:  # more than the relationship: kept whole
        kept.append(keep_segment(pat))
    return read_person(reader, above["2010CA"], kept)


def read_billing_provider(loops: ClaimLoops) -> Party:
    loop = loops.above.get("2010AA") or _nobody("2010AA", "85")
    if loop.read is None:
        loop.read = read_party(loop, loops.above.get("2000A", EMPTY))
    party: Party = loop.read
    return party


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
    found, others = sort_out(loop.segments, OTHER_PAYER, ("CAS",))
    of_payer, payer_others = sort_out(payer.segments, PAYER_DECISION)
    oi, decided, control = found.get("OI", NOTHING), of_payer.get("DTP*573"), of_payer.get("REF*F8")
    paid, noncovered, remaining = (reader.optional_amount(found.get(f"AMT*{code}"), 2) for code in ("D", "A8", "EAF"))
    person = read_person(reader, subscriber)
    return OtherPayer(
        subscriber=_make_subscriber(person, found.get("SBR", NOTHING), subscriber.segments[0], ""),
        payer=read_payer(payer, of_payer, payer_others),
        paid_amount=paid,
        adjustments=reader.adjustments(loop),
        noncovered_amount=noncovered,
        remaining_amount=remaining,
        benefits_assignment=oi[3],
        patient_signature=oi[4],
        release_of_information=oi[6],
        adjudication_date=reader.day(decided, 3),
        payer_claim_control_number=control[2] if control else "",
        providers=tuple(read_entity(inner) for inner in below if inner.id not in ("2330A", "2330B")),
        other_segments=tuple(others),
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


def locate_lines(loops: ClaimLoops) -> tuple[tuple[int, int], ...]:
    """Where each line stands: the segment index and the file offset of its LX."""
    return tuple([(lx.index, lx.offset) for lx in (loop.segments[0] for loop in loops.loops if loop.id == "2400")])


def split_lines(loops: Sequence[Loop]) -> Iterator[tuple[Loop, Sequence[Loop]]]:
    """Each 2400 with the loops below it."""
    starts = [n for n, loop in enumerate(loops) if loop.id == "2400"]
    for start, end in zip(starts, [*starts[1:], len(loops)], strict=False):
        yield loops[start], loops[start + 1 : end]


def _nobody(loop_id: str, entity: str) -> Loop:
    """The loop that a broken file lacks; the validator reports it."""
    return Loop(loop_id, [Segment(["NM1", entity], 0, 0, EMPTY_DELIMITERS)])
