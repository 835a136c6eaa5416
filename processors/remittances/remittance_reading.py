"""An 835 ST is judged before a cent of it moves: duplicate, conflict, hold, or accept.

In: RemittanceReceived; InterchangeBuilt, which tells whom we bill for. Out: RemittanceAccepted, then its claims in
parts, and of each RemittancePart a ClaimRemitted for each CLP; or RemittanceHeld with a work item, and nothing else.
Identity and balances: domain rules, section 1. What was held as a conflict is accepted under an identity of its own
when a person says that it is another remittance (RemittanceAdmitted): payers use a trace number again where they pay
nothing. What was held because it seems to be another's is accepted as it is, when a person says that it is ours.

The set is read twice, claim by claim: once to judge it, once to tell its claims. So a remittance of any size takes
little memory, and a part is what one transaction carries.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from processors.payers.addressing import (
    Mismatch,
    SentPayees,
    find_envelope_mismatches,
    find_payee_mismatches,
    note_payees,
)
from processors.remittances.bounds import clamp, find_impossible, find_impossible_totals, make_finding
from schemas.base import Frozen
from schemas.bounds import PART_CLAIMS
from schemas.event import Body, Event
from schemas.events import (
    ClaimRemitted,
    InterchangeBuilt,
    RemittanceAccepted,
    RemittanceAdmitted,
    RemittanceHeld,
    RemittancePart,
    RemittanceReceived,
    RemittanceRepeated,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.findings import Finding
from schemas.identifiers import account_key_of, make_id, make_unknown_key
from schemas.money import ZERO
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import REMITTANCE_HELD, REMITTANCE_PART_IMPOSSIBLE
from schemas.x12.findings import ERROR
from schemas.x12.x835_005010x221a1 import Imbalance, Remittance, RemittanceClaim, balance_payment

FINDINGS_SHOWN_MAX = 50
PAYEES = "payees:sent"
NOT_FOR_US = "not_for_us"
PAYER_QUALIFIERS = ("2U", "NF")  # REF01 of the payer: its identification number, its NAIC code


class RemittanceState(Frozen):
    """The content that was accepted under this identity; `held` contents were not, `foreign` ones of them because they
    seem to be another's."""

    accepted_hash: str | None = None
    held_hashes: tuple[str, ...] = ()
    foreign_hashes: tuple[str, ...] = ()


def keys_of_remittance(event: Event) -> tuple[str, ...]:
    """One key for each remittance identity, and one for all whom we bill for; a part is judged already."""
    match event.body:
        case RemittanceReceived() as body:
            return (f"remittance:{body.remittance_id}", PAYEES)
        case RemittanceAdmitted() as body:
            return (f"remittance:{body.remittance_id}", f"remittance:{name_admitted(body)}")
        case InterchangeBuilt():
            return (PAYEES,)
    return ()


def name_admitted(body: RemittanceAdmitted) -> str:
    """The identity of a remittance that shares its payer's trace, date, amount and payee with another."""
    return make_id("admitted", body.remittance_id, body.content_hash)


def read_remittance(states: States, event: Event, reference: Reference) -> Outcome:
    """Decides what one ST is; says of each part what its claims were paid and denied."""
    body = event.body
    if isinstance(body, RemittancePart):
        return Outcome(outputs=tuple(_tell_claims(body, reference)))
    payees = read_state(states, PAYEES, SentPayees)
    if isinstance(body, InterchangeBuilt):
        noted = note_payees(payees, body)
        return Outcome({PAYEES: noted} if noted != payees else {})
    assert isinstance(body, RemittanceReceived | RemittanceAdmitted)
    key = keys_of_remittance(event)[0]
    state = read_state(states, key, RemittanceState)
    judged = _judge(body, reference)
    if judged is None:
        return _hold_nothing(key, state, body)
    remittance, balance = judged
    if isinstance(body, RemittanceAdmitted):
        return _admit(states, state, body, remittance, balance)
    if remittance.content_hash == state.accepted_hash or remittance.content_hash in state.held_hashes:
        return Outcome(outputs=(RemittanceRepeated(remittance_id=body.remittance_id, document=body.document),))
    mismatches = (
        *find_envelope_mismatches(remittance.addressing, reference.installation),
        *find_payee_mismatches(remittance, reference.installation, payees),
    )
    held = _find_reason_to_hold(state, remittance, balance, mismatches)
    if held:
        hashes = {"held_hashes": (*state.held_hashes, remittance.content_hash)}
        if held[0] == NOT_FOR_US:
            hashes["foreign_hashes"] = (*state.foreign_hashes, remittance.content_hash)
        after = state.replace(**hashes)
        amount = clamp(remittance.payment_amount)
        return Outcome({key: after}, _hold(body, amount, remittance.content_hash, *held))
    after = state.replace(accepted_hash=remittance.content_hash)
    return Outcome({key: after}, tuple(_accept(body, remittance, balance.claim_count)))


