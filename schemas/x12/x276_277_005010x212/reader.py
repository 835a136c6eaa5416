"""Reading 276s and 277s."""

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from schemas.x12.elements import parse_amount, read_date
from schemas.x12.envelope import Envelope
from schemas.x12.findings import make_finding
from schemas.x12.headers import TransactionSet
from schemas.x12.hierarchy import Level, Notes, keep, read_entity, read_levels
from schemas.x12.tokens import Segment
from schemas.x12.x276_277_005010x212.models import (
    ClaimStatus,
    StatusItem,
    StatusLevel,
    StatusLine,
    StatusTransaction,
)
from schemas.x12.x277ca_005010x214.models import StatusCode


def read_status(source: bytes | BinaryIO) -> Iterator[StatusTransaction]:
    """Each 276 and 277 (not the 277CA) of a file. Raises X12Error where the file is not X12."""
    for transaction in Envelope(source):
        if transaction.kind == "276" or (transaction.kind == "277" and "X214" not in transaction.implementation):
            yield make_status(transaction)


def make_status(transaction: TransactionSet) -> StatusTransaction:
    """One 276 or 277 from its open transaction set."""
    notes = Notes()
    found, levels = read_levels(transaction, notes)
    bht = found or Segment(["BHT"], 0, 0, transaction.header.delimiters)
    read = tuple(_read_level(level, notes) for level in levels)
    return StatusTransaction(
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


def _read_level(level: Level, notes: Notes) -> StatusLevel:
    names, others = [], []
    items: list[list[Segment]] = []
    dmg: Segment | None = None
    for segment in level.segments:
        if segment.id == "TRN":
            items.append([segment])
        elif items:
            items[-1].append(segment)
        elif segment.id == "NM1":
            names.append(read_entity(segment))
        elif segment.id == "DMG":
            dmg = segment
        else:
            others.append(keep(segment))
    return StatusLevel(
        kind=level.kind,
        names=tuple(names),
        birth_date=read_date(dmg[2]) if dmg else None,
        sex=dmg[3] if dmg else "",
        items=tuple(_read_item(item, notes) for item in items),
        children=tuple(_read_level(child, notes) for child in level.children),
        other_segments=tuple(others),
    )


def _read_item(segments: list[Segment], notes: Notes) -> StatusItem:
    """A TRN and what follows it; an SVC begins a line."""
    trn, *following = segments
    parts: list[list[Segment]] = [[]]  # what stands before the first line, then each line
    for segment in following:
        if segment.id == "SVC":
            parts.append([])
        parts[-1].append(segment)
    charge = next((s for s in parts[0] if s.id == "AMT" and s[1] == "T3"), None)
    statuses, references, served = _read_details(parts[0], charge, notes)
    return StatusItem(
        trace_number=trn[2],
        trace_type=trn[1],
        statuses=statuses,
        references=references,
        charge_amount=_read_amount(charge, 2, notes) if charge else None,
        service_date=served,
        lines=tuple(_read_line(part, notes) for part in parts[1:]),
        segment_index=trn.index,
    )


def _read_line(segments: list[Segment], notes: Notes) -> StatusLine:
    svc = segments[0]
    statuses, references, served = _read_details(segments, svc, notes)
    return StatusLine(
        procedure=tuple(svc.composite(1)[0]),
        charge_amount=_read_amount(svc, 2, notes),
        paid_amount=_read_amount(svc, 3, notes),
        revenue_code=svc[4],
        units=svc[7],
        statuses=statuses,
        references=references,
        service_date=served,
    )


def _read_details(
    segments: list[Segment], taken: Segment | None, notes: Notes
) -> tuple[tuple[ClaimStatus, ...], tuple[tuple[str, str], ...], str]:
    """STC, REF and DTP*472 of a claim or a line; others than `taken` are kept as unknown."""
    statuses: list[ClaimStatus] = []
    references: list[tuple[str, str]] = []
    served = ""
    for segment in segments:
        match segment.id:
            case "STC":
                statuses.append(_read_claim_status(segment, notes))
            case "REF":
                references.append((segment[1], segment[2]))
            case "DTP" if segment[1] == "472":
                served = segment[3]
            case _ if segment is not taken:
                notes.keep_unknown(segment)
    return tuple(statuses), tuple(references), served


def _read_claim_status(stc: Segment, notes: Notes) -> ClaimStatus:
    codes = ((*stc.components(n), "", "", "", "")[:4] for n in (1, 10, 11) if stc[n])
    return ClaimStatus(
        codes=tuple(StatusCode(*code) for code in codes),
        effective_date=read_date(stc[2]),
        charge_amount=_read_amount(stc, 4, notes),
        paid_amount=_read_amount(stc, 5, notes),
        adjudicated_date=read_date(stc[6]),
        payment_method=stc[7],
        payment_date=read_date(stc[8]),
        check_number=stc[9],
    )


def _read_amount(segment: Segment, position: int, notes: Notes) -> Decimal | None:
    if not segment[position]:
        return None
    try:
        return parse_amount(segment[position])
    except ValueError as error:
        found = make_finding("x12_amount", str(error), "tell the sender", segment=segment, position=position)
        notes.findings.append(found)
        return None
