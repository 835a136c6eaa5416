"""What the patient owes of each claim, what they paid, and what is due back to them.

In: every entry that moves a claim's insurance or patient receivable, ResponsibilityMoved (may the patient be billed
at all), PatientPaymentReceived, PatientRefundIssued. Out: PatientBalanceChanged, payments, write-offs and credits with
their entries, work items for refunds. A claim is owed only when no payer may still owe anything of it: a denial that is
being worked keeps insurance receivable open, and so keeps the statement back.
"""

from collections.abc import Iterator
from decimal import Decimal

from processors.patient_account import ClaimBalance, PatientAccount, find_status
from schemas.event import Body, Event
from schemas.events import (
    ChargesPosted,
    ClaimSubmitted,
    PatientBalanceChanged,
    PatientCreditMoved,
    PatientPaymentPosted,
    PatientPaymentReceived,
    PatientRefundIssued,
    PatientRefundPosted,
    PaymentPosted,
    ResponsibilityMoved,
    SmallBalanceWrittenOff,
    UnappliedReleased,
    WorkItemClosed,
    WorkItemOpened,
    WriteOffPosted,
)
from schemas.identifiers import billed_id_of, make_id
from schemas.ledger import AccountPart, JournalEntry, Mover
from schemas.money import ZERO
from schemas.processing import Outcome, States
from schemas.reference import Reference

FIRST_PAYER = "P"  # SBR01
RECEIVABLE: AccountPart = ("patient_receivable", "")
BANK: AccountPart = ("bank", "")
UNAPPLIED: AccountPart = ("unapplied_payments", "patient")
REFUNDS: AccountPart = ("refunds_payable", "patient")
WRITE_OFFS: AccountPart = ("other_write_offs", "")


Posting = ChargesPosted | PaymentPosted | UnappliedReleased | WriteOffPosted


def keys_of_patient(event: Event) -> tuple[str, ...]:
    """The account; what concerns no claim of ours concerns no patient."""
    match event.body:
        case ChargesPosted() | ResponsibilityMoved() | PatientPaymentReceived() | PatientRefundIssued() as body:
            return (f"account:{body.account_key}",)
        case ClaimSubmitted() as body if body.summary.responsibility == FIRST_PAYER:
            return (f"account:{body.account_key}",)
        case PaymentPosted() | UnappliedReleased() | WriteOffPosted() as body if body.claim_id and body.entry:
            return (f"account:{body.account_key}",)
    return ()


def bill_patient(states: States, event: Event, reference: Reference) -> Outcome:
    """Follows the ledger, applies what patients pay, and says what each owes."""
    keys = keys_of_patient(event)
    if not keys:
        return Outcome()
    state = states.get(keys[0], PatientAccount())
    assert isinstance(state, PatientAccount)
    account = _Account(event, state, reference.installation.small_balance_amount)
    match event.body:
        case ChargesPosted() | PaymentPosted() | UnappliedReleased() | WriteOffPosted() as body:
            account.follow_entry(body)
        case ClaimSubmitted() as body:
            account.take_visit_payment(body)
        case ResponsibilityMoved() as body:
            account.change(body.claim_id, body.encounter_id, may_be_billed=body.patient_may_be_billed)
        case PatientPaymentReceived() as body:
            account.take_payment(body)
        case PatientRefundIssued() as body:
            account.refund(body)
    account.settle()
    return Outcome({keys[0]: account.close()}, tuple(account.outputs))


