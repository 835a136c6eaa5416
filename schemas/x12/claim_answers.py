"""A 277CA for a received 837 set: each claim accepted or rejected by the claim rules."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from schemas.x12.elements import parse_amount
from schemas.x12.headers import TransactionSet
from schemas.x12.identify import name_kind
from schemas.x12.loops import Placed
from schemas.x12.tokens import Segment
from schemas.x12.transactions import make_rules
from schemas.x12.x277ca_005010x214 import (
    BatchAcknowledgement,
    ClaimAcknowledgement,
    ProviderAcknowledgement,
    Status,
    StatusCode,
    Totals,
)

ZERO = Decimal("0.00")
ACCEPTED = StatusCode("A2", "20")  # accepted into adjudication
# Claim status category, claim status and entity of each claim rule (code sets 507, 508); what is not here is A7:21.
REJECTIONS = {
    "claim_total": StatusCode("A7", "400"),
    "claim_cob_balance": StatusCode("A7", "400"),
    "claim_negative": StatusCode("A7", "178"),
    "claim_pointer": StatusCode("A7", "477"),
    "claim_place_of_service": StatusCode("A7", "249"),
    "claim_filing_indicator": StatusCode("A6", "480"),
    "claim_original_reference": StatusCode("A6", "464"),
    "npi": StatusCode("A7", "562"),
}
INVALID = StatusCode("A7", "21")


@dataclass(slots=True)
class _Heard:
    """A claim as far as its answer needs it."""

    number: str
    charge: Decimal
    patient: Segment | None
    member: Segment | None  # the subscriber: a dependant is known by their member id
    faults: list[str] = field(default_factory=list)
    from_date: str = ""
    to_date: str = ""


@dataclass(slots=True)
class _Provider:
    name: Segment
    claims: list[_Heard] = field(default_factory=list)


class ClaimCollector:
    """Listens to an 837 set while it is validated (`observe`), and answers it afterwards."""

    def __init__(self, transaction: TransactionSet) -> None:
        self._transaction = transaction
        self._listener = _Listener()
        kind = name_kind(transaction.kind, transaction.implementation)
        self._rules = make_rules(kind, self._listener.report)

    def observe(self, placed: Placed) -> None:
        """One segment of the set."""
        for rule in self._rules:
            rule.take(placed)
        self._listener.take(placed)

    def answer(self, control_number: str, received_date: date) -> BatchAcknowledgement:
        """The 277CA, once the set has been read."""
        for rule in self._rules:
            rule.close()
        return self._listener.answer(self._transaction, control_number, received_date)


class _Listener:
    """Collects providers, patients and claims, and what the rules say of each."""

    def __init__(self) -> None:
        self.batch_number = ""
        self.submitter: Segment | None = None
        self.receiver: Segment | None = None
        self.providers: list[_Provider] = []
        self.above: list[str] = []  # faults of the provider or subscriber that stand above the next claims
        self.subscriber: Segment | None = None
        self.patient: Segment | None = None

    def report(
        self, code: str, _what: str, _remedy: str, _segment: Segment, _position: int, _component: int, loop: str
    ) -> None:
        """A fault of the open claim (its rules speak when it closes, still before the next one is heard)."""
        if loop.startswith(("23", "24")) and self.providers and self.providers[-1].claims:
            self.providers[-1].claims[-1].faults.append(code)
        else:
            self.above.append(code)

    def take(self, placed: Placed) -> None:
        segment, loop = placed.segment, placed.loop
        match (segment.id, loop):
            case ("BHT", _):
                self.batch_number = segment[3]
            case ("NM1", "1000A"):
                self.submitter = segment
            case ("NM1", "1000B"):
                self.receiver = segment
            case ("NM1", "2010AA"):
                self.providers.append(_Provider(segment))
            case ("HL", "2000A"):
                self.above = []
            case ("NM1", "2010BA"):
                self.subscriber, self.patient = segment, segment
            case ("NM1", "2010CA"):
                self.patient = segment
            case ("CLM", _) if self.providers:
                charge = _amount(segment, 2)
                heard = _Heard(segment[1], charge, self.patient, self.subscriber, list(self.above))
                self.providers[-1].claims.append(heard)
            case ("DTP", "2400" | "2300") if (
                segment[1] in ("472", "434") and self.providers and self.providers[-1].claims
            ):
                self._note_dates(self.providers[-1].claims[-1], segment)

    def _note_dates(self, claim: _Heard, dtp: Segment) -> None:
        first, _, last = dtp[3].partition("-")
        claim.from_date = min(filter(None, (claim.from_date, first)), default="")
        claim.to_date = max(claim.to_date, last or first)

    def answer(self, transaction: TransactionSet, control_number: str, received_date: date) -> BatchAcknowledgement:
        heard = [claim for provider in self.providers for claim in provider.claims]
        total = sum((claim.charge for claim in heard), ZERO)
        sender, source = self.submitter, self.receiver
        return BatchAcknowledgement(
            control_number=control_number,
            reference=self.batch_number,
            created_date=received_date,
            created_time=transaction.group.time[:4],
            source_entity="AY",
            source_name=source[3] if source else "",
            source_identifier_qualifier="46",
            source_identifier=source[9] if source else "",
            source_trace_number=transaction.group.control_number,
            received_date=received_date,
            processed_date=received_date,
            receiver_name=sender[3] if sender else "",
            receiver_first_name=sender[4] if sender else "",
            receiver_entity_type=sender[2] if sender else "2",
            receiver_identifier=sender[9] if sender else "",
            batch_number=self.batch_number,
            statuses=(Status((StatusCode("A1", "19", "AY"),), received_date, "WQ", total),),
            totals=_count(heard),
            providers=tuple(_answer_provider(provider, received_date) for provider in self.providers),
        )


def _answer_provider(provider: _Provider, day: date) -> ProviderAcknowledgement:
    name = provider.name
    total = sum((claim.charge for claim in provider.claims), ZERO)
    return ProviderAcknowledgement(
        name=name[3],
        first_name=name[4],
        identifier_qualifier=name[8],
        identifier=name[9],
        entity_type=name[2],
        trace_number="0",
        statuses=(Status((StatusCode("A1", "19", "AY"),), None, "WQ", total),),
        totals=_count(provider.claims),
        claims=tuple(_answer_claim(claim, day) for claim in provider.claims),
    )


def _answer_claim(claim: _Heard, day: date) -> ClaimAcknowledgement:
    codes = list(dict.fromkeys(REJECTIONS.get(fault, INVALID) for fault in claim.faults))
    statuses = [Status((code,), day, "U", claim.charge) for code in codes] or [
        Status((ACCEPTED,), day, "WQ", claim.charge)
    ]
    served = claim.from_date if claim.from_date == claim.to_date else f"{claim.from_date}-{claim.to_date}"
    answer = ClaimAcknowledgement(claim.number, tuple(statuses), service_date=served)
    patient, member = claim.patient, claim.member
    if patient is None or member is None:
        return answer
    return replace(
        answer,
        patient_last_name=patient[3],
        patient_first_name=patient[4],
        patient_middle_name=patient[5],
        patient_suffix=patient[7],
        patient_identifier_qualifier=patient[8] or member[8],
        patient_identifier=patient[9] or member[9],
    )


def _count(claims: list[_Heard]) -> Totals:
    accepted = [claim for claim in claims if not claim.faults]
    rejected = [claim for claim in claims if claim.faults]
    return Totals(
        accepted_count=len(accepted) if accepted else None,
        rejected_count=len(rejected) if rejected else None,
        accepted_amount=sum((claim.charge for claim in accepted), ZERO) if accepted else None,
        rejected_amount=sum((claim.charge for claim in rejected), ZERO) if rejected else None,
    )


def _amount(segment: Segment, position: int) -> Decimal:
    """The amount; zero where it is none: such a set is rejected by the 999 and never answered here."""
    try:
        return parse_amount(segment[position])
    except ValueError:
        return ZERO
