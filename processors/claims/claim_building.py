"""A coded encounter becomes professional claims.

In: EncounterCoded, EncounterHeld, EncounterWithdrawn. Out: ClaimBuilt for each claim of at most 50 lines whose content
is new, ClaimWithdrawn for each that no longer stands. Patient control numbers: one for each version of a claim (CLM01).
"""

from processors.claims.content import list_coverages, make_claim
from schemas.base import Frozen
from schemas.claim import require_professional
from schemas.encounter import CodedEncounter, CodedLine
from schemas.event import Body, Event
from schemas.events import (
    ClaimBuilt,
    ClaimPayer,
    ClaimSummary,
    ClaimWithdrawn,
    EncounterCoded,
    EncounterHeld,
    EncounterWithdrawn,
    SubmittedLine,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import make_id, make_patient_control_number
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import CLAIM_UNWRITABLE
from schemas.x12.x837p_005010x222a1.trial import find_unwritable

VERSIONS_MAX = 99  # two digits of the patient control number
# Never billed on the wrong form: a hospital bill waits until the 837I is built here.
NO_HOSPITAL_CLAIMS = "hospital claims (837I) are not built here yet: bill this one in the hospital's own system"
LINES_MAX = 50  # 2400 repeats at most 50 times in an 837P


class BuiltClaim(Frozen):
    """One claim of an encounter; `content` tells a real change from the same encounter sent again."""

    claim_id: str
    version: int
    content: str
    stands: bool = True


class EncounterClaims(Frozen):
    """The claims of an encounter, and the last decision about it that was followed."""

    revision: int = 0
    claims: tuple[BuiltClaim, ...] = ()
    unwritable: tuple[str, ...] = ()  # claim ids with an open work item


def keys_of_claims(event: Event) -> tuple[str, ...]:
    """One key for each encounter."""
    match event.body:
        case EncounterCoded() | EncounterHeld() | EncounterWithdrawn() as body:
            return (f"encounter:{body.encounter_id}",)
    return ()


def build_claims(states: States, event: Event, reference: Reference) -> Outcome:
    """Builds, rebuilds or withdraws the claims of one encounter."""
    body = event.body
    assert isinstance(body, EncounterCoded | EncounterHeld | EncounterWithdrawn)
    (key,) = keys_of_claims(event)
    state = read_state(states, key, EncounterClaims)
    if body.revision <= state.revision:
        return Outcome()
    partner = reference.installation.submitter.receiver_id
    built: dict[str, BuiltClaim] = {claim.claim_id: claim for claim in state.claims}
    outputs: list[Body] = []
    wanted: set[str] = set()
    unwritable: set[str] = set()
    if isinstance(body, EncounterCoded):
        for index, lines in enumerate(split_lines(body.encounter.lines), 1):
            number = make_patient_control_number(body.account_key, body.encounter_id, index, 1)
            claim_id = number[:16]
            wanted.add(claim_id)
            earlier = built.get(claim_id)
            content = _identify_content(body.encounter, lines)
            if earlier is not None and earlier.stands and earlier.content == content:
                continue
            version = earlier.version + 1 if earlier else 1
            if version > VERSIONS_MAX:
                outputs.append(_open_unwritable(body, claim_id, f"CLM01: {VERSIONS_MAX} versions are used up"))
                continue
            number = make_patient_control_number(body.account_key, body.encounter_id, index, version)
            refusal = NO_HOSPITAL_CLAIMS if body.encounter.hospital else _find_missing(body.encounter)
            event_body = None if refusal else _build(body, lines, number, partner)
            if event_body is not None:
                refusal = find_unwritable(require_professional(event_body.claim))
            if event_body is None or refusal is not None:
                outputs.append(_open_unwritable(body, claim_id, refusal or ""))
                unwritable.add(claim_id)
                wanted.discard(claim_id)  # what was built of it before no longer says what was documented
                continue
            built[claim_id] = BuiltClaim(claim_id=claim_id, version=version, content=content)
            outputs.append(event_body)
    for claim_id, claim in sorted(built.items()):
        if claim.stands and claim_id not in wanted:
            built[claim_id] = claim.replace(stands=False)
            outputs.append(
                ClaimWithdrawn(
                    trading_partner=partner,
                    account_key=body.account_key,
                    encounter_id=body.encounter_id,
                    claim_id=claim_id,
                    revision=body.revision,
                )
            )
    for claim_id in sorted(set(state.unwritable) - unwritable):
        reason = "a later version of the encounter answers it"
        item_id = make_id("unwritable", claim_id)
        outputs.append(WorkItemClosed(item_id=item_id, account_key=body.account_key, reason=reason))
    after = EncounterClaims(
        revision=body.revision,
        claims=tuple(built[name] for name in sorted(built)),
        unwritable=tuple(sorted(unwritable)),
    )
    return Outcome({key: after}, tuple(outputs))


def _find_missing(encounter: CodedEncounter) -> str | None:
    """What a claim cannot be without, and coding lets no encounter be without."""
    if encounter.billing_provider is None:
        return "the encounter has no billing provider"
    return None if encounter.coverages else "the encounter has no coverage"


def _open_unwritable(body: EncounterCoded, claim_id: str, refusal: str) -> WorkItemOpened:
    return open_work(
        CLAIM_UNWRITABLE,
        make_id("unwritable", claim_id),
        body.account_key,
        claim_id=claim_id,
        encounter_id=body.encounter_id,
        next_action=f"The claim cannot be written as X12 ({refusal}). Mend the value in the EHR and send the encounter "
        "again under a new version.",
    )


def split_lines(lines: tuple[CodedLine, ...]) -> list[tuple[CodedLine, ...]]:
    """At most 50 lines a claim, in order."""
    return [lines[start : start + LINES_MAX] for start in range(0, len(lines), LINES_MAX)]


def _identify_content(encounter: CodedEncounter, lines: tuple[CodedLine, ...]) -> str:
    return make_id(encounter.replace(version="-", lines=lines).model_dump_json())


def _build(body: EncounterCoded, lines: tuple[CodedLine, ...], number: str, partner: str) -> ClaimBuilt:
    claim = make_claim(body.encounter, lines, number)
    first, *further = list_coverages(body.encounter)
    summary = ClaimSummary(
        account_key=body.account_key,
        encounter_id=body.encounter_id,
        claim_id=number[:16],
        patient_control_number=number,
        payer_id=first.payer_id,
        payer_name=first.payer_name,
        filing_indicator=first.filing_indicator,
        charge_amount=claim.charge_amount,
        lines=tuple(
            SubmittedLine(
                line_control_number=line.line_control_number,
                procedure=line.procedure,
                modifiers=line.modifiers,
                units=line.units,
                charge_amount=line.charge_amount,
                service_date=line.service_date,
            )
            for line in claim.lines
        ),
        patient_paid_amount=claim.patient_paid_amount,
        further_payers=tuple(ClaimPayer(payer_id=c.payer_id, payer_name=c.payer_name) for c in further),
    )
    return ClaimBuilt(
        trading_partner=partner,
        encounter_id=body.encounter_id,
        revision=body.revision,
        summary=summary,
        claim=claim,
    )
