"""The register of work: every kind of item, whose it is, how soon, and what it asks (`docs/work-items.md`)."""

from schemas.work_item import Rule, WorkKind

# Queue, owner and priority that many kinds share.
CODING = ("coding", "coder", 3)
BILLING = ("billing", "biller", 2)
BANK = ("payments", "biller", 2)
POSTING = ("payments", "biller", 3)
REFUNDS = ("refunds", "biller", 3)
OPERATIONS = ("operations", "operations", 1)

# Coding

ENCOUNTER_HELD = WorkKind(
    "{codes}",
    Rule("coding, front desk, provider queries or billing, by the finding's owner"),
    Rule("the owner of its findings: coder, biller, front desk or provider"),
    3,
    "{what}: {remedy}{documented}",
)
# The answer to whoever acted is the event ActRefused itself.
ACT_REFUSED = WorkKind("{act}_refused", *CODING, "What {who} sent ({act}) was not done: {why}. {remedy}")
CORRECTION_BEFORE_ENCOUNTER = WorkKind(
    "correction_before_encounter",
    "coding",
    "coder",
    4,
    "A correction came before the version that it corrects. It is applied when that version comes; if it does not, "
    "have the EHR send it.",
)
PROVIDER_QUERY_OPEN = WorkKind(
    "provider_query_open",
    "provider queries",
    "provider",
    3,
    "Answer the question: `revcycle query answer {encounter_id} {query_id} ANSWER`; `revcycle claim` shows it. It "
    "stops no claim.",
)
PROVIDER_QUERY_ANSWERED = WorkKind(
    "provider_query_answered",
    *CODING,
    "Read the provider's answer (`revcycle claim`), then `revcycle correct`, or `revcycle correct --confirm` when the "
    "codes are right as they are.",
)

# Claims

CLAIM_UNWRITABLE = WorkKind(
    "claim_unwritable",
    *BILLING,
    Rule("Mend in the EHR the value that X12 cannot hold, and have the encounter sent again under a new version."),
)
COVERAGE_KNOWN_LATE = WorkKind(
    "coverage_known_late",
    *BILLING,
    "The first payer had answered before the next coverage was known, so the next payer is not billed by itself. If "
    "the first payer left something to the patient, bill it to the next one by hand, with the first payer's answer.",
)
MEDICARE_SECONDARY_TYPE = WorkKind(
    "medicare_secondary_type",
    *BILLING,
    "Medicare pays after another payer here, and its claim must say why (SBR05: 12 working aged, 47 liability ...). "
    "Add the coverage's insurance type in the EHR and send the encounter again.",
)

# Submission

CLAIM_ID_COLLISION = WorkKind(
    "claim_id_collision_decision",
    *BILLING,
    "Two encounters of this patient drew the same claim id, so this claim was not built. Have the EHR send the "
    "encounter under another id.",
)
REPLACEMENT_DECISION = WorkKind(
    "replacement_decision",
    *BILLING,
    "The encounter changed after its claim was sent. Decide: `revcycle claim replace ID` sends a replacement "
    "(frequency 7); or resolve this item to let the sent claim stand.",
)
VOID_DECISION = WorkKind(
    "void_decision",
    *BILLING,
    "The encounter was withdrawn or held after its claim was sent. Decide: `revcycle claim void ID` takes the claim "
    "back (frequency 8); or resolve this item to let it stand.",
)
UNWRITABLE_DECISION = WorkKind(
    "unwritable_decision",
    *BILLING,
    "The claim cannot be written as X12 ({refusal}) and is in no file. Have the EHR send the encounter again under a "
    "new version.",
)
CORRECTION_REFUSED = WorkKind(
    "correction_refused", *BILLING, "The claim was not corrected ({decision}): {why}.", is_refusal=True
)
REFUSAL_UNMATCHED = WorkKind(
    "refusal_unmatched",
    *OPERATIONS,
    "A {source} of {partner} refuses interchange {control_number} ({codes}), and none of that number was sent to it, "
    "so no claim was marked as rejected. Ask which file it means: if it is one of ours, its claims were not received, "
    "and sending that file again does not help.",
)
INTERCHANGE_SILENT = WorkKind(
    "no_TA1_or_999",
    *OPERATIONS,
    "Neither TA1 nor 999 in {days} full days for interchange {control_number} ({file_name}). Ask the clearinghouse "
    "whether it arrived; if not, send the same file again.",
)
SENT_BEFORE = WorkKind(
    "sent_before",
    *OPERATIONS,
    "{file_name} holds claims, or has a control number, that went out in {before} before the store was set back. It "
    "was not put into the outbox but into its folder {folder}/: compare the two, and move it into the outbox to send "
    "it all the same; or resolve this item.",
)

