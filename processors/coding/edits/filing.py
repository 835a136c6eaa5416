"""The record behind the bill and the time left to bill it."""

from collections.abc import Iterator

from processors.coding.edits.case import Check, Edit, EditedEncounter
from processors.payers.terms import find_filing_limit
from schemas.findings import Finding

NEAR_DAYS = 30

NOT_DOCUMENTED = Edit(
    "service_not_documented", "warn", "coder",
    "{code} is billed, and the record's coded procedures do not hold it.",
    "Have the service documented, or remove it.",
    "Social Security Act s. 1833(e)",
)  # fmt: skip
FILING_NEAR = Edit(
    "timely_filing_near", "warn", "biller",
    "{days} days are left to file this service ({plan}: until {limit}).",
    "File it first.",
    "payer_terms.csv; Medicare: 42 CFR 424.44(a)",
)  # fmt: skip
FILING_PAST = Edit(
    "timely_filing_past", "hold", "biller",
    "The time to file this service ended {days} days ago ({plan}: {limit}).",
    "Bill only under an exception of the payer (Medicare: 42 CFR 424.44(b), and a denial for it cannot be appealed).",
    "payer_terms.csv; Medicare: 42 CFR 424.44(a)",
    is_policy=True,
)  # fmt: skip


def check_documentation(case: EditedEncounter) -> Iterator[Finding]:
    """Lines without a coded procedure behind them, in records that code their procedures as CPT or HCPCS."""
    documented = {
        fact.code
        for fact in case.encounter.documentation
        if fact.kind == "procedure" and fact.system in ("CPT", "HCPCS")
    }
    if documented:
        for line in case.lines:
            if line.code not in documented:
                yield NOT_DOCUMENTED.breach(line.where, code=line.code)


def check_filing(case: EditedEncounter) -> Iterator[Finding]:
    """How long the payer takes a claim: from the line's first day, or the stay's last. What the table says of anybody
    is a guess, and holds no claim."""
    terms = case.terms
    if case.as_of is None or terms is None or (terms.payer, terms.filing_indicator) == ("*", "*"):
        return
    for line in case.lines:
        limit = find_filing_limit(terms, [line.line.service_date_to if case.is_institutional else line.on])
        assert limit is not None
        days_left = (limit - case.as_of).days
        if days_left < 0:
            yield FILING_PAST.breach(line.where, days=-days_left, plan=terms.plan, limit=limit)
        elif days_left <= NEAR_DAYS:
            yield FILING_NEAR.breach(line.where, days=days_left, plan=terms.plan, limit=limit)


CHECKS = (Check(check_documentation, (NOT_DOCUMENTED,)), Check(check_filing, (FILING_NEAR, FILING_PAST)))
