"""Loops 2100 and 2110 of an 835: segments collected until the claim or the line ends, then built."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.x12.tokens import Segment
from schemas.x12.x835_005010x221a1.elements import ElementReader
from schemas.x12.x835_005010x221a1.models import (
    Adjustment,
    RemittanceClaim,
    RemittanceParty,
    RemittanceReference,
    RemittanceService,
)

ONE = Decimal(1)


class ClaimParts:
    """Collects loop 2100 and its 2110s until the claim ends."""

    def __init__(self, reader: ElementReader, clp: Segment, assigned_number: str) -> None:
        self.reader = reader
        self.clp = clp
        self.assigned_number = assigned_number
        self.adjustments: list[Adjustment] = []
        self.services: list[RemittanceService] = []
        self.service: ServiceParts | None = None
        self.lists: dict[str, list[Any]] = {}
        self.values: dict[str, Any] = {}

    def take(self, segment: Segment) -> None:
        """One segment after the CLP, of the claim or of its current service."""
        segment_id = segment.elements[0]
        if segment_id == "SVC":
            self._end_service()
            self.service = ServiceParts(self.reader, segment)
        elif self.service is not None:
            self.service.take(segment)
        elif segment_id == "CAS":
            self.adjustments += self.reader.adjustments(segment)
        else:
            taker = _CLAIM_TAKERS.get(segment_id)
            if taker is None or not taker(self, segment):
                self.reader.keep_unknown(segment)

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
        self.values[name] = self.reader.date(segment, 2)
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
        reader, clp = self.reader, self.clp
        return RemittanceClaim(
            patient_control_number=clp[1],
            status_code=clp[2],
            charge_amount=reader.amount(clp, 3),
            paid_amount=reader.amount(clp, 4),
            patient_responsibility_amount=reader.amount(clp, 5, required=False),
            filing_indicator=clp[6],
            payer_claim_control_number=clp[7],
            facility_code=clp[8],
            frequency=clp[9],
            drg=clp[11],
            drg_weight=reader.quantity(clp, 12),
            discharge_fraction=reader.quantity(clp, 13),
            adjustments=tuple(self.adjustments),
            services=tuple(self.services),
            assigned_number=self.assigned_number,
            segment_index=clp.index,
            offset=clp.offset,
            **self.values | {name: tuple(items) for name, items in self.lists.items()},
        )


class ServiceParts:
    """Collects loop 2110 until the service line ends."""

    def __init__(self, reader: ElementReader, svc: Segment) -> None:
        self.reader = reader
        self.svc = svc
        self.adjustments: list[Adjustment] = []
        self.dates: dict[str, date | None] = {}
        self.lists: dict[str, list[Any]] = {}
        self.line_control_number = ""

    def take(self, segment: Segment) -> None:
        segment_id = segment.elements[0]
        if segment_id == "CAS":
            self.adjustments += self.reader.adjustments(segment)
        elif segment_id == "DTM" and segment[1] in ("150", "151", "472"):
            self.dates[segment[1]] = self.reader.date(segment, 2)
        elif segment_id == "REF" and segment[1] == "6R" and not self.line_control_number:
            self.line_control_number = segment[2]
        elif segment_id in _PAIR_LISTS:
            name = _PAIR_LISTS[segment_id]
            self.lists.setdefault(name, []).append(RemittanceReference(segment[1], segment[2]))
        elif segment_id == "LQ":
            self.lists.setdefault("remarks", []).append(segment[2])
        else:
            self.reader.keep_unknown(segment)

    def build(self) -> RemittanceService:
        reader, svc, dates = self.reader, self.svc, self.dates
        procedure = reader.components(svc, 1)
        units = reader.quantity(svc, 5)
        return RemittanceService(
            procedure_qualifier=procedure[0],
            procedure=procedure[1] if len(procedure) > 1 else "",
            modifiers=tuple(m for m in procedure[2:6] if m),
            charge_amount=reader.amount(svc, 2),
            paid_amount=reader.amount(svc, 3),
            units=ONE if units is None else units,
            revenue_code=svc[4],
            submitted_procedure=":".join(reader.components(svc, 6)) if svc[6] else "",
            original_units=reader.quantity(svc, 7),
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
_CLAIM_TAKERS: dict[str, Callable[[ClaimParts, Segment], bool]] = {
    "REF": ClaimParts.take_pair,
    "AMT": ClaimParts.take_pair,
    "QTY": ClaimParts.take_pair,
    "NM1": ClaimParts.take_party,
    "DTM": ClaimParts.take_date,
    "PER": ClaimParts.take_contact,
    "MIA": ClaimParts.take_adjudication,
    "MOA": ClaimParts.take_adjudication,
}
