"""Reading 270s and 271s."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from schemas.x12.blocks import Delimiters
from schemas.x12.claim_parts import PostalAddress
from schemas.x12.elements import parse_amount, parse_quantity, read_date
from schemas.x12.envelope import Envelope
from schemas.x12.findings import make_finding
from schemas.x12.headers import TransactionSet
from schemas.x12.hierarchy import Level, NamedEntity, Notes, keep, read_entity, read_levels
from schemas.x12.tokens import Segment
from schemas.x12.x270_271_005010x279a1.models import (
    Benefit,
    BenefitEntity,
    EligibilityLevel,
    EligibilityTransaction,
    Inquiry,
    Rejection,
)

NOTHING = Segment([""], 0, 0, Delimiters())
KEPT_LISTS = {"TRN": "traces", "REF": "references", "DTP": "dates"}


def read_eligibility(source: bytes | BinaryIO) -> Iterator[EligibilityTransaction]:
    """Each 270 and 271 of a file. Raises X12Error where the file is not X12."""
    for transaction in Envelope(source):
        if transaction.kind in ("270", "271"):
            yield make_eligibility(transaction)


def make_eligibility(transaction: TransactionSet) -> EligibilityTransaction:
    """One 270 or 271 from its open transaction set."""
    notes = Notes()
    found, levels = read_levels(transaction, notes)
    bht = found or Segment(["BHT"], 0, 0, transaction.header.delimiters)
    read = tuple(_read_level(level, notes) for level in levels)
    return EligibilityTransaction(
        set_id=transaction.kind,
        control_number=transaction.control_number,
        reference=bht[3],
        created_date=read_date(bht[4]),
        created_time=bht[5],
        purpose=bht[2],
        transaction_type=bht[6],
        levels=read,
        unknown_segments=tuple(notes.unknown_segments),
        complete=transaction.complete,
        findings=(*notes.findings, *transaction.findings),
        segment_index=transaction.header.index,
        offset=transaction.header.offset,
    )


def _read_level(level: Level, notes: Notes) -> EligibilityLevel:
    """The level's own segments until its first EQ or EB; each of those takes what follows it."""
    values: dict[str, Any] = {}
    lists: dict[str, list[Any]] = {}
    street = town = NOTHING
    items: list[list[Segment]] = []
    for segment in level.segments:
        if segment.id in ("EQ", "EB"):
            items.append([segment])
        elif items:
            items[-1].append(segment)
        elif segment.id == "NM1" and "name" not in values:
            values["name"] = read_entity(segment)
        elif segment.id == "N3":
            street = segment
        elif segment.id == "N4":
            town = segment
        elif segment.id == "DMG":
            values |= {"birth_date": read_date(segment[2]), "sex": segment[3]}
        elif segment.id == "INS":
            values["relationship"] = tuple(segment.elements[1:])
        elif segment.id == "AAA":
            place = "rejections" if "name" in values else "level_rejections"
            lists.setdefault(place, []).append(Rejection(segment[1], segment[3], segment[4]))
        elif segment.id in KEPT_LISTS:
            lists.setdefault(KEPT_LISTS[segment.id], []).append(keep(segment)[1:])
        else:
            lists.setdefault("other_segments", []).append(keep(segment))
    if street is not NOTHING or town is not NOTHING:
        values["address"] = PostalAddress(street[1], town[1], town[2], town[3], street[2], town[4])
    inquiries = tuple(_read_inquiry(item) for item in items if item[0].id == "EQ")
    benefits = tuple(_read_benefit(item, notes) for item in items if item[0].id == "EB")
    children = tuple(_read_level(child, notes) for child in level.children)
    values |= {name: tuple(found) for name, found in lists.items()}
    return EligibilityLevel(kind=level.kind, inquiries=inquiries, benefits=benefits, children=children, **values)


def _read_inquiry(segments: list[Segment]) -> Inquiry:
    eq = segments[0]
    procedure = tuple(eq.components(2)) if eq[2] else ()
    return Inquiry(tuple(eq.repeats(1)), procedure, eq[3], tuple(keep(segment) for segment in segments[1:]))


def _read_benefit(segments: list[Segment], notes: Notes) -> Benefit:
    eb = segments[0]
    messages, rejections, others = [], [], []
    entities: list[tuple[NamedEntity, list[tuple[str, ...]]]] = []
    for segment in segments[1:]:
        if segment.id in ("LS", "LE"):
            continue
        if segment.id == "NM1":
            entities.append((read_entity(segment), []))
        elif entities:
            entities[-1][1].append(keep(segment))
        elif segment.id == "MSG":
            messages.append(segment[1])
        elif segment.id == "AAA":
            rejections.append(Rejection(segment[1], segment[3], segment[4]))
        else:
            others.append(keep(segment))
    return Benefit(
        information=eb[1],
        coverage_level=eb[2],
        service_types=tuple(eb.repeats(3)),
        insurance_type=eb[4],
        description=eb[5],
        period=eb[6],
        amount=_read_number(eb, 7, notes, money=True),
        percent=_read_number(eb, 8, notes),
        quantity_qualifier=eb[9],
        quantity=_read_number(eb, 10, notes),
        authorization_required=eb[11],
        in_network=eb[12],
        procedure=tuple(eb.components(13)) if eb[13] else (),
        diagnosis_pointers=tuple(eb.components(14)) if eb[14] else (),
        messages=tuple(messages),
        entities=tuple(BenefitEntity(name, tuple(kept)) for name, kept in entities),
        rejections=tuple(rejections),
        other_segments=tuple(others),
        segment_index=eb.index,
    )


def _read_number(segment: Segment, position: int, notes: Notes, *, money: bool = False) -> Decimal | None:
    if not segment[position]:
        return None
    try:
        return (parse_amount if money else parse_quantity)(segment[position])
    except ValueError as error:
        found = make_finding("x12_amount", str(error), "tell the payer", segment=segment, position=position)
        notes.findings.append(found)
        return None
