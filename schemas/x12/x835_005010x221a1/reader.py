"""Reading 835s: claim by claim for files of any size, or one whole ST at a time.

What cannot be read becomes a finding with its position; an amount that cannot be read is an error finding and stands as
0.00, so the set is never postable.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, BinaryIO

from schemas.x12.elements import parse_date
from schemas.x12.envelope import Envelope
from schemas.x12.findings import ERROR, Finding
from schemas.x12.headers import TransactionSet, read_addressing
from schemas.x12.tokens import Segment
from schemas.x12.x835_005010x221a1.elements import ElementReader
from schemas.x12.x835_005010x221a1.loops import ClaimLoop
from schemas.x12.x835_005010x221a1.models import (
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceHeader,
    RemittanceReference,
)


def read_835(source: bytes | BinaryIO, *, strict: bool = False) -> Iterator[Remittance]:
    """Each 835 ST of a file as a whole Remittance; sets of other kinds are passed over.

    Envelope findings of the interchange and group stand in `Envelope.findings`: read through `stream_835` to see them.
    Raises X12Error where the file is not X12 (and at the first envelope error when strict).
    """
    envelope = Envelope(source, strict=strict, hash_bodies=True)
    for stream in stream_835(envelope):
        claims = tuple(stream)
        yield stream.finish(claims)


def stream_835(source: bytes | BinaryIO | Envelope) -> Iterator["RemittanceStream"]:
    """Each 835 ST as a stream of claims: `for stream in stream_835(f): for claim in stream: ...`, in bounded memory."""
    envelope = source if isinstance(source, Envelope) else Envelope(source, hash_bodies=True)
    for transaction in envelope:
        if transaction.kind == "835":
            yield RemittanceStream(transaction)


class RemittanceStream:
    """One 835 being read: `header` at once; `provider_adjustments` and `findings` are final after the last claim."""

    def __init__(self, transaction: TransactionSet) -> None:
        self.transaction = transaction
        self.elements = ElementReader(transaction.control_number, transaction.findings)
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.summaries: list[tuple[str, ...]] = []
        self._body = iter(transaction)
        self._assigned_number = ""
        self.header, self._next = self._read_header()

    @property
    def findings(self) -> list[Finding]:
        return self.elements.findings

    def __iter__(self) -> Iterator[RemittanceClaim]:
        """The claims in order."""
        loop = ClaimLoop(self.elements)
        segment = self._next
        self._next = None
        while segment is not None:
            segment_id = segment.elements[0]
            if segment_id == "CLP":
                yield loop.read(segment, self._body, self._assigned_number)
                segment = loop.next
                continue
            if segment_id == "LX":
                self._assigned_number = segment[1]
            elif segment_id == "PLB":
                self._read_provider_adjustments(segment)
            else:
                self._read_summary(segment)
            segment = next(self._body, None)

    def finish(self, claims: tuple[RemittanceClaim, ...]) -> Remittance:
        """The whole set, once its claims have been read."""
        transaction = self.transaction
        header = {field.name: getattr(self.header, field.name) for field in fields(RemittanceHeader)}
        return Remittance(
            **header,
            claims=claims,
            provider_adjustments=tuple(self.provider_adjustments),
            summaries=tuple(self.summaries),
            unknown_segments=tuple(self.elements.unknown_segments),
            complete=transaction.complete,
            content_hash=transaction.content_hash,
            interchange_control_number=transaction.interchange.control_number,
            addressing=read_addressing(transaction.interchange, transaction.group),
            usage_indicator=transaction.interchange.usage_indicator,
            version=transaction.group.version,
            segment_index=transaction.header.index,
            offset=transaction.header.offset,
            findings=tuple(self.findings),
        )

    def _read_provider_adjustments(self, segment: Segment) -> None:
        day = self.elements.date(segment, 2, parse=parse_date)
        for position in range(3, len(segment.elements), 2):
            if not segment[position] and not segment[position + 1]:
                continue
            reason, *reference = self.elements.components(segment, position)
            amount = self.elements.amount(segment, position + 1)
            self.provider_adjustments.append(
                ProviderAdjustment(reason, ":".join(reference), amount, segment[1], day, segment.index)
            )

    def _read_summary(self, segment: Segment) -> None:
        if segment.id in ("TS3", "TS2"):
            self.summaries.append((self._assigned_number, *segment.elements))
        else:
            self.elements.keep_unknown(segment)

    def _read_header(self) -> tuple[RemittanceHeader, Segment | None]:
        """The segments before the first LX, CLP or PLB, and that segment."""
        values: dict[str, Any] = {"control_number": self.transaction.control_number}
        lists: dict[str, list[Any]] = {}
        party = ""
        for segment in self._body:
            match segment.id:
                case "LX" | "CLP" | "PLB":
                    return self._make_header(values, lists), segment
                case "BPR" if "payment_amount" not in values:
                    values |= self._read_payment(segment)
                case "TRN" if "trace_number" not in values:
                    values |= {"trace_number": segment[2], "payer_identifier": segment[3]}
                    values["trace_supplemental_code"] = segment[4]
                case "CUR":
                    values["currency"] = tuple(segment.elements[1:])
                case "DTM" if segment[1] == "405":
                    values["production_date"] = self.elements.date(segment, 2)
                case "N1" if segment[1] == "PR":
                    party = "payer"
                    values |= {"payer_name": segment[2], "payer_health_plan_id": segment[4]}
                case "N1" if segment[1] == "PE":
                    party = "payee"
                    values |= {"payee_name": segment[2], "payee_identifier_qualifier": segment[3]}
                    values["payee_identifier"] = segment[4]
                case "REF" if not party and segment[1] in ("EV", "F2"):
                    values["receiver_identifier" if segment[1] == "EV" else "version_identifier"] = segment[2]
                case _ if not (party and _take_of_party(segment, party, values, lists)):
                    self.elements.keep_unknown(segment)
        return self._make_header(values, lists), None

    def _make_header(self, values: dict[str, Any], lists: dict[str, list[Any]]) -> RemittanceHeader:
        for name, element in (("payment_amount", "BPR"), ("trace_number", "TRN")):
            if name not in values:
                what = f"the set has no {element}"
                remedy = "ask the payer for a whole file"
                self.elements.report("x12_segment_missing", what, remedy, self.transaction.header, severity=ERROR)
        return RemittanceHeader(**values | {name: tuple(items) for name, items in lists.items()})

    def _read_payment(self, segment: Segment) -> dict[str, Any]:
        return {
            "handling_code": segment[1],
            "payment_amount": self.elements.amount(segment, 2),
            "credit_debit": segment[3],
            "payment_method": segment[4],
            "payment_format": segment[5],
            "payment_accounts": tuple(segment[n] for n in range(6, 16)) if any(segment.elements[6:16]) else (),
            "payment_date": self.elements.payment_date(segment, 16),
        }


def _take_of_party(segment: Segment, party: str, values: dict[str, Any], lists: dict[str, list[Any]]) -> bool:
    """A segment behind the N1 of the `payer` or `payee`; whether it is one."""
    match segment.id:
        case "N3":
            lists[f"{party}_address"] = [segment[1], segment[2], "", "", "", ""]
        case "N4":
            street = lists.get(f"{party}_address", ["", ""])[:2]
            lists[f"{party}_address"] = [*street, segment[1], segment[2], segment[3], segment[4]]
        case "REF":
            lists.setdefault(f"{party}_references", []).append(RemittanceReference(segment[1], segment[2]))
        case "PER" if party == "payer":
            lists.setdefault("payer_contacts", []).append(tuple(segment.elements[1:]))
        case "RDM" if party == "payee":
            values["delivery"] = tuple(segment.elements[1:])
        case _:
            return False
    return True
