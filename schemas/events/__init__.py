"""Every event of the pipeline: past-tense facts, one class a type, one topic each.

The map of who makes and who takes them is `streams/pipeline.py`.
"""

from schemas.event import Body
from schemas.events.claims import (
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimPayer,
    ClaimReleased,
    ClaimSubmitted,
    ClaimSummary,
    ClaimWaiting,
    ClaimWithdrawn,
    InterchangeAcknowledged,
    InterchangeBuilt,
    InterchangeClaim,
    InterchangeWritten,
    SubmissionCut,
    SubmittedLine,
)
from schemas.events.coding import (
    ActRefused,
    EncounterAct,
    EncounterCorrected,
    FindingOverridden,
    LineChange,
    Overridden,
    OverrideRequested,
    ProviderAnswered,
    ProviderQueried,
)
from schemas.events.encounters import (
    Candidate,
    EncounterCoded,
    EncounterHeld,
    EncounterReceived,
    EncounterSuperseded,
    EncounterWithdrawn,
    UncodedItem,
)
from schemas.events.remittances import (
    ChargesPosted,
    ClaimDenied,
    ClaimRemitted,
    DeniedAdjustment,
    PaymentPosted,
    ProviderAdjustmentsPosted,
    RemittanceAccepted,
    RemittanceHeld,
    RemittancePosted,
    RemittanceReceived,
    RemittanceRepeated,
    UnappliedReleased,
)
from schemas.events.work import (
    ClockTicked,
    WorkItemAction,
    WorkItemClosed,
    WorkItemNoted,
    WorkItemOpened,
    WorkItemReopened,
    WorkItemResolved,
    WorkItemTaken,
)


def _find_types(base: type[Body]) -> list[type[Body]]:
    return [body for child in base.__subclasses__() for body in (child, *_find_types(child))]


EVENT_TYPES: dict[str, type[Body]] = {body.type: body for body in _find_types(Body) if hasattr(body, "type")}

__all__ = [
    "EVENT_TYPES",
    "ActRefused",
    "Candidate",
    "ChargesPosted",
    "ClaimAcknowledged",
    "ClaimBuilt",
    "ClaimDenied",
    "ClaimPayer",
    "ClaimReleased",
    "ClaimRemitted",
    "ClaimSubmitted",
    "ClaimSummary",
    "ClaimWaiting",
    "ClaimWithdrawn",
    "ClockTicked",
    "DeniedAdjustment",
    "EncounterAct",
    "EncounterCoded",
    "EncounterCorrected",
    "EncounterHeld",
    "EncounterReceived",
    "EncounterSuperseded",
    "EncounterWithdrawn",
    "FindingOverridden",
    "InterchangeAcknowledged",
    "InterchangeBuilt",
    "InterchangeClaim",
    "InterchangeWritten",
    "LineChange",
    "Overridden",
    "OverrideRequested",
    "PaymentPosted",
    "ProviderAdjustmentsPosted",
    "ProviderAnswered",
    "ProviderQueried",
    "RemittanceAccepted",
    "RemittanceHeld",
    "RemittancePosted",
    "RemittanceReceived",
    "RemittanceRepeated",
    "SubmissionCut",
    "SubmittedLine",
    "UnappliedReleased",
    "UncodedItem",
    "WorkItemAction",
    "WorkItemClosed",
    "WorkItemNoted",
    "WorkItemOpened",
    "WorkItemReopened",
    "WorkItemResolved",
    "WorkItemTaken",
]
