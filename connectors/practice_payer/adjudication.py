"""The payer's judgement of one claim: rejected at the front desk, or adjudicated, line by line, into a decision.

A decision keeps the balances of the 835 by construction: what is not paid is an adjustment (RFI 2348, 2601). A
secondary claim starts with OA-23 for what earlier payers settled, and pays from what they left to the patient.
"""

from dataclasses import replace

from connectors.practice_payer.models import (
    PROCESSED_AS,
    REVERSAL,
    Adjustment,
    Decision,
    Judgement,
    LineDecision,
    ProviderAdjustment,
    SubmittedClaim,
)
from connectors.practice_payer.policies import (
    CLAIM_DENIALS,
    LINE_DENIALS,
    PATIENT_UNKNOWN,
    PRIOR_PAYMENT_MISSING,
    RECODED_AS,
    RECODED_REMARK,
    VISIT_CODES,
    Benefit,
    Denial,
    allowed_percent,
    draw,
    draw_benefit,
    draw_denial,
    draw_fate,
    draw_rejection,
    make_key,
    misuses_status_4,
    number_of,
    percent_of,
)

DENIED = "4"
UNDERPAID_PERCENT, OVERPAID_PERCENT = 80, 115  # what a first decision allowed, before its correction

# One paid claim in so many has it.
SPLIT_LINE = 12
CLAIM_LEVEL_PATIENT_SHARE = 8
CLAIM_LEVEL_DENIAL = 3  # of denied claims
LATE_INTEREST = 50
OVERPAYMENT_RECOVERED = 100
REFUND_RETURNED = 200
MEMBER_CORRECTED = 100


def judge_claim(claim: SubmittedClaim, seed: int) -> Judgement:
    """The payer's answer to one claim, a function of its content and the seed alone."""
    key = make_key(claim, seed)
    fate = draw_fate(key)
    control_number = f"{number_of(key.hex() + claim.patient_control_number, 15):015d}"
    judgement = Judgement(claim, control_number, draw_rejection(claim, key, fate))
    if judgement.rejection:
        return judgement
    decision = _decide(claim, key, fate, control_number)
    if claim.frequency == "8":  # a void: what the claim was paid is taken back
        judgement.decisions.append(_reverse(decision))
    elif fate == "reversed" and claim.is_primary:
        _correct(judgement, decision, key)
    else:
        judgement.decisions.append(decision)
        if decision.paid_cents > 0:
            _add_provider_adjustments(judgement, decision, key)
    return judgement


def _decide(claim: SubmittedClaim, key: bytes, fate: str, control_number: str, fee_percent: int = 100) -> Decision:
    """Adjudicate; `fee_percent` scales the fee schedule for a decision that will be corrected."""
    status = PROCESSED_AS[claim.responsibility]
    decision = Decision(claim, control_number, status, claim.charge_cents, _split_lines(claim, key))
    left = _settle_prior_payments(decision)
    if left is None:
        _deny(decision, PRIOR_PAYMENT_MISSING, [line.charge_cents for line in decision.lines])
    elif fate == "denied":
        _deny_claim(decision, key, left)
    else:
        denied = draw(key, "line", len(decision.lines)) if fate == "line_denied" else None
        benefit = draw_benefit(claim, key)
        for index, line in enumerate(decision.lines):
            if index == denied:
                denial = draw_denial(claim, key, LINE_DENIALS)
                line.adjust(denial.group, denial.reason, left[index])
                line.remarks = denial.remarks if left[index] else ()
            elif claim.is_primary:
                if fate == "recoded":
                    _recode(line)
                _pay_as_primary(line, claim.payer.identifier, benefit, fee_percent)
            else:
                _pay_as_secondary(line, left[index], benefit)
        if draw(key, "claim level", CLAIM_LEVEL_PATIENT_SHARE) == 0:
            _raise_patient_share(decision)
        if draw(key, "member", MEMBER_CORRECTED) == 0:
            decision.corrected_member = f"{claim.subscriber.identifier}A"
    return decision