# Follow-up

FILING_LIMIT = "the payer's limit for filing"
CLAIM_REJECTED = WorkKind(
    "rejected_{source}",
    Rule("the team of its status (`rejection_routes.csv`), else rejections"),
    Rule("as `rejection_routes.csv` says, else biller"),
    2,
    "The {source} rejected this claim ({codes}).{before} {next_action}: it goes out as a new claim, and there is "
    "nothing to appeal. The filing clock {until}.",
    deadline=f"{FILING_LIMIT}; priority 1 once it is near",
)
NO_277CA = WorkKind(
    "no_277CA",
    "follow-up",
    "biller",
    3,
    "Submitted on {sent}, and no 277CA in {waited} days. Ask the clearinghouse whether the claim reached {payer}; if "
    "it did not, send it again.",
    deadline=FILING_LIMIT,
)
NO_835 = WorkKind(
    "no_835",
    "follow-up",
    "biller",
    Rule("3; once the payer's 277 answers, 1 where it wants more information or has no such claim, else 2"),
    Rule("Read the answer to the status request (276), or call; then what the answer asks for."),
    deadline=FILING_LIMIT,
)
TIMELY_FILING_NEAR = WorkKind(
    "timely_filing_near",
    "follow-up",
    "biller",
    1,
    "{payer} takes this claim until {limit} and has not decided it. Keep the proof of submission, and call: a claim "
    "that it never had must be filed before that day.",
    deadline=FILING_LIMIT,
)

# Remittances

ANSWER_NOT_FOR_US = WorkKind(
    "answer_not_for_us",
    "operations",
    "operations",
    2,
    "Document {document}, {where}: {what}. {remedy}, and resolve this item.",
)
REMITTANCE_HELD = WorkKind(
    "remittance_{reason}",
    Rule("payments, or operations by the finding's owner"),
    Rule("the owner of its first finding"),
    1,
    "Nothing of this remittance is posted: {what}. {remedy}.",
)
REMITTANCE_PART_IMPOSSIBLE = WorkKind(
    "remittance_part_impossible",
    *OPERATIONS,
    "Claims {first} to {last} of this remittance were to be posted, and its document has no such claims, or none that "
    "can be posted: nothing was. Find out who sent this event.",
)
REMITTANCE_NOT_CLOSED = WorkKind(
    "remittance_not_closed",
    *OPERATIONS,
    "Every claim of this remittance is posted, and together they moved {moved} where its BPR02 says {paid}: it stays "
    "open. `revcycle ledger verify` tells what else does not hold; report it with the version of the program.",
)
PROVIDER_LEVEL_UNEXPLAINED = WorkKind(
    "provider_level_unexplained",
    *POSTING,
    "{payer} has kept {amount} at provider level (PLB) beyond what it had announced by reversals: `revcycle ledger "
    "--remittance` shows its adjustments. Find the reversal or refund that it goes back to, or dispute it.",
)
UNDERPAID = WorkKind(
    "underpaid {procedure}",
    "underpayments",
    "biller",
    Rule("2 from 100.00, else 3"),
    "{payer} allowed {allowed} ({arithmetic}) for {procedure}, and agreed to {expected}: {agreed}, in force from "
    "{effective}. Short by {short}. Ask the payer to reprocess the line by the contract; its claim control number is "
    "{claim_number}.",
)

# The bank

DEPOSIT_UNMATCHED = WorkKind(
    "deposit_unmatched",
    *BANK,
    Rule(
        "Find the 835 of a deposit that is no remittance that we know, or of a debit; or say which remittances it is."
    ),
)
DEPOSIT_MISSING = WorkKind(
    "deposit_missing",
    *BANK,
    "{payer} says that it {said} on {paid_on} (trace {trace_number}), and the bank does not show it. {ask}, or load "
    "the bank's file.",
)
DEPOSIT_MATCH_REFUSED = WorkKind(
    "deposit_match_refused",
    *BANK,
    "A match of {count} remittances of {total} with a deposit of {amount} was not booked: the sums differ, or one of "
    "them is matched already. `revcycle deposits` shows what waits.",
    is_refusal=True,
)

# Posting

