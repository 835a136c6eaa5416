"""The map: every step of the revenue cycle, what it takes, what it makes, and where its rules are. Read this first.

Topics, the README's diagram, the engines and the schema catalogue are derived from this one table.
"""

from processors.claims.claim_building import EncounterClaims, build_claims, keys_of_claims
from processors.claims.coordination import CoordinatedClaim, coordinate_benefits, keys_of_coordination
from processors.coding.coding_validation import keys_of_encounter, validate_coding
from processors.coding.state import EncounterState
from processors.denials.denial_routing import keys_of_denial, route_denial
from processors.denials.memory import ClaimDenials, OverturnHistory
from processors.follow_up.claim_tracking import keys_of_tracking, track_claim
from processors.follow_up.state import PayerHistory, TrackedClaim
from processors.patients.account import PatientAccount
from processors.patients.patient_billing import bill_patient, keys_of_patient
from processors.payers.addressing import SentPayees
from processors.posting.payment_posting import keys_of_posting, post_payments
from processors.posting.standing import PostingState
from processors.remittances.contract_checking import CheckedClaim, check_contract, keys_of_contracts
from processors.remittances.deposit_matching import SameAmount, keys_of_deposits, match_deposits
from processors.remittances.remittance_closing import ClosingState, PayerBalance, close_remittance, keys_of_closing
from processors.remittances.remittance_reading import RemittanceState, keys_of_remittance, read_remittance
from processors.submission.correction import PendingClaim
from processors.submission.interchange_building import PartnerState, build_interchanges, keys_of_submission
from processors.submission.interchange_tracking import InterchangeState, keys_of_interchange, track_interchange
from schemas import events as e
from schemas.history import PatientHistory
from streams.engine.step import Effect, Step

STEPS = (
    Step(
        name="coding_validation",
        takes=(
            e.EncounterReceived,
            e.EncounterCorrected,
            e.ProviderQueried,
            e.ProviderAnswered,
            e.OverrideRequested,
            e.HistoryChanged,
        ),
        keys=keys_of_encounter,
        function=validate_coding,
        produces=(
            e.EncounterCoded,
            e.EncounterHeld,
            e.EncounterWithdrawn,
            e.EncounterSuperseded,
            e.FindingOverridden,
            e.HistoryChanged,
            e.ActRefused,
            e.WorkItemOpened,
            e.WorkItemClosed,
        ),
        states={"encounter": EncounterState, "patient": PatientHistory},
    ),
    Step(
        name="claim_building",
        takes=(e.EncounterCoded, e.EncounterHeld, e.EncounterWithdrawn),
        keys=keys_of_claims,
        function=build_claims,
        produces=(e.ClaimBuilt, e.ClaimWithdrawn, e.WorkItemOpened, e.WorkItemClosed),
        states={"encounter": EncounterClaims},
    ),
    Step(
        name="interchange_building",
        takes=(
            e.ClaimBuilt,
            e.ClaimWithdrawn,
            e.SubmissionCut,
            e.ClaimAcknowledged,
            e.ClaimRemitted,
            e.ClaimDenied,
            e.ClaimCorrectionDecided,
            e.ClaimStatusRequested,
        ),
        keys=keys_of_submission,
        function=build_interchanges,
        produces=(
            e.InterchangeBuilt,
            e.InquiryBuilt,
            e.ClaimWaiting,
            e.ClaimReleased,
            e.WorkItemOpened,
            e.WorkItemClosed,
        ),
        states={"partner": PartnerState, "claim": PendingClaim},
    ),
    Step(
        name="interchange_tracking",
        takes=(e.InterchangeBuilt, e.InterchangeWritten, e.InterchangeAcknowledged, e.ClockTicked, e.ClockSetBack),
        keys=keys_of_interchange,
        function=track_interchange,
        produces=(e.ClaimSubmitted, e.ClaimAcknowledged, e.WorkItemOpened, e.WorkItemClosed),
        states={"interchange": InterchangeState},
    ),
    Step(
        name="claim_tracking",
        takes=(
            e.ClaimSubmitted,
            e.ClaimAcknowledged,
            e.ClaimRemitted,
            e.ClaimStatusReported,
            e.PayerDecided,
            e.ClockTicked,
            e.ClockSetBack,
        ),
        keys=keys_of_tracking,
        function=track_claim,
        produces=(e.ClaimStatusRequested, e.PayerDecided, e.WorkItemOpened, e.WorkItemClosed),
        states={"claim": TrackedClaim, "payer": PayerHistory},
    ),
    Step(
        name="remittance_reading",
        takes=(e.RemittanceReceived, e.RemittanceAdmitted, e.RemittancePart, e.InterchangeBuilt),
        keys=keys_of_remittance,
        function=read_remittance,
        produces=(
            e.RemittanceAccepted,
            e.RemittanceHeld,
            e.RemittanceRepeated,
            e.RemittancePart,
            e.ClaimRemitted,
            e.WorkItemOpened,
            e.WorkItemClosed,
        ),
        states={"remittance": RemittanceState, "payees": SentPayees},
        batch_events=10,
    ),
    Step(
        name="payment_posting",
        takes=(e.ClaimSubmitted, e.ClaimRemitted, e.PaymentApplied, e.PaymentUnapplied, e.DenialWrittenOff),
        keys=keys_of_posting,
        function=post_payments,
        produces=(
            e.ChargesPosted,
            e.PaymentPosted,
            e.UnappliedReleased,
            e.WriteOffPosted,
            e.ClaimDenied,
            e.DenialResolved,
            e.ResponsibilityMoved,
            e.WorkItemOpened,
            e.WorkItemClosed,
        ),
        states={"claim": PostingState},
    ),
    Step(
        name="denial_routing",
        takes=(
            e.ClaimDenied,
            e.DenialResolved,
            e.AppealFiled,
            e.DenialWrittenOff,
            e.DenialConcluded,
            e.ClaimSubmitted,
            e.WorkItemResolved,
            e.WorkItemReopened,
            e.ClockTicked,
        ),
        keys=keys_of_denial,
        function=route_denial,
        produces=(e.DenialConcluded, e.WorkItemOpened, e.WorkItemClosed),
        states={"claim": ClaimDenials, "history": OverturnHistory},
    ),
    Step(
        name="coordination",
        takes=(e.ClaimBuilt, e.ClaimRemitted, e.DenialResolved),
        keys=keys_of_coordination,
        function=coordinate_benefits,
        produces=(e.ClaimBuilt, e.ClaimWithdrawn, e.WorkItemOpened, e.WorkItemClosed),
        states={"claim": CoordinatedClaim},
    ),
    Step(
        name="contract_checking",
        takes=(e.ClaimRemitted,),
        keys=keys_of_contracts,
        function=check_contract,
        produces=(e.WorkItemOpened, e.WorkItemClosed),
        states={"claim": CheckedClaim},
    ),
    Step(
        name="deposit_matching",
        takes=(e.RemittanceAccepted, e.DepositReceived, e.DepositMatchDecided, e.ClockTicked),
        keys=keys_of_deposits,
        function=match_deposits,
        produces=(e.DepositMatched, e.WorkItemOpened, e.WorkItemClosed),
        states={"amount": SameAmount},
    ),
    Step(
        name="patient_billing",
        takes=(
            e.ClaimSubmitted,
            e.ResponsibilityMoved,
            e.ChargesPosted,
            e.PaymentPosted,
            e.UnappliedReleased,
            e.WriteOffPosted,
            e.PatientPaymentReceived,
            e.PatientPaymentMoved,
            e.PatientPaymentReturned,
            e.PatientRefundIssued,
        ),
        keys=keys_of_patient,
        function=bill_patient,
        produces=(
            e.PatientBalanceChanged,
            e.PatientPaymentPosted,
            e.PatientCreditMoved,
            e.SmallBalanceWrittenOff,
            e.PatientRefundPosted,
            e.WorkItemOpened,
            e.WorkItemClosed,
        ),
        states={"account": PatientAccount},
    ),
    Step(
        name="remittance_closing",
        takes=(e.RemittanceAccepted, e.PaymentPosted),
        keys=keys_of_closing,
        function=close_remittance,
        produces=(e.ProviderAdjustmentsPosted, e.RemittancePosted, e.WorkItemOpened, e.WorkItemClosed),
        states={"remittance": ClosingState, "payer": PayerBalance},
    ),
)