def _judge(body: RemittanceReceived | RemittanceAdmitted, reference: Reference) -> tuple[Remittance, "_Balance"] | None:
    """Everything of a set but its claims, and what those come to; None where the document has no such set."""
    stream = reference.remittances.open(body.document.sha256, body.transaction_index)
    if stream is None:
        return None
    balance = _Balance()
    for claim in stream:
        balance.take(claim)
    return stream.finish(()), balance


def _hold_nothing(key: str, state: RemittanceState, body: RemittanceReceived | RemittanceAdmitted) -> Outcome:
    """What names a set that its document does not have: a person must ask who said so, once."""
    content = make_id("no_such_set", body.document.sha256, body.transaction_index)
    if isinstance(body, RemittanceAdmitted) or content in state.held_hashes:
        return Outcome()
    what = f"the document has no 835 transaction set {body.transaction_index} (counted from 0)"
    remedy = "find out who sent this event, and have the 835 given again as a file"
    finding = make_finding("remittance_not_in_document", "ST", what, remedy)
    after = state.replace(held_hashes=(*state.held_hashes, content))
    return Outcome({key: after}, _hold(body, ZERO, content, "unreadable", (finding,)))


def _admit(
    states: States, held: RemittanceState, body: RemittanceAdmitted, remittance: Remittance, balance: "_Balance"
) -> Outcome:
    """Accepts what was held as a conflict, or as not for us, and for nothing else, once. Beside a remittance that is
    posted it has an identity of its own."""
    identity = name_admitted(body) if held.accepted_hash else body.remittance_id
    key = f"remittance:{identity}"
    content = remittance.content_hash
    if content != body.content_hash or content not in held.held_hashes or content == held.accepted_hash:
        return Outcome()
    if held.accepted_hash and key in states:
        return Outcome()
    if not held.accepted_hash and content not in held.foreign_hashes:
        return Outcome()
    if reason := _find_reason_to_hold(RemittanceState(), remittance, balance):
        is_news = content in held.foreign_hashes  # whose it is was asked first
        return Outcome(outputs=_hold(body, clamp(remittance.payment_amount), content, *reason) if is_news else ())
    accepted = _accept(body.replace(remittance_id=identity), remittance, balance.claim_count)
    closed = WorkItemClosed(
        item_id=make_id("remittance", body.remittance_id, content),
        account_key=body.remittance_id,
        reason=f"posted as a remittance of {'its own' if held.accepted_hash else 'ours'}, by {body.who}"[:200],
    )
    before = RemittanceState() if held.accepted_hash else held
    return Outcome({key: before.replace(accepted_hash=content)}, (*accepted, closed))


class _Balance:
    """What the claims of one ST come to, and what of them cannot be: the first of each, for people to read."""

    def __init__(self) -> None:
        self.claim_count = 0
        self.paid_amount = ZERO
        self.imbalances: list[Imbalance] = []
        self.impossible: list[Finding] = []

    def take(self, claim: RemittanceClaim) -> None:
        self.claim_count += 1
        self.paid_amount += claim.paid_amount
        where = f"CLP {self.claim_count}"
        if len(self.imbalances) < FINDINGS_SHOWN_MAX:
            self.imbalances.extend(claim.imbalances(where))
        if len(self.impossible) < FINDINGS_SHOWN_MAX:
            self.impossible.extend(find_impossible(claim, where))


def _find_reason_to_hold(
    state: RemittanceState, remittance: Remittance, balance: _Balance, mismatches: Sequence[Mismatch] = ()
) -> tuple[str, tuple[Finding, ...]] | None:
    if not remittance.complete:
        finding = make_finding(
            "remittance_incomplete", "SE", "the file ends before this transaction set does", "ask for the whole file"
        )
        return "incomplete", (finding,)
    if mismatches:
        remedy = "find out whose it is; if it is ours after all, post it (`revcycle ledger admit`)"
        return NOT_FOR_US, tuple(
            make_finding("remittance_not_for_us", x.where, x.what, remedy, "operations") for x in mismatches
        )
    impossible = [*balance.impossible, *find_impossible_totals(remittance)]
    if impossible:
        return "unreadable", tuple(impossible[:FINDINGS_SHOWN_MAX])
    adjustments = remittance.provider_adjustments
    imbalances = [
        *balance.imbalances,
        *balance_payment(remittance, (balance.paid_amount,), adjustments, remittance.segment_index),
    ]
    if not imbalances and any(found.severity == ERROR for found in remittance.findings):
        return "unreadable", tuple(
            make_finding(found.code, found.where, found.what, found.remedy)
            for found in remittance.findings[:FINDINGS_SHOWN_MAX]
        )
    if imbalances:
        return "unbalanced", tuple(
            make_finding(
                f"unbalanced_{found.level}",
                found.where,
                f"{found.equation}: expected {found.expected}, found {found.found}, difference {found.difference}",
                "have the payer send a corrected 835, or post by hand from its explanation",
            )
            for found in imbalances[:FINDINGS_SHOWN_MAX]
        )
    if state.accepted_hash is not None:
        finding = make_finding(
            "remittance_conflict",
            "TRN",
            "another remittance with the same payer, trace, date, amount and payee is posted, with other content",
            "compare both documents; if the payer only used its trace number again, post it (`revcycle ledger admit`); "
            "if this is a correction, have the payer send it as reversal and correction",
        )
        return "conflict", (finding,)
    return None


