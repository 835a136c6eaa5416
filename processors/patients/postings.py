"""A patient's account while one event is worked in: what is applied, sent back, written off, and asked for.

Each movement of money is an entry of its own; what should stand is compared with what stands, and only the difference
is posted.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from processors.patients.account import ClaimBalance, PatientAccount, find_status
from schemas.event import Body, Event
from schemas.events import (
    ChargesPosted,
    ClaimSubmitted,
    PatientBalanceChanged,
    PatientCreditMoved,
    PatientPaymentMoved,
    PatientPaymentPosted,
    PatientPaymentReturned,
    PatientRefundIssued,
    PatientRefundPosted,
    PaymentPosted,
    SmallBalanceWrittenOff,
    UnappliedReleased,
    WorkItemClosed,
    WorkItemOpened,
    WriteOffPosted,
)
from schemas.identifiers import billed_id_of, make_id
from schemas.ledger import AccountPart, JournalEntry, Mover
from schemas.money import ZERO
from schemas.work_item import NO_WORDS, WorkKind, open_work
from schemas.work_kinds import (
    MOVE_NOT_POSSIBLE,
    PATIENT_PAYMENT_UNAPPLIED,
    PATIENT_REFUND,
    REFUND_NOT_DUE,
    RETURN_NOT_POSSIBLE,
)

# What the account, as it stood when the act came to it, did not allow: nothing was booked, and a person is asked.

RECEIVABLE: AccountPart = ("patient_receivable", "")
BANK: AccountPart = ("bank", "")
UNAPPLIED: AccountPart = ("unapplied_payments", "patient")
REFUNDS: AccountPart = ("refunds_payable", "patient")
WRITE_OFFS: AccountPart = ("other_write_offs", "")

Posting = ChargesPosted | PaymentPosted | UnappliedReleased | WriteOffPosted


class OpenAccount:
    """The account while one event is worked in."""

    def __init__(self, event: Event, account_key: str, state: PatientAccount, limit: Decimal) -> None:
        self.event = event
        self.account_key = account_key
        self.before = {claim.claim_id: claim for claim in state.claims}
        self.claims = dict(self.before)
        self.unapplied = state.unapplied_amount
        self.unapplied_told = state.unapplied_told
        self.limit = limit
        self.outputs: list[Body] = []

    def close(self) -> PatientAccount:
        return PatientAccount(
            claims=tuple(self.claims.values()),
            unapplied_amount=self.unapplied,
            unapplied_told=self.unapplied_told,
        )

    def change(self, claim_id: str, encounter_id: str, **update: object) -> None:
        claim = self.claims.get(claim_id) or ClaimBalance(claim_id=claim_id, encounter_id=encounter_id)
        self.claims[claim_id] = claim.replace(**update)

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

    def take_payment(self, amount: Decimal, claim_id: str | None, source_id: str, source: AccountPart = BANK) -> None:
        """To the claim that somebody named, else to the oldest of what is owed; the rest waits unapplied."""
        left = amount
        named = self.claims.get(claim_id or "")
        if named is not None:
            # A copayment at the visit comes before the payer has spoken: it waits on its claim.
            part = left if not named.is_settled else min(left, max(named.balance, ZERO))
            left -= self._apply(named, part, source_id, source)
        for claim in self._owing():
            left -= self._apply(claim, min(left, claim.balance), source_id, source)
        if left:
            self.unapplied += left
            if source != UNAPPLIED:
                self._say_paid(source_id, None, left, self._enter(None, left, source, UNAPPLIED))

    def give_up(self, body: PatientPaymentMoved) -> bool:
        """Whether that much was there to be moved; then it is not this account's any more."""
        if body.amount > self.unapplied:
            self._ask_about_refusal(MOVE_NOT_POSSIBLE, body.action_id, body.amount, self.unapplied)
            return False
        self.unapplied -= body.amount
        return True

    def take_off(self, body: PatientPaymentReturned) -> None:
        """A payment that the bank gave back; never more than stands of the claim, or than no claim takes."""
        claim = self.claims.get(body.claim_id or "")
        there = claim.paid_amount - claim.refunded_amount if claim else ZERO
        if body.claim_id is None:
            there = self.unapplied
        if body.amount > there:
            self._ask_about_refusal(RETURN_NOT_POSSIBLE, body.claim_id or self.account_key, body.amount, there)
            return
        if claim:
            paid = claim.paid_amount - body.amount
            self.claims[claim.claim_id] = claim.replace(paid_amount=paid)
        else:
            self.unapplied -= body.amount
        entry = self._enter(claim, -body.amount, BANK, RECEIVABLE if claim else UNAPPLIED)
        self._say_paid(body.reference or body.action_id, body.claim_id, -body.amount, entry)

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
        self.claims[claim_id] = claim.replace(paid_amount=claim.paid_amount + difference)
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
        self._ask_about_unapplied()

    def refund(self, body: PatientRefundIssued) -> None:
        """Money sent back; never more than is due of the claim, or than no claim takes."""
        claim = self.claims.get(body.claim_id or "")
        due = claim.credit_amount - claim.refunded_amount if claim else ZERO
        if body.claim_id is None:
            due = self.unapplied
        if body.amount > due:
            self._ask_about_refusal(REFUND_NOT_DUE, body.claim_id or self.account_key, body.amount, due)
            return
        if claim:
            refunded = claim.refunded_amount + body.amount
            self.claims[claim.claim_id] = claim.replace(refunded_amount=refunded)
        else:
            self.unapplied -= body.amount
        entry = self._enter(claim, body.amount, REFUNDS if claim else UNAPPLIED, BANK)
        self.outputs.append(
            PatientRefundPosted(account_key=self.account_key, claim_id=body.claim_id, amount=body.amount, entry=entry)
        )

    def _owing(self) -> Iterator[ClaimBalance]:
        yield from [c for c in self.claims.values() if c.is_settled and c.balance > ZERO and c.may_be_billed]

    def _apply(self, claim: ClaimBalance, amount: Decimal, source_id: str, source: AccountPart) -> Decimal:
        if amount <= ZERO:
            return ZERO
        self.claims[claim.claim_id] = claim.replace(paid_amount=claim.paid_amount + amount)
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
            self.claims[claim.claim_id] = claim.replace(credit_amount=wanted)
            entry = self._enter(claim, moved, RECEIVABLE, REFUNDS)
            self.outputs.append(
                PatientCreditMoved(account_key=self.account_key, claim_id=claim.claim_id, amount=moved, entry=entry)
            )

    def _ask_for_refund(self, claim: ClaimBalance) -> None:
        due = claim.credit_amount - claim.refunded_amount
        if due == claim.due_told:
            return
        self.claims[claim.claim_id] = claim.replace(due_told=due)
        if due:
            self.outputs.append(self._open_item(PATIENT_REFUND, claim.claim_id, claim.encounter_id, due))
        else:
            item_id = make_id("patient_refund", claim.claim_id)
            self.outputs.append(
                WorkItemClosed(item_id=item_id, account_key=self.account_key, reason="nothing is due any more")
            )

    def _ask_about_unapplied(self) -> None:
        """What no claim takes, once no payer may still leave something of one to the patient."""
        asked = self.unapplied if all(claim.is_settled for claim in self.claims.values()) else ZERO
        if asked == self.unapplied_told:
            return
        self.unapplied_told = asked
        if asked:
            self.outputs.append(self._open_item(PATIENT_PAYMENT_UNAPPLIED, self.account_key, None, asked))
        else:
            item_id = make_id("patient_payment_unapplied", self.account_key)
            reason = "none of it is left, or a payer may still leave something to the patient"
            self.outputs.append(WorkItemClosed(item_id=item_id, account_key=self.account_key, reason=reason))

    def _ask_about_refusal(self, kind: WorkKind, subject: str, amount: Decimal, there: Decimal) -> None:
        self.outputs.append(self._open_item(kind, subject, None, amount, {"there": there}))

    def _write_off_small(self, claim: ClaimBalance) -> None:
        """By policy; taken back when what is left is none or no longer small. A changed policy changes no old one."""
        left = claim.share_amount - claim.paid_amount
        if not claim.is_settled or not claim.may_be_billed or left == claim.written_off_amount:
            return
        wanted = left if ZERO < left <= self.limit else ZERO
        moved = wanted - claim.written_off_amount
        if not moved:
            return
        self.claims[claim.claim_id] = claim.replace(written_off_amount=wanted)
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
        self.claims[claim.claim_id] = claim.replace(told=text)
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
        self,
        kind: WorkKind,
        subject: str,
        encounter_id: str | None,
        amount: Decimal,
        words: Mapping[str, object] = NO_WORDS,
    ) -> WorkItemOpened:
        return open_work(
            kind,
            make_id(kind.reason, subject),
            self.account_key,
            {"amount": amount, "account_key": self.account_key, **words},
            claim_id=subject if subject in self.claims else None,
            encounter_id=encounter_id,
            amount=amount,
        )