# What is done to the world: the file of an interchange stands in the outbox before anybody says so.
EFFECTS = (Effect(name="outbox_writer", takes=(e.InterchangeBuilt, e.InquiryBuilt), produces=(e.InterchangeWritten,)),)

CONSUMERS = {part.name: part.consumes for part in (*STEPS, *EFFECTS)}

# What anybody may publish who may write to the topic: an EHR, and nobody else.
FROM_EHR = (e.EncounterReceived,)

# What only our own edges may say, signed by the workers' key: what files and the clearinghouse brought, what people do
# at their work, the clock.
FROM_EDGES = (
    e.EncounterCorrected,
    e.ProviderQueried,
    e.ProviderAnswered,
    e.OverrideRequested,
    e.SubmissionCut,
    e.ClaimCorrectionDecided,
    e.InterchangeAcknowledged,
    e.ClaimAcknowledged,
    e.ClaimStatusReported,
    e.RemittanceReceived,
    e.RemittanceAdmitted,
    e.PatientPaymentReceived,
    e.PatientPaymentMoved,
    e.PatientPaymentReturned,
    e.PatientRefundIssued,
    e.StatementIssued,
    e.DepositReceived,
    e.DepositMatchDecided,
    e.PaymentApplied,
    e.PaymentUnapplied,
    e.AppealFiled,
    e.DenialWrittenOff,
    e.WorkItemTaken,
    e.WorkItemNoted,
    e.WorkItemResolved,
    e.WorkItemReopened,
    e.ClockTicked,
    e.ClockSetBack,
)

FROM_OUTSIDE = (*FROM_EHR, *FROM_EDGES)

TOPICS = tuple(dict.fromkeys(body.topic for body in e.EVENT_TYPES.values()))