def _hold(
    body: RemittanceReceived | RemittanceAdmitted,
    amount: Decimal,
    content: str,
    reason: str,
    findings: tuple[Finding, ...],
) -> tuple[Body, ...]:
    held = RemittanceHeld.model_validate(
        {
            "remittance_id": body.remittance_id,
            "reason": reason,
            "document": body.document,
            "payment_amount": amount,
            "findings": findings,
        }
    )
    owner, remedy = findings[0].owner, findings[0].remedy
    item = open_work(
        REMITTANCE_HELD,
        make_id("remittance", body.remittance_id, content),
        body.remittance_id,
        {"reason": reason, "what": findings[0].what, "remedy": remedy[:1].upper() + remedy[1:]},
        queue="operations" if owner == "operations" else "payments",
        owner=owner,
        remittance_id=body.remittance_id,
        amount=amount,
        findings=findings,
    )
    return (held, item)


def _accept(body: RemittanceReceived | RemittanceAdmitted, remittance: Remittance, claim_count: int) -> Iterator[Body]:
    yield RemittanceAccepted(
        remittance_id=body.remittance_id,
        document=body.document,
        payer_name=remittance.payer_name[:200],
        payer_identifier=remittance.payer_identifier[:200],
        trace_number=remittance.trace_number[:200],
        payment_date=remittance.payment_date,
        payment_amount=remittance.payment_amount,
        claim_count=claim_count,
        provider_adjustments=remittance.provider_adjustments,
    )
    for first in range(0, claim_count, PART_CLAIMS):
        yield RemittancePart(
            remittance_id=body.remittance_id,
            document=body.document,
            transaction_index=body.transaction_index,
            first_claim_index=first,
            claim_count=min(PART_CLAIMS, claim_count - first),
            payer_name=remittance.payer_name[:200],
            payer_identifier=remittance.payer_identifier[:200],
            payer_ids=name_payer_otherwise(remittance),
            payment_date=remittance.payment_date,
        )


def _tell_claims(part: RemittancePart, reference: Reference) -> Iterator[Body]:
    claims = reference.remittances.read_claims(
        part.document.sha256, part.transaction_index, part.first_claim_index, part.claim_count
    )
    if len(claims) != part.claim_count or any(next(find_impossible(claim, ""), None) for claim in claims):
        yield _ask_about(part)
        return
    for index, claim in enumerate(claims, part.first_claim_index):
        number = claim.patient_control_number
        yield ClaimRemitted(
            account_key=account_key_of(number) or make_unknown_key(reference.installation.secret, number),
            remittance_id=part.remittance_id,
            claim_index=index,
            payer_name=part.payer_name,
            payer_identifier=part.payer_identifier,
            payment_date=part.payment_date,
            document=part.document,
            claim=claim,
            payer_ids=part.payer_ids,
        )


def _ask_about(part: RemittancePart) -> WorkItemOpened:
    """A part of which the document knows nothing is no decision of ours."""
    last = part.first_claim_index + part.claim_count
    return open_work(
        REMITTANCE_PART_IMPOSSIBLE,
        make_id("remittance_part", part.remittance_id, part.transaction_index, part.first_claim_index),
        part.remittance_id,
        {"first": part.first_claim_index + 1, "last": last},
        remittance_id=part.remittance_id,
    )


def name_payer_otherwise(remittance: Remittance) -> tuple[str, ...]:
    """What the 835 calls its payer by beside TRN03: N104 of N1*PR, and REF*2U or NF (payer and NAIC numbers)."""
    references = (ref.value for ref in remittance.payer_references if ref.qualifier in PAYER_QUALIFIERS)
    names = dict.fromkeys((remittance.payer_health_plan_id, *references))
    return tuple(name[:200] for name in names if name and name != remittance.payer_identifier)
