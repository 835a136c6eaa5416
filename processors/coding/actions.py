"""What people do about an encounter: a correction is applied, a question asked or answered, a finding overridden.

Each act is judged first: may this role do it, and was it done on the version that stands?
"""

from processors.coding.decision import READ_AGAIN, RESEND, OpenEncounter, apply_correction, decide, judge_open, refuse
from processors.coding.edits import RELEASABLE
from processors.coding.state import Query, is_older, make_query_item_id
from schemas.events import (
    EncounterAct,
    EncounterCorrected,
    FindingOverridden,
    Overridden,
    OverrideRequested,
    ProviderAnswered,
    ProviderQueried,
)
from schemas.findings import Finding
from schemas.identifiers import make_id
from schemas.work_item import open_work
from schemas.work_kinds import CORRECTION_BEFORE_ENCOUNTER, PROVIDER_QUERY_ANSWERED, PROVIDER_QUERY_OPEN

EARLY_MAX = 50


def take_act(desk: OpenEncounter, act: EncounterAct) -> None:
    """Does what the act asks for, or refuses it with the reason."""
    refusal = desk.reference.installation.refuse_person(act.act, act.who, act.role)
    if refusal is not None:
        refuse(desk, act, refusal, "Have somebody with the right role do it; [roles] in revcycle.toml names them.")
    elif act.version != desk.state.version:
        _take_other_version(desk, act)
    elif isinstance(act, EncounterCorrected):
        apply_correction(desk, act)
    elif desk.state.encounter is None:
        refuse(desk, act, "the encounter does not stand, or was received before corrections were kept", RESEND)
    elif desk.state.encounter.patient.id != act.patient_id:
        refuse(desk, act, "it names another patient than the encounter", READ_AGAIN)
    elif isinstance(act, ProviderQueried):
        _ask(desk, act)
    elif isinstance(act, ProviderAnswered):
        _answer(desk, act)
    elif isinstance(act, OverrideRequested):
        _override(desk, act)


def _take_other_version(desk: OpenEncounter, act: EncounterAct) -> None:
    """A correction of a version that has not come yet waits for it; everything else is too late or has no ground."""
    order = act.version_order or act.version
    is_early = not desk.state.version or is_older(desk.state.version_order, order)
    if is_early and isinstance(act, EncounterCorrected) and len(desk.state.early) < EARLY_MAX:
        desk.change(early=(*desk.state.early, act))
        desk.open_item(
            open_work(
                CORRECTION_BEFORE_ENCOUNTER,
                make_id("early", desk.encounter_id, act.action_id),
                desk.account_key,
                encounter_id=desk.encounter_id,
            )
        )
    elif is_early:
        refuse(desk, act, "the version that it names has not come", READ_AGAIN)
    else:
        why = f"it was made on version {act.version}, and version {desk.state.version} stands now"
        refuse(desk, act, why, READ_AGAIN)


def _ask(desk: OpenEncounter, act: ProviderQueried) -> None:
    """A held encounter waits for the answer as well; a coded one goes on, for its claim may be with the payer."""
    query = Query(query_id=act.action_id, is_holding=desk.state.decision == "held")
    desk.change(queries=(*desk.state.queries, query))
    if query.is_holding:
        decide(desk, "a question to the provider goes with it")
        return
    desk.open_item(
        open_work(
            PROVIDER_QUERY_OPEN,
            make_query_item_id(desk.encounter_id, query),
            desk.account_key,
            {"encounter_id": desk.encounter_id, "query_id": query.query_id},
            encounter_id=desk.encounter_id,
        )
    )


def _answer(desk: OpenEncounter, act: ProviderAnswered) -> None:
    asked = next((query for query in desk.state.queries if query.query_id == act.query_id), None)
    if asked is None or asked.is_answered:
        why = "no such question is open" if asked is None else "the question is answered already"
        refuse(desk, act, why, "`revcycle claim ENCOUNTER` shows the open questions.")
        return
    answered = asked.replace(is_answered=True)
    desk.change(queries=tuple(answered if query is asked else query for query in desk.state.queries))
    if asked.is_holding:
        decide(desk, "the provider answered")
        return
    question = make_query_item_id(desk.encounter_id, asked)
    desk.close_items(tuple(item for item in desk.state.open_items if item == question), "the provider answered")
    desk.change(open_items=tuple(item for item in desk.state.open_items if item != question))
    desk.open_item(
        open_work(
            PROVIDER_QUERY_ANSWERED,
            make_query_item_id(desk.encounter_id, answered),
            desk.account_key,
            encounter_id=desk.encounter_id,
        )
    )


def _override(desk: OpenEncounter, act: OverrideRequested) -> None:
    """Sets a warning aside, or releases a hold of a payer's policy; whatever else holds is mended, never overridden."""
    found = [
        finding
        for finding in dict.fromkeys(judge_open(desk).findings)
        if finding.code == act.finding_code and act.where in ("", finding.where)
    ]
    why = _refuse_override(act, found)
    if why is not None:
        refuse(desk, act, why, "`revcycle explain ENCOUNTER` shows every finding with its place and severity.")
        return
    for finding in found:
        overridden = Overridden(
            finding=finding, who=act.who, role=act.role, why=act.why, document_name=act.document_name
        )
        desk.change(overrides=(*desk.state.overrides, overridden))
        desk.outputs.append(
            FindingOverridden(
                account_key=desk.account_key,
                encounter_id=desk.encounter_id,
                revision=desk.state.revision,
                overridden=overridden,
            )
        )
    if any(finding.severity != "warn" for finding in found):
        decide(desk, "a hold was released")


def _refuse_override(act: OverrideRequested, found: list[Finding]) -> str | None:
    if not found:
        return f"the encounter has no finding {act.finding_code}" + (f" at {act.where}" if act.where else "")
    places = tuple(dict.fromkeys(finding.where for finding in found))
    if len(places) > 1:
        return f"the finding stands in several places ({', '.join(places)}): say which"
    if any(finding.severity != "warn" for finding in found) and act.finding_code not in RELEASABLE:
        return (
            f"{act.finding_code} holds the encounter, and only a warning can be overridden, or a hold of a payer's "
            "policy released: mend it"
        )
    return None