def _split_lines(claim: SubmittedClaim, key: bytes) -> list[LineDecision]:
    """One decision a line; now and then the first unit of a line is adjudicated by itself (RFI 2224)."""
    splits = draw(key, "split", SPLIT_LINE) == 0
    decisions = []
    for line in claim.lines:
        units = int(line.units_text) if line.units_text.isdigit() else 1
        parts = [(line.charge_cents, line.units_text)]
        if splits and units > 1:
            first = line.charge_cents // units
            parts = [(first, "1"), (line.charge_cents - first, str(units - 1))]
        for charge, units_text in parts:
            decisions.append(LineDecision(line, line.procedure, charge, units_text, paid_cents=charge))
    return decisions


def _settle_prior_payments(decision: Decision) -> list[int] | None:
    """What each line still has open: its charge, or what earlier payers left to the patient, the rest being OA-23.

    None when a secondary claim does not say what earlier payers did.
    """
    charges = [line.charge_cents for line in decision.lines]
    if decision.claim.is_primary:
        return charges
    reported = [other for other in decision.claim.other_payers if other.reported]
    if not reported:
        return None
    last = reported[-1]
    total = last.patient_cents if last.remaining_cents is None else last.remaining_cents
    wanted = [line.line.prior_patient_cents for line in decision.lines]
    left = _share_out(max(0, total), wanted if any(wanted) else charges, charges)
    for line, open_cents in zip(decision.lines, left, strict=True):
        line.adjust("OA", "23", line.charge_cents - open_cents)
    return left