PAYMENT_UNMATCHED = WorkKind(
    "unmatched_payment",
    *POSTING,
    "This payment of {payer} (CLP at segment {segment} of document {document}) names a patient control number that no "
    "claim of ours carries. Find whose it is and apply it (`revcycle ledger apply`), or return it to the payer.",
)
QMB_COST_SHARE = WorkKind(
    "qmb_cost_share",
    *POSTING,
    "{amount} is the cost share of a Qualified Medicare Beneficiary (RARC N781-N783): the patient may not be billed. "
    "Bill the state's Medicaid programme, or write it off by policy.",
)
REVERSAL_UNMATCHED = WorkKind(
    "reversal_unmatched",
    *POSTING,
    "The payer takes back {paid} paid and {adjusted} adjusted, but no posted remittance of it has these amounts: "
    "posted otherwise is {posted}. What exceeds it stands in unapplied payments. Find the original payment, or ask the "
    "payer what it reverses.",
)
EXCESS_OVER_OPEN_BALANCE = WorkKind(
    "excess_over_open_balance",
    *POSTING,
    "{payer} gives more than was open with it: {paid} paid, which stands in unapplied payments, and {adjusted} "
    "adjusted, which is not posted. Compare its remittances; refund, or ask for a reversal.",
)
PAID_OUT_OF_TURN = WorkKind(
    "paid_out_of_turn",
    *POSTING,
    "{payer} settled {amount} that was still open with an earlier payer. Check the order of payers, and whether the "
    "earlier payer still owes.",
)
PAYMENT_TAKEN_BACK = WorkKind(
    "payment_taken_back",
    *POSTING,
    "{payer} took back {amount} and sent no correction: the claim is open again. Look for the corrected remittance; "
    "what was billed on to the next payer or the patient must be looked at as well.",
)
NEXT_PAYER_BY_HAND = WorkKind(
    "next_payer_by_hand",
    *POSTING,
    "A payment of {before} that was applied by hand left {amount} to {payer}. Claims to later payers are built from "
    "answers to our own claim numbers only: bill this one by hand, with that payer's answer.",
)
LINE_UNMATCHED = WorkKind(
    "line_unmatched",
    *POSTING,
    "{payer} decided on lines that are none of this claim's: {lines}. Their amounts are posted to the claim as a "
    "whole. Compare its explanation with the claim: where it changed what was billed, accept it or appeal; where it "
    "answers another claim's line, ask it to reverse and correct.",
)

# Denials

DENIED = WorkKind(
    "denied {codes}",
    Rule("the team of its reason (`denial_routes.csv`)"),
    Rule("coder for coding, front desk for eligibility, else biller"),
    Rule("by what may be recovered: 1 from 1000.00, 2 from 250.00, 3 from 50.00, else 4; one sooner near the deadline"),
    Rule("What the reason's route says (`denial_routes.csv`), with the levels of appeal that are open."),
    deadline="of the level of appeal that is open (`appeal_levels.csv`), else of the route",
)

# Patients

PATIENT_REFUND = WorkKind(
    "patient_refund",
    *REFUNDS,
    "The patient paid {amount} more than they owe. Send it back, then `revcycle patient refund`.",
)
PATIENT_PAYMENT_UNAPPLIED = WorkKind(
    "patient_payment_unapplied",
    *REFUNDS,
    "The patient paid {amount} that no claim of account {account_key} takes. Keep it for what comes, send it back "
    "(`revcycle patient refund`), or give it to what it is for (`revcycle patient move`).",
)
NOTHING_BOOKED = "{amount} was said to be sent, moved or given back, and {there} is there: nothing is booked. Check it."
MOVE_NOT_POSSIBLE = WorkKind("move_not_possible", *REFUNDS, NOTHING_BOOKED, is_refusal=True)
RETURN_NOT_POSSIBLE = WorkKind("return_not_possible", *REFUNDS, NOTHING_BOOKED, is_refusal=True)
REFUND_NOT_DUE = WorkKind("refund_not_due", *REFUNDS, NOTHING_BOOKED, is_refusal=True)

# The pipeline itself

EVENT_SET_ASIDE = WorkKind(
    "event_set_aside",
    *OPERATIONS,
    "{step} cannot take {type} {event_id} ({reason}). Everything else goes on; what comes under the same key waits "
    "behind it. Once the program is mended: `revcycle aside retry {item}`; if it must never be taken: `revcycle aside "
    "drop {item} --who --why`.",
)
EVENT_CONFLICT = WorkKind(
    "event_conflict",
    "operations",
    "operations",
    2,
    "Two different {type} messages carry the id {event_id}: the first was applied, this one was not. Have the sender "
    "give the change a new version.",
)

WORK_KINDS: dict[str, WorkKind] = {name: kind for name, kind in globals().items() if isinstance(kind, WorkKind)}
REFUSALS = frozenset(kind.reason for kind in WORK_KINDS.values() if kind.is_refusal)
