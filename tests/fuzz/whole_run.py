"""One run of the whole cycle with everything that people, the bank and the calendar do in it: what mutants are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from schemas.base import Frozen
from schemas.event import Body, Event, publish_at_edge
from schemas.events import (
    AppealFiled,
    AskedClaim,
    ClaimCorrectionDecided,
    ClaimDenied,
    ClaimStatusReported,
    ClaimStatusRequested,
    ClaimSubmitted,
    ClockSetBack,
    DenialWrittenOff,
    DepositMatchDecided,
    DepositReceived,
    EncounterCorrected,
    EncounterHeld,
    EncounterReceived,
    HistoryChanged,
    LineChange,
    OverrideRequested,
    PatientPaymentMoved,
    PatientPaymentReceived,
    PatientPaymentReturned,
    PatientRefundIssued,
    PaymentApplied,
    PaymentPosted,
    PaymentUnapplied,
    ProviderAnswered,
    ProviderQueried,
    RemittanceAccepted,
    RemittanceAdmitted,
    RemittanceReceived,
    RemittanceShare,
    UnappliedReleased,
    WorkItemOpened,
    WorkItemReopened,
    WorkItemResolved,
)
from schemas.events.work import OfClock
from schemas.identifiers import sha256_hex
from schemas.ledger import DocumentPlace
from schemas.processing import States, Timed
from schemas.reference import Reference
from schemas.wire import decode_record
from streams.edge.clock import make_tick
from streams.engine.step import Step
from streams.pipeline import STEPS, TOPICS
from tests.builders import NOW, bill_next_payers, make_encounter_events, open_small, publish, run_cycle

ENCOUNTERS, SEED = 40, 1
TODAY = NOW.date()
HASH = sha256_hex(b"a document")
Kind = TypeVar("Kind", bound=Body)


@dataclass(frozen=True)
class Situation:
    """An event that a step took, with the states that it met."""

    step: Step
    event: Event
    states: dict[str, Frozen]


class WholeRun:
    """The events of a run in their order, each step's situations, and each step's states at the end."""

    def __init__(self, folder: Path, reference: Reference) -> None:
        self.installation = installation = open_small(folder, reference, in_memory=True)
        run_cycle(installation, make_encounter_events(ENCOUNTERS, SEED))
        bill_next_payers(installation)
        for act in (*self._list_acts(), *self._list_days()):
            publish(installation, [act])
            installation.engine.run_until_quiet()
        self.reference = installation.reference
        self.events = [*self._read_events(), *self._tell_rare()]
        self.ends: dict[str, dict[str, Frozen]] = {step.name: {} for step in STEPS}
        self.situations = list(self._fold())
        # What is booked stays booked: a mutant of what booked it would be refused for that alone.
        for table in ("entry", "entry_line"):
            installation.store.connection.execute(f"DELETE FROM {table}")

    def _read_events(self) -> list[Event]:
        return [decode_record(record) for record in self.installation.store.read(TOPICS, 0, 100_000)]

    def _find(self, kind: type[Kind], count: int = 3) -> list[Kind]:
        bodies = (event.body for event in self._read_events())
        found: dict[str, Kind] = {body.model_dump_json(): body for body in bodies if isinstance(body, kind)}
        return list(found.values())[:: max(1, len(found) // count)][:count]

    def _fold(self) -> Iterator[Situation]:
        """Each step by itself over all that it takes, as it took it."""
        for step in STEPS:
            states = self.ends[step.name]
            for event in self.events:
                if type(event.body) in step.takes:
                    keys = list_keys(step, event, states)
                    met = {key: states[key] for key in keys if key in states}
                    yield Situation(step, event, met)
                    states.update(step.function(met, event, self.reference).states)

    def _tell_rare(self) -> Iterator[Event]:
        """What steps tell each other too seldom to happen here."""
        (held,) = self._find(EncounterReceived, 1)
        (posted,) = self._find(PaymentPosted, 1)
        (claim,) = self._find(ClaimSubmitted, 1)
        assert posted.claim_id and posted.encounter_id
        rare: tuple[Body, ...] = (
            HistoryChanged(
                account_key=claim.account_key,
                encounter_id=held.correlation(),
                source_system=held.source_system,
                source_id=held.source_id,
                patient_id=held.patient.id,
            ),
            UnappliedReleased(
                remittance_id=posted.remittance_id,
                account_key=posted.account_key,
                claim_index=posted.claim_index,
                claim_id=posted.claim_id,
                encounter_id=posted.encounter_id,
                paid_amount=posted.paid_amount,
                adjusted_amount=posted.adjusted_amount,
                patient_amount=posted.patient_amount,
                entry=posted.entry,
            ),
            ClaimStatusRequested(
                trading_partner=claim.trading_partner,
                business_date=TODAY,
                claims=(
                    AskedClaim(
                        account_key=claim.account_key,
                        claim_id=claim.summary.claim_id,
                        patient_control_number=claim.summary.patient_control_number,
                        document=claim.document.sha256,
                    ),
                ),
            ),
        )
        return (Event(f"rare {body.type}", body.key, NOW, "rare", None, "", body) for body in rare)

    def _list_days(self) -> Iterator[Event]:
        for days in (1, 5, 40, 200, 400):
            yield make_tick(TODAY + timedelta(days=days))
        back = ClockSetBack(
            business_date=TODAY + timedelta(days=50),
            stood_at=TODAY + timedelta(days=400),
            setting=1,
            action_id="back",
            who="jane",
            why="a wrong clock",
        )
        yield publish_at_edge(back, back.key, NOW, back.key)

    def _list_acts(self) -> Iterator[Event]:
        for number, body in enumerate(
            (*self._act_on_encounters(), *self._act_on_money(), *self._act_on_claims(), *self._act_on_work())
        ):
            yield publish_at_edge(body, body.account_key if hasattr(body, "account_key") else f"{number}", NOW, "act")

    def _act_on_encounters(self) -> Iterator[Body]:
        held = {body.encounter_id for body in self._find(EncounterHeld, 99)}
        received = self._find(EncounterReceived, 99)
        chosen = [body for body in received if body.correlation() in held][:3] + received[:3]
        for number, body in enumerate(chosen):
            if not isinstance(body, EncounterReceived):
                continue
            about: dict[str, Any] = {
                "who": "jane",
                "role": "coding_lead",
                "source_system": body.source_system,
                "source_id": body.source_id,
                "patient_id": body.patient.id,
                "version": body.version,
                "version_order": body.version_order,
            }
            yield ProviderQueried(action_id=f"ask {number}", question="What does the note mean?", **about)
            answered = f"ask {number}" if number % 2 else "another"
            yield ProviderAnswered(action_id=f"answer {number}", query_id=answered, answer="Both knees.", **about)
            change = LineChange(line_id=body.services[0].line_id, charge_amount=Decimal("77.00"))
            yield EncounterCorrected(action_id=f"mend {number}", why="as documented", lines=(change,), **about)
            later = about | {"version": "999", "version_order": "999"}
            yield EncounterCorrected(action_id=f"early {number}", why="as documented", lines=(change,), **later)
            yield OverrideRequested(action_id=f"wave {number}", finding_code="x", why="seen", **about)

    def _act_on_money(self) -> Iterator[Body]:
        person: dict[str, Any] = {"who": "jane", "why": "as told"}
        for number, claim in enumerate(self._find(ClaimSubmitted, 4)):
            key, claim_id = claim.account_key, claim.summary.claim_id[:16]
            about: dict[str, Any] = {"account_key": key, "claim_id": claim_id}
            yield PatientPaymentReceived(source_id=f"R{number}", amount=Decimal("500.00"), received_on=TODAY, **about)
            yield PatientPaymentReceived(
                account_key=key, source_id=f"S{number}", amount=Decimal("9.00"), received_on=TODAY
            )
            yield PatientRefundIssued(action_id=f"refund {number}", amount=Decimal("2.00"), **about, **person)
            yield PatientPaymentReturned(action_id=f"bounce {number}", amount=Decimal("1.00"), **about, **person)
            yield PatientPaymentMoved(
                action_id=f"move {number}", account_key=key, to_account_key="A" * 10, amount=Decimal("3.00"), **person
            )
            moved: dict[str, Any] = {
                "remittance_id": "r",
                "claim_index": 0,
                "patient_control_number": claim.summary.patient_control_number,
            }
            yield PaymentApplied(action_id=f"apply {number}", **moved, **about, **person)
            yield PaymentUnapplied(action_id=f"unapply {number}", **moved, **about, **person)
        for number, accepted in enumerate(self._find(RemittanceAccepted, 4)):
            amount = accepted.payment_amount or Decimal("1.00")
            deposit: dict[str, Any] = {"deposit_id": f"D{number}"}
            trace = accepted.trace_number if number % 2 else ""
            yield DepositReceived(amount=amount, deposited_on=TODAY, trace_number=trace, **deposit)
            share = RemittanceShare(remittance_id=accepted.remittance_id, amount=amount)
            yield DepositMatchDecided(
                action_id=f"match {number}", deposit_amount=amount, remittances=(share,), **deposit, **person
            )
        for number, sent in enumerate(self._find(RemittanceReceived, 3)):
            yield sent.model_copy(update={"remittance_id": f"again {number}", "document": sent.document})
            yield RemittanceAdmitted(
                remittance_id=sent.remittance_id,
                document=sent.document,
                transaction_index=sent.transaction_index,
                content_hash=HASH,
                action_id=f"admit {number}",
                **person,
            )

    def _act_on_claims(self) -> Iterator[Body]:
        person: dict[str, Any] = {"who": "jane", "why": "as told"}
        for number, claim in enumerate(self._find(ClaimSubmitted, 6)):
            summary = claim.summary
            yield ClaimStatusReported(
                account_key=claim.account_key,
                patient_control_number=summary.patient_control_number,
                sender="PAYER",
                codes=(("F1:65", "P1:20", "R3:0", "D0:35", "A4:35", "E1:1")[number],),
                paid_amount=Decimal("1.00"),
                payment_date=TODAY,
                document=DocumentPlace(sha256=HASH, segment=number),
            )
            yield ClaimCorrectionDecided(
                trading_partner=claim.trading_partner,
                account_key=claim.account_key,
                claim_id=summary.claim_id,
                decision="void" if number % 2 else "replace",
                action_id=f"correct {number}",
                **person,
            )
        for number, denied in enumerate(self._find(ClaimDenied, 6)):
            assert denied.claim_id and denied.encounter_id
            about: dict[str, Any] = {
                "account_key": denied.account_key,
                "claim_id": denied.claim_id,
                "line_key": denied.denials[0].line_key,
                "item_id": next(iter(self._find(WorkItemOpened, 1))).item_id,
            }
            yield AppealFiled(
                action_id=f"appeal {number}",
                days_since_denial=3,
                level=1,
                level_name="first",
                filed_on=TODAY,
                answer_due_on=TODAY + timedelta(days=30),
                packet=HASH,
                **about,
                **person,
            )
            yield DenialWrittenOff(
                action_id=f"off {number}",
                encounter_id=denied.encounter_id,
                amount=denied.denials[0].amount,
                approved_by="joan",
                **about,
                **person,
            )

    def _act_on_work(self) -> Iterator[Body]:
        for number, item in enumerate(self._find(WorkItemOpened, 12)):
            about: dict[str, Any] = {"item_id": item.item_id, "account_key": item.account_key, "who": "jane"}
            yield WorkItemResolved(action_id=f"done {number}", claim_id=item.claim_id, **about)
            yield WorkItemReopened(action_id=f"open {number}", claim_id=item.claim_id, **about)


def list_keys(step: Step, event: Event, states: States) -> tuple[str, ...]:
    """The keys that the step names for an event, and at a tick the states that are due."""
    body = event.body
    if not isinstance(body, OfClock):
        return step.keys(event)
    due = [key for key, state in states.items() if isinstance(state, Timed) and is_due(state, body.looks_at)]
    return (*step.keys(event), *sorted(due))


def is_due(state: Timed, on: date) -> bool:
    return state.due_on is not None and state.due_on <= on
