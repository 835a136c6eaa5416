"""The numerators and denominators of the key figures, in SQL that SQLite and Postgres both take.

Each query gives (group, numerator, denominator) for claims, entries or denials between `{start}` and `{end}` (days as
text, both included); cents, counts or days. `{group}` is one value for all, the claim's first payer, or a month.
Definitions: HFMA MAP keys, as domain rules section 6 names them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

# Claims to later payers bill the same charges again: a claim here is the one to the first payer.
FIRST = "length(claim.claim_id) = 16"
BOOKED = "FROM entry_line JOIN entry USING (entry_id) LEFT JOIN claim ON claim.claim_id = entry.claim_id"
IN_WINDOW = "substr(entry.occurred_at, 1, 10) BETWEEN '{start}' AND '{end}'"
MOVED = "(debit_cents - credit_cents)"
NET_REVENUE = f"WHEN account IN ('gross_charges', 'contractual_adjustments', 'sequestration') THEN -{MOVED} ELSE 0 END)"
REVENUE = f"SUM(CASE {NET_REVENUE}"
OPEN = "(claim.charge_cents - claim.paid_cents - claim.adjusted_cents - claim.patient_cents)"
DECIDED = f"FROM claim WHERE {FIRST} AND claim.decided_on BETWEEN '{{start}}' AND '{{end}}'"
INITIALLY_DENIED = (
    "EXISTS (SELECT 1 FROM denial WHERE denial.claim_id = claim.claim_id "
    "AND denial.remittance_id = claim.first_remittance_id)"
)


@dataclass(frozen=True)
class KpiQuery:
    """One key figure: its two sums by group, what it counts by (the month's column), and what it leaves out.

    `scale` turns numerator / denominator into the unit; a `balance` is of one day and has no months.
    """

    key: str
    name: str
    unit: Literal["days", "percent"]
    sql: str
    month: str
    exclusions: str
    amounts: bool = False  # numerator and denominator are cents
    is_balance: bool = False


KPI_QUERIES = (
    KpiQuery(
        "days_in_ar",
        "days in accounts receivable",
        "days",
        f"SELECT {{group}}, SUM(CASE WHEN account IN ('insurance_receivable', 'patient_receivable', "
        f"'unapplied_payments') THEN {MOVED} ELSE 0 END), SUM(CASE WHEN NOT ({IN_WINDOW}) THEN 0 {NET_REVENUE} "
        f"{BOOKED} WHERE substr(entry.occurred_at, 1, 10) <= '{{end}}' GROUP BY 1",
        "",
        "provider-level balances; the denominator is the average day's charges less contractual and sequestration",
        amounts=True,
        is_balance=True,
    ),
    KpiQuery(
        "aged_ar_over_90",
        "receivables of insurers older than 90 days",
        "percent",
        f"SELECT {{group}}, SUM(CASE WHEN claim.submitted_on < '{{aged}}' THEN {OPEN} ELSE 0 END), SUM({OPEN}) "
        f"FROM claim WHERE {FIRST} AND submitted = 1 AND {OPEN} > 0 GROUP BY 1",
        "claim.submitted_on",
        "what patients owe; age counts from the day the claim was first sent",
        amounts=True,
        is_balance=True,
    ),
    KpiQuery(
        "clean_claim_rate",
        "claims that no edit held and nobody touched",
        "percent",
        "SELECT {group}, SUM(CASE WHEN encounter.held_ever = 0 THEN 1 ELSE 0 END), COUNT(*) FROM claim "
        "JOIN encounter ON encounter.encounter_id = claim.encounter_id "
        f"WHERE {FIRST} AND claim.submitted_on BETWEEN '{{start}}' AND '{{end}}' GROUP BY 1",
        "claim.submitted_on",
        "claims to later payers",
    ),
    KpiQuery(
        "initial_denial_rate",
        "claims of which the first remittance denied something",
        "percent",
        f"SELECT {{group}}, SUM(CASE WHEN {INITIALLY_DENIED} THEN 1 ELSE 0 END), COUNT(*) {DECIDED} GROUP BY 1",
        "claim.decided_on",
        "claims without a remittance, and those whose remittance came before they were sent",
    ),
    KpiQuery(
        "initial_denial_rate_dollars",
        "dollars that the first remittance denied, of the charges decided",
        "percent",
        "SELECT {group}, SUM((SELECT COALESCE(SUM(denied_cents), 0) FROM denial WHERE denial.claim_id = claim.claim_id "
        f"AND denial.remittance_id = claim.first_remittance_id)), SUM(claim.charge_cents) {DECIDED} GROUP BY 1",
        "claim.decided_on",
        "claims without a remittance, and those whose remittance came before they were sent",
        amounts=True,
    ),
    KpiQuery(
        "first_pass_yield",
        "claims decided without rejection or denial",
        "percent",
        f"SELECT {{group}}, SUM(CASE WHEN claim.rejected = '' AND NOT {INITIALLY_DENIED} THEN 1 ELSE 0 END), COUNT(*) "
        f"{DECIDED} GROUP BY 1",
        "claim.decided_on",
        "claims without a remittance, and those whose remittance came before they were sent",
    ),
    KpiQuery(
        "denial_write_off_rate",
        "denials written off, of net revenue",
        "percent",
        f"SELECT {{group}}, SUM(CASE WHEN account = 'denial_write_offs' THEN {MOVED} ELSE 0 END), {REVENUE} {BOOKED} "
        f"WHERE {IN_WINDOW} GROUP BY 1",
        "entry.occurred_at",
        "write-offs for other reasons; net revenue is charges less contractual and sequestration",
        amounts=True,
    ),
    KpiQuery(
        "net_collection_rate",
        "payments of what could be collected",
        "percent",
        f"SELECT {{group}}, SUM(CASE WHEN account IN ('remittance_clearing', 'bank') THEN {MOVED} ELSE 0 END), "
        f"SUM(CASE WHEN account IN ('gross_charges', 'contractual_adjustments') THEN -{MOVED} ELSE 0 END) {BOOKED} "
        f"WHERE {IN_WINDOW} AND entry.claim_id IS NOT NULL GROUP BY 1",
        "entry.occurred_at",
        "cash of no claim of ours, provider-level adjustments, interest",
        amounts=True,
    ),
    KpiQuery(
        "days_to_appeal",
        "days from denial to appeal",
        "days",
        "SELECT {group}, SUM(denial.appeal_days), COUNT(*) FROM denial JOIN claim ON claim.claim_id = denial.claim_id "
        "WHERE denial.appealed_on BETWEEN '{start}' AND '{end}' GROUP BY 1",
        "denial.appealed_on",
        "denials that were not appealed; the latest level counts",
    ),
    KpiQuery(
        "days_to_resolution",
        "days from denial to its end",
        "days",
        "SELECT {group}, SUM(denial.days), COUNT(*) FROM denial JOIN claim ON claim.claim_id = denial.claim_id "
        "WHERE denial.concluded_on BETWEEN '{start}' AND '{end}' GROUP BY 1",
        "denial.concluded_on",
        "denials that are still open",
    ),
    KpiQuery(
        "overturned_share",
        "denials that ended in a payment",
        "percent",
        "SELECT {group}, SUM(CASE WHEN outcome = 'recovered' THEN 1 ELSE 0 END), COUNT(*) FROM denial "
        "JOIN claim ON claim.claim_id = denial.claim_id "
        "WHERE denial.concluded_on BETWEEN '{start}' AND '{end}' GROUP BY 1",
        "denial.concluded_on",
        "denials that are still open",
    ),
    KpiQuery(
        "recovered_share_dollars",
        "dollars recovered of the dollars denied",
        "percent",
        "SELECT {group}, SUM(recovered_cents), SUM(denied_cents) FROM denial "
        "JOIN claim ON claim.claim_id = denial.claim_id "
        "WHERE denial.concluded_on BETWEEN '{start}' AND '{end}' GROUP BY 1",
        "denial.concluded_on",
        "denials that are still open",
        amounts=True,
    ),
)


def write_query(query: KpiQuery, by: str, as_of: date, days: int) -> str:
    """The SQL of a figure by `all`, `payer` or `month`; every value in it is ours."""
    group = {"all": "'all'", "payer": "COALESCE(claim.payer_name, '')", "month": f"substr({query.month}, 1, 7)"}[by]
    start = as_of - timedelta(days=days - 1)
    aged = as_of - timedelta(days=90)
    return query.sql.format(group=group, start=start.isoformat(), end=as_of.isoformat(), aged=aged.isoformat())
