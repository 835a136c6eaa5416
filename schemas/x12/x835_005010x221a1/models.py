"""Remittance advice, 835 005010X221A1: one ST as frozen objects, and the three balances that decide whether it posts.

Amounts are dollars as Decimal with two decimals. A positive adjustment (CAS) or provider adjustment (PLB) REDUCES the
payment. Balances by X12 RFI 2348 (line), RFI 2601 (claim) and the guide's front matter section 1.10.2.1 (transaction).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import StringConstraints

from schemas.base import PhiAnyDate, PhiDate, PhiString, SentText
from schemas.bounds import NO_CONTROLS, Index, Offset
from schemas.money import Money, format_money
from schemas.x12.findings import ERROR, Finding
from schemas.x12.headers import Addressing

ZERO = Decimal("0.00")
ClaimNumber = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=NO_CONTROLS)]


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One equation that does not hold; `difference` = expected - found, in dollars."""

    level: str  # line, claim or transaction
    where: str  # "CLP 3, SVC 2" counted from 1 within the ST; never a patient's number
    equation: str
    expected: Money
    found: Money
    segment_index: int

    @property
    def difference(self) -> Decimal:
        return self.expected - self.found


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason and amount of a CAS (2100 or 2110)."""

    group: SentText  # CAS01: CO, PR, OA, PI
    reason: SentText  # CAS02, 05, 08 ...: CARC
    amount: Money  # CAS03, 06, 09 ...
    quantity: Decimal | None = None  # CAS04, 07, 10 ...: never balances
    segment_index: Index = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RemittanceReference:
    """A REF, AMT, QTY or DTM that the guide allows: qualifier and value as sent."""

    qualifier: SentText
    value: SentText


@dataclass(frozen=True, slots=True)
class RemittanceService:
    """A service line, loop 2110."""

    procedure_qualifier: SentText  # SVC01-1: HC, NU, AD ...
    procedure: SentText  # SVC01-2, as adjudicated
    modifiers: tuple[SentText, ...]  # SVC01-3 to -6
    charge_amount: Money  # SVC02
    paid_amount: Money  # SVC03
    units: Decimal  # SVC05, 1 when absent
    revenue_code: SentText = ""  # SVC04
    submitted_procedure: SentText = ""  # SVC06, the composite as sent, when it differs
    original_units: Decimal | None = None  # SVC07
    service_date: PhiDate | None = None  # DTM 472, else 150
    service_end_date: PhiDate | None = None  # DTM 151
    line_control_number: SentText = ""  # REF*6R
    references: tuple[RemittanceReference, ...] = ()  # other REF
    amounts: tuple[RemittanceReference, ...] = ()  # AMT: information only (RFI 2601)
    quantities: tuple[RemittanceReference, ...] = ()  # QTY
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[SentText, ...] = ()  # LQ*HE: RARC
    segment_index: Index = field(default=0, compare=False)
    offset: Offset = field(default=0, compare=False)

    def imbalances(self, where: str = "SVC") -> tuple[Imbalance, ...]:
        """SVC02 - CAS = SVC03 (RFI 2348)."""
        expected = self.charge_amount
        for adjustment in self.adjustments:
            expected -= adjustment.amount
        if expected == self.paid_amount:
            return ()
        return (Imbalance("line", where, "SVC02 - CAS = SVC03", expected, self.paid_amount, self.segment_index),)

    @property
    def balanced(self) -> bool:
        return not self.imbalances()


@dataclass(frozen=True, slots=True)
class RemittanceParty:
    """An NM1 of loop 2100: patient QC, insured IL, corrected insured 74, rendering 82, crossover TT, other PR ..."""

    entity: SentText  # NM101
    last_name: PhiString = ""  # NM103, or the organisation's name
    first_name: PhiString = ""
    middle_name: PhiString = ""
    suffix: PhiString = ""
    identifier_qualifier: SentText = ""  # NM108
    identifier: PhiString = ""  # NM109
    entity_type: SentText = "1"  # NM102


@dataclass(frozen=True, slots=True)
class RemittanceClaim:
    """A claim payment, loop 2100 with its 2110s."""

    patient_control_number: ClaimNumber  # CLP01 = our CLM01
    status_code: SentText  # CLP02
    charge_amount: Money  # CLP03
    paid_amount: Money  # CLP04
    patient_responsibility_amount: Money  # CLP05
    filing_indicator: SentText = ""  # CLP06
    payer_claim_control_number: SentText = ""  # CLP07
    facility_code: SentText = ""  # CLP08
    frequency: SentText = ""  # CLP09
    drg: SentText = ""  # CLP11
    drg_weight: Decimal | None = None  # CLP12
    discharge_fraction: Decimal | None = None  # CLP13
    adjustments: tuple[Adjustment, ...] = ()  # claim level only
    services: tuple[RemittanceService, ...] = ()
    parties: tuple[RemittanceParty, ...] = ()
    statement_from_date: PhiDate | None = None  # DTM 232
    statement_to_date: PhiDate | None = None  # DTM 233
    received_date: date | None = None  # DTM 050
    coverage_expiration_date: PhiAnyDate | None = None  # DTM 036
    references: tuple[RemittanceReference, ...] = ()  # REF
    amounts: tuple[RemittanceReference, ...] = ()  # AMT: information only
    quantities: tuple[RemittanceReference, ...] = ()  # QTY
    contacts: tuple[tuple[SentText, ...], ...] = ()  # PER elements as sent
    inpatient: tuple[SentText, ...] = ()  # MIA elements as sent
    outpatient: tuple[SentText, ...] = ()  # MOA elements as sent
    remarks: tuple[SentText, ...] = ()  # RARCs of MIA05, MIA20-23 and MOA03-07
    assigned_number: SentText = ""  # LX01 of the 2000 it stands in
    segment_index: Index = field(default=0, compare=False)
    offset: Offset = field(default=0, compare=False)

    @property
    def is_reversal(self) -> bool:
        """CLP02 = 22: every amount is the negated original (RFI 1147)."""
        return self.status_code == "22"

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """Claim-level and line-level adjustments together."""
        lines = (adjustment for service in self.services for adjustment in service.adjustments)
        return (*self.adjustments, *lines)

    def imbalances(self, where: str = "CLP") -> tuple[Imbalance, ...]:
        """The lines' own imbalances, and CLP03 - all CAS = CLP04 (RFI 2601)."""
        found: list[Imbalance] = []
        expected = self.charge_amount
        for adjustment in self.adjustments:
            expected -= adjustment.amount
        for number, service in enumerate(self.services, 1):
            line = service.charge_amount
            total = ZERO
            for adjustment in service.adjustments:
                total += adjustment.amount
            expected -= total
            if line - total != service.paid_amount:
                found.extend(service.imbalances(f"{where}, SVC {number}"))
        if expected != self.paid_amount:
            equation = "CLP03 - CAS = CLP04"
            found.append(Imbalance("claim", where, equation, expected, self.paid_amount, self.segment_index))
        return tuple(found)

    @property
    def balanced(self) -> bool:
        return not self.imbalances()


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One reason and amount of a PLB; a negative amount adds to the payment."""

    reason: SentText  # PLB03-1: WO, FB, L6, 72 ...
    reference: SentText  # PLB03-2
    amount: Money  # PLB04
    provider_identifier: SentText = ""  # PLB01
    fiscal_period_date: date | None = None  # PLB02
    segment_index: Index = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RemittanceHeader:
    """What stands before the first claim: payment, trace, payer and payee."""

    control_number: str = ""  # ST02
    handling_code: str = ""  # BPR01
    payment_amount: Money = ZERO  # BPR02
    credit_debit: str = ""  # BPR03
    payment_method: str = ""  # BPR04: ACH, CHK, FWT, BOP, NON
    payment_format: str = ""  # BPR05
    payment_accounts: tuple[str, ...] = ()  # BPR06-15 as sent
    payment_date: date | None = None  # BPR16
    trace_number: str = ""  # TRN02: EFT or check number
    payer_identifier: str = ""  # TRN03
    trace_supplemental_code: str = ""  # TRN04
    currency: tuple[str, ...] = ()  # CUR as sent
    receiver_identifier: str = ""  # REF*EV
    version_identifier: str = ""  # REF*F2
    production_date: date | None = None  # DTM 405
    payer_name: str = ""  # N102 of N1*PR
    payer_health_plan_id: str = ""  # N104 of N1*PR
    payer_address: tuple[str, ...] = ()  # N3 and N4 elements as sent, N3 first, always 2 + 4 places
    payer_references: tuple[RemittanceReference, ...] = ()
    payer_contacts: tuple[tuple[str, ...], ...] = ()  # PER as sent
    payee_name: str = ""  # N102 of N1*PE
    payee_identifier_qualifier: str = ""  # N103: XX NPI, FI tax id, XV plan id
    payee_identifier: str = ""  # N104
    payee_address: tuple[str, ...] = ()
    payee_references: tuple[RemittanceReference, ...] = ()  # REF*TJ, PQ ...
    delivery: tuple[str, ...] = ()  # RDM as sent

    @property
    def payee_npi(self) -> str:
        return self.payee_identifier if self.payee_identifier_qualifier == "XX" else ""

    @property
    def payee_tax_id(self) -> str:
        """N104 when it is the tax id, else REF*TJ."""
        if self.payee_identifier_qualifier == "FI":
            return self.payee_identifier
        return next((r.value for r in self.payee_references if r.qualifier == "TJ"), "")


@dataclass(frozen=True, slots=True)
class Remittance(RemittanceHeader):
    """One 835 transaction set, whole."""

    claims: tuple[RemittanceClaim, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    summaries: tuple[tuple[str, ...], ...] = ()  # TS3 and TS2 as sent, after the LX01: information only
    unknown_segments: tuple[tuple[str, ...], ...] = field(default=(), compare=False)  # kept as sent; each has a finding
    complete: bool = field(default=False, compare=False)  # False: the SE is missing, nothing may be posted
    content_hash: str = field(default="", compare=False)  # sha256 of what stands between ST and SE
    interchange_control_number: str = field(default="", compare=False)  # ISA13
    addressing: Addressing = field(default=Addressing(), compare=False)  # ISA and GS
    usage_indicator: str = field(default="", compare=False)  # ISA15
    version: str = field(default="", compare=False)  # GS08
    segment_index: Index = field(default=0, compare=False)
    offset: Offset = field(default=0, compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def imbalances(self) -> tuple[Imbalance, ...]:
        """Every equation of the set that does not hold, at line, claim and transaction level."""
        found: list[Imbalance] = []
        for number, claim in enumerate(self.claims, 1):
            found.extend(claim.imbalances(f"CLP {number}"))
        paid = (claim.paid_amount for claim in self.claims)
        found.extend(balance_payment(self, paid, self.provider_adjustments, self.segment_index))
        return tuple(found)

    @property
    def balanced(self) -> bool:
        """Whether all three balances hold to the cent."""
        return not self.imbalances()

    @property
    def postable(self) -> bool:
        """Complete, without any error finding (counts, amounts, control numbers) and balanced."""
        return self.complete and not any(f.severity == ERROR for f in self.findings) and self.balanced


def balance_payment(
    header: RemittanceHeader,
    paid_amounts: Iterable[Decimal],
    provider_adjustments: Iterable[ProviderAdjustment],
    segment_index: int = 0,
) -> tuple[Imbalance, ...]:
    """Sum of CLP04 - sum of PLB = BPR02: for sets too large to hold as well."""
    expected = sum(paid_amounts, ZERO) - sum((a.amount for a in provider_adjustments), ZERO)
    if expected == header.payment_amount:
        return ()
    equation = "sum of CLP04 - sum of PLB = BPR02"
    return (Imbalance("transaction", "BPR", equation, expected, header.payment_amount, segment_index),)


def remittance_identity(remittance: RemittanceHeader) -> str:
    """What makes two 835s the same payment: payer, trace, date, amount and payee; sha256 in hex.

    Never the file name or ISA13: a clearinghouse wraps the same remittance anew. Payers reuse TRN02 for zero
    payments, hence the rest.
    """
    parts = (
        remittance.payer_identifier,
        remittance.trace_number,
        remittance.payment_date.isoformat() if remittance.payment_date else "",
        format_money(remittance.payment_amount),
        remittance.payee_identifier,
        remittance.payee_tax_id,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