class _Account:
    """The account while one event is worked in."""

    def __init__(self, event: Event, state: PatientAccount, limit: Decimal) -> None:
        self.event = event
        self.before = {claim.claim_id: claim for claim in state.claims}
        self.claims = dict(self.before)
        self.unapplied = state.unapplied_amount
        self.limit = limit
        self.outputs: list[Body] = []
        self.account_key: str = event.body.account_key  # type: ignore[attr-defined]

    def close(self) -> PatientAccount:
        return PatientAccount(claims=tuple(self.claims.values()), unapplied_amount=self.unapplied)

    def change(self, claim_id: str, encounter_id: str, **update: object) -> None:
        claim = self.claims.get(claim_id) or ClaimBalance(claim_id=claim_id, encounter_id=encounter_id)
        self.claims[claim_id] = claim.model_copy(update=update)

    def follow_entry(self, body: Posting) -> None:
        """What a posting moved of this claim's receivables."""
        assert body.claim_id is not None and body.encounter_id is not None and body.entry is not None
        moved = {"insurance_receivable": ZERO, "patient_receivable": ZERO}
        for line in body.entry.lines:
            if line.account in moved:
                moved[line.account] += line.debit - line.credit
        claim = self.claims.get(body.claim_id)
        was_charged = claim is not None and claim.is_charged
        insurance, share = (claim.insurance_amount, claim.share_amount) if claim else (ZERO, ZERO)
        self.change(
            body.claim_id,
            body.encounter_id,
            insurance_amount=insurance + moved["insurance_receivable"],
            share_amount=share + moved["patient_receivable"],
            is_charged=was_charged or isinstance(body, ChargesPosted),
        )

    def take_payment(self, body: PatientPaymentReceived) -> None:
        """To the claim that the patient named, else to the oldest of what is owed; the rest waits unapplied."""
        left = body.amount
        named = self.claims.get(body.claim_id or "")
        if named is not None:
            # A copayment at the visit comes before the payer has spoken: it waits on its claim.
            part = left if not named.is_settled else min(left, max(named.balance, ZERO))
            left -= self._apply(named, part, body.source_id, BANK)
        for claim in self._owing():
            left -= self._apply(claim, min(left, claim.balance), body.source_id, BANK)
        if left:
            self.unapplied += left
            entry = self._enter(None, left, BANK, UNAPPLIED)
            self._say_paid(body.source_id, None, left, entry)

    def take_visit_payment(self, body: ClaimSubmitted) -> None:
        """What the patient paid at the visit, as the claim says it; a later version may say otherwise."""
        summary = body.summary
        claim_id = billed_id_of(summary.claim_id)
        before = self.claims.get(claim_id)
        difference = summary.patient_paid_amount - (before.visit_paid_amount if before else ZERO)
        if not difference:
            return
        self.change(claim_id, body.encounter_id, visit_paid_amount=summary.patient_paid_amount)
        claim = self.claims[claim_id]
        self.claims[claim_id] = claim.model_copy(update={"paid_amount": claim.paid_amount + difference})
        entry = self._enter(claim, difference, BANK, RECEIVABLE)
        self._say_paid(summary.patient_control_number, claim_id, difference, entry)

    def settle(self) -> None:
        """Applies what waits, moves credits, writes off what is too small, and says what each claim stands at."""
        for claim in self._owing():
            part = min(self.unapplied, claim.balance)
            if part > ZERO:
                self.unapplied -= self._apply(claim, part, "unapplied", UNAPPLIED)
        for claim_id in [name for name, claim in self.claims.items() if claim is not self.before.get(name)]:
            self._write_off_small(self.claims[claim_id])
            self._move_credit(self.claims[claim_id])
            self._ask_for_refund(self.claims[claim_id])
            self._tell(self.claims[claim_id])

    def refund(self, body: PatientRefundIssued) -> None:
        """Money sent back; never more than is due."""
        claim = self.claims.get(body.claim_id)
        due = claim.credit_amount - claim.refunded_amount if claim else ZERO
        if claim is None or body.amount > due:
            action = f"A refund of {body.amount} was reported, and {due} is due to the patient of this claim. Check it."
            self.outputs.append(self._open_item(body.claim_id, None, "refund_not_due", body.amount, action))
            return
        self.claims[claim.claim_id] = claim.model_copy(update={"refunded_amount": claim.refunded_amount + body.amount})
        entry = self._enter(claim, body.amount, REFUNDS, BANK)
        self.outputs.append(
            PatientRefundPosted(account_key=self.account_key, claim_id=claim.claim_id, amount=body.amount, entry=entry)
        )

    def _owing(self) -> Iterator[ClaimBalance]:
        yield from [c for c in self.claims.values() if c.is_settled and c.balance > ZERO and c.may_be_billed]

    def _apply(self, claim: ClaimBalance, amount: Decimal, source_id: str, source: AccountPart) -> Decimal:
        if amount <= ZERO:
            return ZERO
        self.claims[claim.claim_id] = claim.model_copy(update={"paid_amount": claim.paid_amount + amount})
        self._say_paid(source_id, claim.claim_id, amount, self._enter(claim, amount, source, RECEIVABLE))
        return amount

    def _say_paid(self, source_id: str, claim_id: str | None, amount: Decimal, entry: JournalEntry) -> None:
        self.outputs.append(
            PatientPaymentPosted(
                account_key=self.account_key, source_id=source_id, claim_id=claim_id, amount=amount, entry=entry
            )
        )

    def _move_credit(self, claim: ClaimBalance) -> None:
        """What was paid beyond the share is due to the patient once every payer has spoken; what was sent is gone."""
        over = claim.paid_amount - claim.share_amount
        wanted = max(over, claim.refunded_amount, ZERO) if claim.is_settled else claim.refunded_amount
        moved = wanted - claim.credit_amount
        if moved:
            self.claims[claim.claim_id] = claim.model_copy(update={"credit_amount": wanted})
            entry = self._enter(claim, moved, RECEIVABLE, REFUNDS)
            self.outputs.append(
                PatientCreditMoved(account_key=self.account_key, claim_id=claim.claim_id, amount=moved, entry=entry)
            )

    def _ask_for_refund(self, claim: ClaimBalance) -> None:
        due = claim.credit_amount - claim.refunded_amount
        if due == claim.due_told:
            return
        self.claims[claim.claim_id] = claim.model_copy(update={"due_told": due})
        if due:
            action = f"The patient paid {due} more than they owe. Send it back, then `revcycle patient refund`."
            self.outputs.append(self._open_item(claim.claim_id, claim.encounter_id, "patient_refund", due, action))
        else:
            item_id = make_id("patient_refund", claim.claim_id)
            self.outputs.append(
                WorkItemClosed(item_id=item_id, account_key=self.account_key, reason="nothing is due any more")
            )

    def _write_off_small(self, claim: ClaimBalance) -> None:
        """By policy; taken back when what is left is none or no longer small. A changed policy changes no old one."""
        left = claim.share_amount - claim.paid_amount
        if not claim.is_settled or not claim.may_be_billed or left == claim.written_off_amount:
            return
        wanted = left if ZERO < left <= self.limit else ZERO
        moved = wanted - claim.written_off_amount
        if not moved:
            return
        self.claims[claim.claim_id] = claim.model_copy(update={"written_off_amount": wanted})
        self.outputs.append(
            SmallBalanceWrittenOff(
                account_key=self.account_key,
                claim_id=claim.claim_id,
                amount=moved,
                limit_amount=self.limit,
                entry=self._enter(claim, moved, WRITE_OFFS, RECEIVABLE),
            )
        )

    def _tell(self, claim: ClaimBalance) -> None:
        """PatientBalanceChanged, when there is anything to tell of the patient and it is other than before."""
        status = find_status(claim)
        body = PatientBalanceChanged(
            account_key=self.account_key,
            encounter_id=claim.encounter_id,
            claim_id=claim.claim_id,
            status=status,
            share_amount=claim.share_amount,
            paid_amount=claim.paid_amount,
            written_off_amount=claim.written_off_amount,
            refund_amount=claim.credit_amount,
            refunded_amount=claim.refunded_amount,
            balance_amount=claim.balance,
            insurance_open_amount=claim.insurance_amount,
        )
        text = make_id(body.model_dump_json())
        silent = not claim.told and not (claim.share_amount or claim.paid_amount)
        if text == claim.told or silent:
            return
        self.claims[claim.claim_id] = claim.model_copy(update={"told": text})
        self.outputs.append(body)

    def _enter(
        self, claim: ClaimBalance | None, amount: Decimal, debit: AccountPart, credit: AccountPart
    ) -> JournalEntry:
        mover = Mover()
        mover.move(amount, debit, credit)
        return JournalEntry(
            entry_id=make_id("patient", self.event.event_id, len(self.outputs)),
            claim_id=claim.claim_id if claim else None,
            encounter_id=claim.encounter_id if claim else None,
            lines=mover.lines(),
        )

    def _open_item(
        self, claim_id: str, encounter_id: str | None, reason: str, amount: Decimal, next_action: str
    ) -> WorkItemOpened:
        return WorkItemOpened(
            item_id=make_id(reason, claim_id),
            account_key=self.account_key,
            queue="refunds",
            owner="biller",
            priority=3,
            reason=reason,
            claim_id=claim_id,
            encounter_id=encounter_id,
            next_action=next_action,
            amount=amount,
        )
