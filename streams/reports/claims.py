"""`revcycle claim`: one claim's story, or an encounter's with all its claims."""

from typing import Literal

from connectors.stores.projections.claim import CLAIM_STATE
from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import Report, money
from streams.reports.lookup import find
from streams.reports.timeline import TimelineEvent, list_timeline

ClaimState = Literal["submitted", "acknowledged", "rejected", "paid", "denied", "open", "withdrawn"]
EncounterState = Literal["received", "held", "coded", "withdrawn"]


class ClaimReport(Report):
    """A claim's state, amounts and timeline; an encounter's is that of its first claim, with the sums of all."""

    id: str
    encounter_id: str
    patient_control_number: str | None
    state: ClaimState | EncounterState
    charge_amount: Sum
    paid_amount: Sum
    adjusted_amount: Sum
    patient_amount: Sum
    open_amount: Sum
    timeline: tuple[TimelineEvent, ...]


def report_claim(installation: Asked, wanted: str) -> ClaimReport:
    """The timeline of one claim, or of an encounter with all the claims that it was split into. Raises RefusedError."""
    connection = installation.store.connection
    found = find(installation, wanted, "claim", "encounter")
    columns = (
        f"claim_id, encounter_id, patient_control_number, {CLAIM_STATE}, charge_cents, paid_cents, adjusted_cents, "
        "patient_cents, submitted"
    )
    query = f"SELECT {columns} FROM claim WHERE {found.kind}_id = ? ORDER BY claim_id"
    claims = connection.execute(query, (found.id,)).fetchall()
    encounter_id = claims[0][1] if claims else found.id
    query = "SELECT state FROM encounter WHERE encounter_id = ?"
    encounter = connection.execute(query, (encounter_id,)).fetchone()
    subjects = {encounter_id, *(row[0] for row in claims)}
    charge, paid, adjusted, patient = (sum(row[place] for row in claims) for place in range(4, 8))
    return ClaimReport(
        id=claims[0][0] if claims else encounter_id,
        encounter_id=encounter_id,
        patient_control_number=claims[0][2] if claims else None,
        state=claims[0][3] if claims else encounter[0],
        charge_amount=money(charge),
        paid_amount=money(paid),
        adjusted_amount=money(adjusted),
        patient_amount=money(patient),
        open_amount=money(sum(row[4] - row[5] - row[6] - row[7] for row in claims if row[8])),
        timeline=list_timeline(installation, sorted(subjects)),
    )