def _share_out(total: int, weights: list[int], limits: list[int]) -> list[int]:
    """Divide an amount by weight, no part beyond its limit; the remainder goes to the first parts with room."""
    whole = sum(weights)
    shares = [max(0, total * weight // whole) if whole > 0 else 0 for weight in weights]
    parts = [min(share, limit) for share, limit in zip(shares, limits, strict=True)]
    rest = total - sum(parts)
    for index, limit in enumerate(limits):
        more = min(max(0, rest), limit - parts[index])
        parts[index] += more
        rest -= more
    return parts


def _deny_claim(decision: Decision, key: bytes, left: list[int]) -> None:
    denial = draw_denial(decision.claim, key, CLAIM_DENIALS)
    _deny(decision, denial, left)
    if denial.reason == PATIENT_UNKNOWN or misuses_status_4(decision.claim.payer.identifier):
        decision.status = DENIED
    if draw(key, "denial level", CLAIM_LEVEL_DENIAL) == 0:
        totals: dict[tuple[str, str], int] = {}
        for line in decision.lines:
            for group, reason, cents in line.adjustments:
                totals[group, reason] = totals.get((group, reason), 0) + cents
        decision.adjustments = [Adjustment(group, reason, cents) for (group, reason), cents in totals.items()]
        decision.remarks += denial.remarks
        decision.lines = []


def _deny(decision: Decision, denial: Denial, left: list[int]) -> None:
    for line, open_cents in zip(decision.lines, left, strict=True):
        line.adjust(denial.group, denial.reason, open_cents)
        line.remarks = denial.remarks
    decision.remarks = denial.claim_remarks


def _recode(line: LineDecision) -> None:
    """Adjudicate a visit one level lower than billed: SVC06 then carries what was billed."""
    lower = RECODED_AS.get(line.procedure[1])
    if lower:
        line.procedure = [line.procedure[0], lower, *line.procedure[2:]]
        line.remarks = (RECODED_REMARK,)


def _pay_as_primary(line: LineDecision, payer: str, benefit: Benefit, fee_percent: int) -> None:
    """Contract, deductible, copayment or coinsurance, sequestration, in this order."""
    code = line.procedure[1]
    fee = percent_of(line.charge_cents, allowed_percent(payer, code))
    if code != line.line.procedure[1]:
        fee = percent_of(fee, 75)
    line.allowed_cents = min(line.charge_cents, percent_of(fee, fee_percent))
    line.adjust("CO", "45", line.charge_cents - line.allowed_cents)
    deductible = min(benefit.deductible_cents, line.paid_cents)
    benefit.deductible_cents -= deductible
    line.adjust("PR", "1", deductible)
    line.adjust("PR", "2", percent_of(line.paid_cents, benefit.coinsurance_percent))
    if code in VISIT_CODES:
        copay = min(benefit.copay_cents, line.paid_cents)
        benefit.copay_cents = 0
        line.adjust("PR", "3", copay)
    line.adjust("CO", "253", percent_of(line.paid_cents, benefit.sequestration_percent))


def _pay_as_secondary(line: LineDecision, open_cents: int, benefit: Benefit) -> None:
    """Pays what is left but for its own copayment; never repeats the earlier payer's patient share (RFI 2548)."""
    line.allowed_cents = open_cents
    copay = min(benefit.copay_cents, open_cents)
    benefit.copay_cents -= copay
    line.adjust("PR", "3", copay)
    line.adjust("CO", "253", percent_of(line.paid_cents, benefit.sequestration_percent))


def _raise_patient_share(decision: Decision) -> None:
    """Report deductible and copayment once for the claim, and the lines as if there were none (RFI 1053)."""
    for reason in ("1", "3"):
        total = 0
        for line in decision.lines:
            raised = [a for a in line.adjustments if a.group == "PR" and a.reason == reason]
            line.adjustments = [a for a in line.adjustments if a not in raised]
            amount = sum(a.cents for a in raised)
            line.paid_cents += amount
            total += amount
        if total:
            decision.adjustments.append(Adjustment("PR", reason, total))


def _reverse(decision: Decision) -> Decision:
    """The same decision with every amount negated and its group codes kept (RFI 1147, 1429)."""

    def negate(adjustments: list[Adjustment]) -> list[Adjustment]:
        return [a._replace(cents=-a.cents) for a in adjustments]

    lines = [
        replace(
            line,
            charge_cents=-line.charge_cents,
            allowed_cents=-line.allowed_cents,
            paid_cents=-line.paid_cents,
            adjustments=negate(line.adjustments),
        )
        for line in decision.lines
    ]
    return replace(
        decision,
        status=REVERSAL,
        charge_cents=-decision.charge_cents,
        lines=lines,
        adjustments=negate(decision.adjustments),
        interest_cents=-decision.interest_cents,
    )


def _correct(judgement: Judgement, decision: Decision, key: bytes) -> None:
    """First paid wrongly, then reversed and corrected (RFI 791); some of the money is left to be recovered later."""
    percent = (UNDERPAID_PERCENT, OVERPAID_PERCENT)[draw(key, "error", 2)]
    first = _decide(judgement.claim, key, "reversed", judgement.control_number, percent)
    decision.control_number = f"{judgement.control_number}01"
    judgement.decisions += [first, _reverse(first), decision]
    overpaid = first.paid_cents - decision.paid_cents
    if overpaid > 0 and draw(key, "recover later", 2):
        judgement.provider_adjustments.append(ProviderAdjustment("WO", decision.control_number, -overpaid))


def _add_provider_adjustments(judgement: Judgement, decision: Decision, key: bytes) -> None:
    """Interest on a late payment, money of an older overpayment taken back, a refund that crossed with it."""
    number = judgement.control_number
    if draw(key, "interest", LATE_INTEREST) == 0:
        decision.interest_cents = max(1, percent_of(decision.paid_cents, 1))
        judgement.provider_adjustments.append(ProviderAdjustment("L6", number, -decision.interest_cents))
    older = f"{number_of('older' + number, 15):015d}"
    amount = 10_00 + draw(key, "older amount", 190_00)
    if draw(key, "recovered", OVERPAYMENT_RECOVERED) == 0:
        judgement.provider_adjustments.append(ProviderAdjustment("WO", older, amount))
    elif draw(key, "returned", REFUND_RETURNED) == 0:
        judgement.provider_adjustments += [
            ProviderAdjustment("WO", older, amount),
            ProviderAdjustment("72", older, -amount),
        ]
