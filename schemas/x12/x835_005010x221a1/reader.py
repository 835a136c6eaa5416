"""Reading 835s: claim by claim for files of any size, or one whole ST at a time.

What cannot be read becomes a finding with its position; an amount that cannot be read is an error finding and stands as
0.00, so the set is never postable.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from schemas.x12.elements import parse_amount, parse_date, parse_quantity
from schemas.x12.envelope import Envelope, TransactionSet
from schemas.x12.findings import ERROR, WARNING, Finding, make_finding
from schemas.x12.tokens import Segment
from schemas.x12.x835_005010x221a1.models import (
    ZERO,
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceHeader,
    RemittanceParty,
    RemittanceReference,
    RemittanceService,
)

ONE = Decimal(1)
COMPONENT_SEPARATORS = ":><|^"  # those seen in the wild


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
        self.findings: list[Finding] = transaction.findings
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.summaries: list[tuple[str, ...]] = []
        self.unknown_segments: list[tuple[str, ...]] = []
        self._body = iter(transaction)
        self._assigned_number = ""
        self.header, self._next = self._read_header()

    def __iter__(self) -> Iterator[RemittanceClaim]:
        """The claims in order."""
        claim: _ClaimParts | None = None
        segment = self._next
        self._next = None
        while segment is not None:
            segment_id = segment.elements[0]
            if segment_id == "CLP":
                if claim is not None:
                    yield claim.build()
                claim = _ClaimParts(self, segment, self._assigned_number)
            elif segment_id == "LX" or segment_id == "PLB":
                if claim is not None:
                    yield claim.build()
                    claim = None
                if segment_id == "LX":
                    self._assigned_number = segment[1]
                else:
                    self._read_provider_adjustments(segment)
            elif claim is None:
                self._read_summary(segment)
            else:
                claim.take(segment)
            segment = next(self._body, None)
        if claim is not None:
            yield claim.build()

    def finish(self, claims: tuple[RemittanceClaim, ...]) -> Remittance:
        """The whole set, once its claims have been read."""
        transaction = self.transaction
        header = {field.name: getattr(self.header, field.name) for field in fields(RemittanceHeader)}
        return Remittance(
            **header,
            claims=claims,
            provider_adjustments=tuple(self.provider_adjustments),
            summaries=tuple(self.summaries),
            unknown_segments=tuple(self.unknown_segments),
            complete=transaction.complete,
            content_hash=transaction.content_hash,
            interchange_control_number=transaction.interchange.control_number,
            usage_indicator=transaction.interchange.usage_indicator,
            version=transaction.group.version,
            segment_index=transaction.header.index,
            offset=transaction.header.offset,
            findings=tuple(self.findings),
        )

    def report(self, code: str, what: str, remedy: str, segment: Segment, position: int = 0, *, severity: str) -> None:
        self.findings.append(
            make_finding(
                code,
                what,
                remedy,
                segment=segment,
                position=position,
                severity=severity,
                owner="payment_posting",
                control_number=self.transaction.control_number,
            )
        )

    def amount(self, segment: Segment, position: int, *, required: bool = True) -> Decimal:
        """A monetary element; 0.00 with an error finding where it cannot be read or a required one is missing."""
        text = segment[position]
        if text or required:
            try:
                return parse_amount(text)
            except ValueError as error:
                what = str(error) if text else "a required amount is missing"
                self.report("x12_amount", what, "ask the payer for a corrected file", segment, position, severity=ERROR)
        return ZERO

    def quantity(self, segment: Segment, position: int) -> Decimal | None:
        text = segment[position]
        if not text:
            return None
        try:
            return parse_quantity(text)
        except ValueError as error:
            self.report("x12_quantity", str(error), "check with the payer", segment, position, severity=WARNING)
            return None

    def date(self, segment: Segment, position: int) -> date | None:
        text = segment[position]
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueError:
            what = "not a date of the calendar"
            self.report("x12_date", what, "check with the payer", segment, position, severity=WARNING)
            return None

    def components(self, segment: Segment, position: int) -> list[str]:
        """A composite that begins with a two-character qualifier; some payers use another separator than ISA16 says."""
        text, separator = segment[position], segment.delimiters.component
        if separator not in text and text[2:3] and text[2:3] in COMPONENT_SEPARATORS:
            separator = text[2]
            what = "the component separator here is not the one that ISA16 declares"
            remedy = "nothing to mend here; tell the sender"
            self.report("x12_component_separator", what, remedy, segment, position, severity=WARNING)
        return text.split(separator)

    def keep_unknown(self, segment: Segment) -> None:
        self.unknown_segments.append(tuple(segment.elements))
        what = f"{segment.id[:3]} is not expected here; it is kept, not interpreted"
        self.report("x12_unknown_segment", what, "nothing, unless the payer says it matters", segment, severity=WARNING)

    def adjustments(self, segment: Segment) -> list[Adjustment]:
        """CAS: a group and up to six (reason, amount, quantity)."""
        group, found = segment[1], []
        for position in range(2, len(segment.elements), 3):
            reason = segment[position]
            if reason or segment[position + 1]:
                amount = self.amount(segment, position + 1)
                found.append(Adjustment(group, reason, amount, self.quantity(segment, position + 2), segment.index))
        return found

    def _read_provider_adjustments(self, segment: Segment) -> None:
        day = self.date(segment, 2)
        for position in range(3, len(segment.elements), 2):
            if not segment[position] and not segment[position + 1]:
                continue
            reason, *reference = self.components(segment, position)
            amount = self.amount(segment, position + 1)
            self.provider_adjustments.append(
                ProviderAdjustment(reason, ":".join(reference), amount, segment[1], day, segment.index)
            )

    def _read_summary(self, segment: Segment) -> None:
        if segment.id in ("TS3", "TS2"):
            self.summaries.append((self._assigned_number, *segment.elements))
        else:
            self.keep_unknown(segment)

    def _read_header(self) -> tuple[RemittanceHeader, Segment | None]:
        """The segments before the first LX, CLP or PLB, and that segment."""
        values: dict[str, Any] = {"control_number": self.transaction.control_number}
        lists: dict[str, list[Any]] = {}
        party = ""
        for segment in self._body:
            match segment.id:
                case "LX" | "CLP" | "PLB":
                    return self._make_header(values, lists), segment
                case "BPR":
                    values |= self._read_payment(segment)
                case "TRN":
                    values |= {"trace_number": segment[2], "payer_identifier": segment[3]}
                    values["trace_supplemental_code"] = segment[4]
                case "CUR":
                    values["currency"] = tuple(segment.elements[1:])
                case "DTM" if segment[1] == "405":
                    values["production_date"] = self.date(segment, 2)
                case "N1" if segment[1] == "PR":
                    party = "payer"
                    values |= {"payer_name": segment[2], "payer_health_plan_id": segment[4]}
                case "N1" if segment[1] == "PE":
                    party = "payee"
                    values |= {"payee_name": segment[2], "payee_identifier_qualifier": segment[3]}
                    values["payee_identifier"] = segment[4]
                case "N3" if party:
                    lists[f"{party}_address"] = [segment[1], segment[2], "", "", "", ""]
                case "N4" if party:
                    street = lists.get(f"{party}_address", ["", ""])[:2]
                    lists[f"{party}_address"] = [*street, segment[1], segment[2], segment[3], segment[4]]
                case "REF" if party:
                    lists.setdefault(f"{party}_references", []).append(RemittanceReference(segment[1], segment[2]))
                case "REF" if segment[1] in ("EV", "F2"):
                    values["receiver_identifier" if segment[1] == "EV" else "version_identifier"] = segment[2]
                case "PER" if party == "payer":
                    lists.setdefault("payer_contacts", []).append(tuple(segment.elements[1:]))
                case "RDM" if party == "payee":
                    values["delivery"] = tuple(segment.elements[1:])
                case _:
                    self.keep_unknown(segment)
        return self._make_header(values, lists), None

    def _make_header(self, values: dict[str, Any], lists: dict[str, list[Any]]) -> RemittanceHeader:
        for name, element in (("payment_amount", "BPR"), ("trace_number", "TRN")):
            if name not in values:
                what = f"the set has no {element}"
                remedy = "ask the payer for a whole file"
                self.report("x12_segment_missing", what, remedy, self.transaction.header, severity=ERROR)
        return RemittanceHeader(**values | {name: tuple(items) for name, items in lists.items()})

    def _read_payment(self, segment: Segment) -> dict[str, Any]:
        return {
            "handling_code": segment[1],
            "payment_amount": self.amount(segment, 2),
            "credit_debit": segment[3],
            "payment_method": segment[4],
            "payment_format": segment[5],
            "payment_accounts": tuple(segment[n] for n in range(6, 16)) if any(segment.elements[6:16]) else (),
            "payment_date": self.date(segment, 16),
        }


class _ClaimParts:
    """Collects loop 2100 and its 2110s until the claim ends."""

    def __init__(self, stream: RemittanceStream, clp: Segment, assigned_number: str) -> None:
        self.stream = stream
        self.clp = clp
        self.assigned_number = assigned_number
        self.adjustments: list[Adjustment] = []
        self.services: list[RemittanceService] = []
        self.service: _ServiceParts | None = None
        self.lists: dict[str, list[Any]] = {}
        self.values: dict[str, Any] = {}

    def take(self, segment: Segment) -> None:
        """One segment after the CLP, of the claim or of its current service."""
        segment_id = segment.elements[0]
        if segment_id == "SVC":
            self._end_service()
            self.service = _ServiceParts(self.stream, segment)
        elif self.service is not None:
            self.service.take(segment)
        elif segment_id == "CAS":
            self.adjustments += self.stream.adjustments(segment)
        else:
            taker = _CLAIM_TAKERS.get(segment_id)
            if taker is None or not taker(self, segment):
                self.stream.keep_unknown(segment)

    def _end_service(self) -> None:
        if self.service is not None:
            self.services.append(self.service.build())
            self.service = None

    def take_pair(self, segment: Segment) -> bool:
        """REF, AMT and QTY: qualifier and value."""
        name = _PAIR_LISTS[segment.elements[0]]
        self.lists.setdefault(name, []).append(RemittanceReference(segment[1], segment[2]))
        return True

    def take_party(self, segment: Segment) -> bool:
        self.lists.setdefault("parties", []).append(
            RemittanceParty(
                segment[1], segment[3], segment[4], segment[5], segment[7], segment[8], segment[9], segment[2]
            )
        )
        return True

    def take_date(self, segment: Segment) -> bool:
        name = _CLAIM_DATES.get(segment[1])
        if name is None:
            return False
        self.values[name] = self.stream.date(segment, 2)
        return True

    def take_contact(self, segment: Segment) -> bool:
        self.lists.setdefault("contacts", []).append(tuple(segment.elements[1:]))
        return True

    def take_adjudication(self, segment: Segment) -> bool:
        """MIA and MOA: kept as sent, their remark codes collected."""
        name, positions = ("inpatient", (5, 20, 21, 22, 23)) if segment.id == "MIA" else ("outpatient", (3, 4, 5, 6, 7))
        self.values[name] = tuple(segment.elements[1:])
        self.lists.setdefault("remarks", []).extend(segment[n] for n in positions if segment[n])
        return True

    def build(self) -> RemittanceClaim:
        self._end_service()
        stream, clp = self.stream, self.clp
        return RemittanceClaim(
            patient_control_number=clp[1],
            status_code=clp[2],
            charge_amount=stream.amount(clp, 3),
            paid_amount=stream.amount(clp, 4),
            patient_responsibility_amount=stream.amount(clp, 5, required=False),
            filing_indicator=clp[6],
            payer_claim_control_number=clp[7],
            facility_code=clp[8],
            frequency=clp[9],
            drg=clp[11],
            drg_weight=stream.quantity(clp, 12),
            discharge_fraction=stream.quantity(clp, 13),
            adjustments=tuple(self.adjustments),
            services=tuple(self.services),
            assigned_number=self.assigned_number,
            segment_index=clp.index,
            offset=clp.offset,
            **self.values | {name: tuple(items) for name, items in self.lists.items()},
        )


class _ServiceParts:
    """Collects loop 2110 until the service line ends."""

    def __init__(self, stream: RemittanceStream, svc: Segment) -> None:
        self.stream = stream
        self.svc = svc
        self.adjustments: list[Adjustment] = []
        self.dates: dict[str, date | None] = {}
        self.lists: dict[str, list[Any]] = {}
        self.line_control_number = ""

    def take(self, segment: Segment) -> None:
        segment_id = segment.elements[0]
        if segment_id == "CAS":
            self.adjustments += self.stream.adjustments(segment)
        elif segment_id == "DTM" and segment[1] in ("150", "151", "472"):
            self.dates[segment[1]] = self.stream.date(segment, 2)
        elif segment_id == "REF" and segment[1] == "6R" and not self.line_control_number:
            self.line_control_number = segment[2]
        elif segment_id in _PAIR_LISTS:
            name = _PAIR_LISTS[segment_id]
            self.lists.setdefault(name, []).append(RemittanceReference(segment[1], segment[2]))
        elif segment_id == "LQ":
            self.lists.setdefault("remarks", []).append(segment[2])
        else:
            self.stream.keep_unknown(segment)

    def build(self) -> RemittanceService:
        stream, svc, dates = self.stream, self.svc, self.dates
        procedure = stream.components(svc, 1)
        units = stream.quantity(svc, 5)
        return RemittanceService(
            procedure_qualifier=procedure[0],
            procedure=procedure[1] if len(procedure) > 1 else "",
            modifiers=tuple(m for m in procedure[2:6] if m),
            charge_amount=stream.amount(svc, 2),
            paid_amount=stream.amount(svc, 3),
            units=ONE if units is None else units,
            revenue_code=svc[4],
            submitted_procedure=":".join(stream.components(svc, 6)) if svc[6] else "",
            original_units=stream.quantity(svc, 7),
            service_date=dates.get("472") or dates.get("150"),
            service_end_date=dates.get("151"),
            line_control_number=self.line_control_number,
            adjustments=tuple(self.adjustments),
            segment_index=svc.index,
            offset=svc.offset,
            **{name: tuple(items) for name, items in self.lists.items()},
        )


_PAIR_LISTS = {"REF": "references", "AMT": "amounts", "QTY": "quantities"}
_CLAIM_DATES = {
    "232": "statement_from_date",
    "233": "statement_to_date",
    "050": "received_date",
    "036": "coverage_expiration_date",
}
_CLAIM_TAKERS: dict[str, Callable[[_ClaimParts, Segment], bool]] = {
    "REF": _ClaimParts.take_pair,
    "AMT": _ClaimParts.take_pair,
    "QTY": _ClaimParts.take_pair,
    "NM1": _ClaimParts.take_party,
    "DTM": _ClaimParts.take_date,
    "PER": _ClaimParts.take_contact,
    "MIA": _ClaimParts.take_adjudication,
    "MOA": _ClaimParts.take_adjudication,
}
