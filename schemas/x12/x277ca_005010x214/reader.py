"""Reading 277CAs: the HL levels 20 source, 21 receiver, 19 provider, PT patient become nested objects."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from schemas.x12.claim_loops import keep_segment
from schemas.x12.elements import parse_amount, read_date
from schemas.x12.envelope import Envelope
from schemas.x12.findings import WARNING, make_finding
from schemas.x12.headers import TransactionSet
from schemas.x12.tokens import Segment
from schemas.x12.x277ca_005010x214.models import (
    BatchAcknowledgement,
    ClaimAcknowledgement,
    LineAcknowledgement,
    ProviderAcknowledgement,
    Status,
    StatusCode,
    Totals,
)

LEVELS = {"20": "source", "21": "receiver", "19": "provider", "PT": "claim"}  # HL03


def read_277ca(source: bytes | BinaryIO) -> Iterator[BatchAcknowledgement]:
    """Each 277CA of a file; sets of other kinds are passed over. Raises X12Error where the file is not X12."""
    for transaction in Envelope(source):
        if transaction.kind == "277" and "X214" in transaction.implementation:
            yield make_277ca(transaction)


def make_277ca(transaction: TransactionSet) -> BatchAcknowledgement:
    """One 277CA from its open transaction set."""
    reader = _BatchReader(transaction)
    for segment in transaction:
        reader.take(segment)
    return reader.build()


class _BatchReader:
    """Holds the open level's values; a level is built when the next begins."""

    def __init__(self, transaction: TransactionSet) -> None:
        self.transaction = transaction
        self.level = ""
        self.batch: dict[str, Any] = {}
        self.providers: list[ProviderAcknowledgement] = []
        self.provider: dict[str, Any] = {}
        self.claims: list[ClaimAcknowledgement] = []
        self.claim: dict[str, Any] = {}
        self.line: dict[str, Any] = {}
        self.unknown_segments: list[tuple[str, ...]] = []

    def take(self, segment: Segment) -> None:
        if segment.id == "HL":
            self._open_level(segment)
        elif segment.id == "BHT" and not self.level:
            self.batch |= {"reference": segment[3], "created_date": read_date(segment[4]), "created_time": segment[5]}
        elif segment.id == "SVC" and self.level == "claim":
            self._close_line()
            self.line = self._read_line(segment)
        elif not (self.level and getattr(self, f"_take_{self.level}")(segment)):
            self.unknown_segments.append(keep_segment(segment))
            self._report(segment, 0, "not expected here; it is kept, not interpreted")

    def build(self) -> BatchAcknowledgement:
        self._close_provider()
        transaction = self.transaction
        return BatchAcknowledgement(
            control_number=transaction.control_number,
            **_freeze(self.batch),
            providers=tuple(self.providers),
            unknown_segments=tuple(self.unknown_segments),
            complete=transaction.complete,
            sender_id=transaction.interchange.sender_id,
            findings=tuple(transaction.findings),
            segment_index=transaction.header.index,
            offset=transaction.header.offset,
        )

    def _open_level(self, segment: Segment) -> None:
        self._close_claim()
        self.level = LEVELS.get(segment[3], "")
        if self.level == "provider":
            self._close_provider()
            self.provider = {"segment_index": segment.index}
        elif self.level == "claim":
            self.claim = {"segment_index": segment.index, "offset": segment.offset}

    def _close_line(self) -> None:
        if self.line:
            line = LineAcknowledgement(**_freeze(self.line))
            self.claim.setdefault("lines", []).append(line)
            self.line = {}

    def _close_claim(self) -> None:
        self._close_line()
        if self.claim:
            self.claims.append(ClaimAcknowledgement(**{"patient_control_number": ""} | _freeze(self.claim)))
            self.claim = {}

    def _close_provider(self) -> None:
        self._close_claim()
        if self.provider or self.claims:
            self.providers.append(ProviderAcknowledgement(**_freeze(self.provider), claims=tuple(self.claims)))
            self.provider, self.claims = {}, []

    def _take_source(self, segment: Segment) -> bool:
        match (segment.id, segment[1]):
            case ("NM1", _):
                self.batch |= {"source_entity": segment[1], "source_name": segment[3]}
                self.batch |= {"source_identifier_qualifier": segment[8], "source_identifier": segment[9]}
            case ("TRN", _):
                self.batch["source_trace_number"] = segment[2]
            case ("DTP", "050"):
                self.batch["received_date"] = read_date(segment[3])
            case ("DTP", "009"):
                self.batch["processed_date"] = read_date(segment[3])
            case _:
                return False
        return True

    def _take_receiver(self, segment: Segment) -> bool:
        match segment.id:
            case "NM1":
                self.batch |= {"receiver_name": segment[3], "receiver_first_name": segment[4]}
                self.batch |= {"receiver_entity_type": segment[2], "receiver_identifier": segment[9]}
            case "TRN":
                self.batch["batch_number"] = segment[2]
            case _:
                return self._take_answer(self.batch, segment)
        return True

    def _take_provider(self, segment: Segment) -> bool:
        match segment.id:
            case "NM1":
                self.provider |= {"name": segment[3], "first_name": segment[4], "entity_type": segment[2]}
                self.provider |= {"identifier_qualifier": segment[8], "identifier": segment[9]}
            case "TRN":
                self.provider["trace_number"] = segment[2]
            case "REF":
                self.provider.setdefault("references", []).append((segment[1], segment[2]))
            case _:
                return self._take_answer(self.provider, segment)
        return True

    def _take_claim(self, segment: Segment) -> bool:
        values = self.line or self.claim
        match (segment.id, segment[1]):
            case ("NM1", _):
                self.claim |= {"patient_last_name": segment[3], "patient_first_name": segment[4]}
                self.claim |= {"patient_middle_name": segment[5], "patient_suffix": segment[7]}
                self.claim |= {"patient_identifier_qualifier": segment[8], "patient_identifier": segment[9]}
            case ("TRN", _):
                self.claim["patient_control_number"] = segment[2]
            case ("REF", "FJ") if self.line:
                self.line["line_control_number"] = segment[2]
            case ("REF", "1K" | "D9" | "BLT"):
                self.claim[_CLAIM_REFERENCES[segment[1]]] = segment[2]
            case ("DTP", "472"):
                values["service_date"] = segment[3]
            case ("STC", _):
                values.setdefault("statuses", []).append(self._read_status(segment))
            case _:
                return False
        return True

    def _take_answer(self, values: dict[str, Any], segment: Segment) -> bool:
        """STC, QTY and AMT of 2200B and 2200C."""
        totals = values.get("totals", Totals())
        match (segment.id, segment[1]):
            case ("STC", _):
                values.setdefault("statuses", []).append(self._read_status(segment))
            case ("QTY", "90" | "QA"):
                values["totals"] = replace(totals, accepted_count=self._count(segment))
            case ("QTY", "AA" | "QC"):
                values["totals"] = replace(totals, rejected_count=self._count(segment))
            case ("AMT", "YU"):
                values["totals"] = replace(totals, accepted_amount=self._amount(segment, 2))
            case ("AMT", "YY"):
                values["totals"] = replace(totals, rejected_amount=self._amount(segment, 2))
            case _:
                return False
        return True

    def _read_status(self, segment: Segment) -> Status:
        codes = [(*segment.components(n), "", "", "", "")[:4] for n in (1, 10, 11) if segment[n]]
        return Status(
            codes=tuple(StatusCode(*code) for code in codes),
            effective_date=read_date(segment[2]),
            action=segment[3],
            amount=self._amount(segment, 4),
            message=segment[12],
        )

    def _read_line(self, segment: Segment) -> dict[str, Any]:
        qualifier, procedure, *modifiers = (*segment.components(1), "")[:6]
        return {
            "procedure_qualifier": qualifier,
            "procedure": procedure,
            "modifiers": tuple(m for m in modifiers if m),
            "charge_amount": self._amount(segment, 2),
            "revenue_code": segment[4],
            "units": segment[7],
        }

    def _amount(self, segment: Segment, position: int) -> Decimal | None:
        if not segment[position]:
            return None
        try:
            return parse_amount(segment[position])
        except ValueError as error:
            self._report(segment, position, str(error))
            return None

    def _count(self, segment: Segment) -> int | None:
        text = segment[2]
        if text.isascii() and text.isdigit() and len(text) <= 15:
            return int(text)
        self._report(segment, 2, "not a count")
        return None

    def _report(self, segment: Segment, position: int, what: str) -> None:
        number = self.transaction.control_number
        finding = make_finding(
            "x12_277ca",
            what,
            "tell the sender",
            segment=segment,
            position=position,
            severity=WARNING,
            control_number=number,
        )
        self.transaction.findings.append(finding)


def _freeze(values: dict[str, Any]) -> dict[str, Any]:
    """The collected values with their lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


_CLAIM_REFERENCES = {"1K": "payer_claim_control_number", "D9": "clearinghouse_trace_number", "BLT": "bill_type"}
