"""`revcycle claim replace|void`: a person corrects a claim that the payer has."""

from typing import Literal

from schemas.events import ClaimCorrectionDecided
from schemas.roles import By
from streams.actions.door import begin, require_done
from streams.edge.submission import cut_submissions
from streams.installation import Opened
from streams.reports.claims import ClaimReport, report_claim
from streams.reports.lookup import find_claim


def correct_claim(installation: Opened, decision: Literal["replace", "void"], wanted: str, by: By) -> ClaimReport:
    """Decides to replace or void a claim, sends what can be sent, and returns the claim. Raises RefusedError."""
    claim_id = find_claim(installation, wanted)
    query = "SELECT account_key, encounter_id, trading_partner FROM claim WHERE claim_id = ?"
    account_key, encounter_id, partner = installation.store.connection.execute(query, (claim_id,)).fetchone()
    begun = begin(installation, ClaimCorrectionDecided, by, claim_id, decision)
    if done := begun.find_done():
        require_done(done)
    else:
        begun.finish(
            encounter_id, trading_partner=partner, account_key=account_key, claim_id=claim_id, decision=decision
        )
    cut_submissions(installation.store, installation.publish, by.at)
    installation.engine.run_until_quiet()
    return report_claim(installation, claim_id)
