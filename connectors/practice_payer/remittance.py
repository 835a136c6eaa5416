"""The payer's cheque run: one 835 (005010X221A1) for a payer, a payment (ST) or several for each payee.

Every payment balances: sum of CLP04 - sum of PLB = BPR02, never below zero: a shortfall moves forward as a negative FB
(RFI 1604, 1756).
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connectors.practice_payer.envelope import Header
from connectors.practice_payer.models import (
    REVERSAL,
    Adjustment,
    Decision,
    Judgement,
    LineDecision,
    Party,
    Provider,
    ProviderAdjustment,
)
from connectors.practice_payer.policies import MEDICARE, REMITTANCE_INDICATORS, draw, number_of
from connectors.practice_payer.writing import Elements, format_cents, format_day, write_name

PRODUCTION_DAYS = 13  # from the interchange's date to DTM*405
PAYMENT_DAYS = 14  # and to BPR16
BALANCE_BROUGHT_FORWARD = 8  # one payment in so many settles a shortfall of an earlier one
BALANCE_CENTS = 35_00
PAYER_BANK, PAYER_ACCOUNT = "999999992", "1000200030"  # nobody's: check digits agree, the districts do not exist
PAYEE_BANK, PAYEE_ACCOUNT = "999988880", "4000500060"
MAX_PLB_PAIRS = 6
MAX_CAS_REASONS = 6


def write_remittance(header: Header, payer: Party, judgements: list[Judgement], seed: int) -> list[list[Elements]]:
    """The transaction sets of a payer's 835: a payment or several for each billing provider, claims in their order."""
    by_payee: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in judgements:
        by_payee.setdefault(judgement.claim.provider.identity, []).append(judgement)
    payments = [payment for group in by_payee.values() for payment in _cut_payments(group)]
    return [_write_payment(header, payer, index, payment, seed) for index, payment in enumerate(payments, 1)]


def _cut_payments(judgements: list[Judgement]) -> Iterator[list[Judgement]]:
    """A payment closes when its PLB is full: one PLB is all that pyx12's reading of the FOOTER loop lets pass."""
    payment: list[Judgement] = []
    pairs = 1  # kept free for FB
    for judgement in judgements:
        pairs += len(judgement.provider_adjustments)
        if payment and pairs > MAX_PLB_PAIRS:
            yield payment
            payment, pairs = [], 1 + len(judgement.provider_adjustments)
        payment.append(judgement)
    yield payment


def _write_payment(header: Header, payer: Party, index: int, judgements: list[Judgement], seed: int) -> list[Elements]:
    company = number_of(f"company\x1f{payer.identifier}", 9)
    trace = f"{company:09d}{header.control_value:09d}{index:03d}"
    provider = judgements[0].claim.provider
    paid = sum(decision.paid_cents for judgement in judgements for decision in judgement.decisions)
    adjustments = [adjustment for judgement in judgements for adjustment in judgement.provider_adjustments]
    adjustments += _carry_balance(paid - sum(a.cents for a in adjustments), trace, seed)
    total = paid - sum(a.cents for a in adjustments)
    production, payment = (format_day(header.sent_on + timedelta(days=d)) for d in (PRODUCTION_DAYS, PAYMENT_DAYS))
    body: list[Elements] = [
        ("835", ""),  # ST03 is not used in an 835
        _write_bpr(total, f"1{company:09d}", payment),
        ("TRN", "1", trace, f"1{company:09d}"),
        ("DTM", "405", production),
        ("N1", "PR", payer.last_name or payer.identifier),
        ("N3", "PO BOX 1000"),
        ("N4", "SPRINGFIELD", "IL", "62701"),
        ("REF", "2U", payer.identifier),
        ("PER", "BL", "PROVIDER SERVICES", "TE", "8005550100"),
        *_write_payee(provider),
        ("LX", "1"),
    ]
    for judgement in judgements:
        for decision in judgement.decisions:
            body += _write_claim(decision, header.delimiters.component)
    year_end = f"{payment[:4]}1231"
    identifier = provider.party.identifier or provider.tax_id
    body += _write_provider_adjustments(adjustments, identifier, year_end, header.delimiters.component)
    return body


def _carry_balance(total: int, trace: str, seed: int) -> list[ProviderAdjustment]:
    """FB: a shortfall moves to the next payment; now and then an earlier one is settled here."""
    if total < 0:
        return [ProviderAdjustment("FB", trace, total)]
    face = draw(f"{seed}\x1f{trace}".encode(), "balance", BALANCE_BROUGHT_FORWARD)
    if face == 0 and total >= BALANCE_CENTS:
        return [ProviderAdjustment("FB", f"{trace[:9]}{number_of(trace, 12):012d}", BALANCE_CENTS)]
    return []


def _write_bpr(total: int, company: str, day: str) -> Elements:
    if total == 0:
        return ("BPR", "H", "0", "C", "NON", *[""] * 11, day)
    accounts = ("01", PAYER_BANK, "DA", PAYER_ACCOUNT, company, "", "01", PAYEE_BANK, "DA", PAYEE_ACCOUNT)
    return ("BPR", "I", format_cents(total), "C", "ACH", "CCP", *accounts, day)


def _write_payee(provider: Provider) -> Iterator[Elements]:
    party = provider.party
    name = " ".join(filter(None, (party.first_name, party.last_name)))
    if not party.identifier:
        yield ("N1", "PE", name, "FI", provider.tax_id)
        return
    yield ("N1", "PE", name, "XX", party.identifier)
    if provider.tax_id:
        yield ("REF", "TJ", provider.tax_id)


def _write_claim(decision: Decision, component: str) -> Iterator[Elements]:
    claim = decision.claim
    patient_share = "" if decision.status == REVERSAL else format_cents(decision.patient_cents)
    indicator = REMITTANCE_INDICATORS.get(claim.filing_indicator, claim.filing_indicator)
    yield (
        "CLP", claim.patient_control_number, decision.status, format_cents(decision.charge_cents),
        format_cents(decision.paid_cents), patient_share, indicator, decision.control_number, claim.facility_code,
        claim.frequency,
    )  # fmt: skip
    yield from _write_adjustments(decision.adjustments)
    member = claim.subscriber.identifier
    yield write_name("QC", claim.patient, "MI", claim.patient.identifier or member)
    if claim.patient is not claim.subscriber:
        yield write_name("IL", claim.subscriber, "MI", member)
    if decision.corrected_member:
        yield ("NM1", "74", "1", "", "", "", "", "", "C", decision.corrected_member)
    if claim.rendering and claim.rendering.qualifier == "XX":
        yield write_name("82", claim.rendering, "XX", claim.rendering.identifier)
    remarks = decision.remarks or (("MA01",) if claim.filing_indicator == MEDICARE else ())
    if remarks:
        yield ("MOA", "", "", *remarks[:5])
    yield ("DTM", "232", claim.first_day)
    yield ("DTM", "233", claim.last_day)
    yield ("DTM", "050", format_day(claim.received_on))
    if decision.allowed_cents:
        yield ("AMT", "AU", format_cents(decision.allowed_cents))
    if decision.interest_cents:
        yield ("AMT", "I", format_cents(decision.interest_cents))
    for line in decision.lines:
        yield from _write_line(line, component)


def _write_line(decision: LineDecision, component: str) -> Iterator[Elements]:
    line = decision.line
    recoded = decision.procedure != line.procedure
    denied = decision.paid_cents == 0 and decision.allowed_cents == 0 and decision.charge_cents != 0
    paid_units = "0" if denied else decision.units_text
    yield (
        "SVC", component.join(decision.procedure).rstrip(component), format_cents(decision.charge_cents),
        format_cents(decision.paid_cents), "", paid_units,
        component.join(line.procedure).rstrip(component) if recoded else "",
        line.units_text if paid_units != line.units_text else "",
    )  # fmt: skip
    if line.first_day == line.last_day:
        yield ("DTM", "472", line.first_day)
    else:
        yield ("DTM", "150", line.first_day)
        yield ("DTM", "151", line.last_day)
    yield from _write_adjustments(decision.adjustments)
    if line.control_number:
        yield ("REF", "6R", line.control_number)
    if decision.allowed_cents:
        yield ("AMT", "B6", format_cents(decision.allowed_cents))
    for remark in decision.remarks:
        yield ("LQ", "HE", remark)


def _write_adjustments(adjustments: Iterable[Adjustment]) -> Iterator[Elements]:
    """CAS segments: one for each group, at most six reasons in each."""
    by_group: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        by_group.setdefault(adjustment.group, []).append(adjustment)
    for group, found in by_group.items():
        for start in range(0, len(found), MAX_CAS_REASONS):
            triples = [(a.reason, format_cents(a.cents), "") for a in found[start : start + MAX_CAS_REASONS]]
            yield ("CAS", group, *(element for triple in triples for element in triple))


def _write_provider_adjustments(
    adjustments: list[ProviderAdjustment], provider: str, year_end: str, component: str
) -> Iterator[Elements]:
    pairs = [(f"{a.reason}{component}{a.reference}", format_cents(a.cents)) for a in adjustments]
    if pairs:
        yield ("PLB", provider, year_end, *(element for pair in pairs for element in pair))
