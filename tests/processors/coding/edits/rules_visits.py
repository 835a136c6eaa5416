"""Visits and what stands beside or before them, by example: 25, 57, global days, new patients, repeats."""

from dataclasses import replace
from datetime import timedelta

from schemas.codesets import AddOnCode
from tests.processors.coding.edits.builders import (
    DAY,
    OTHER_NPI,
    Rule,
    Situation,
    Tables,
    billed_before,
    encounter,
    fee,
    line,
    lines,
    provider,
    ptp,
)

FEES = {
    "17110": fee("17110", global_days="010"),
    "27447": fee("27447", global_days="090", bilateral="1"),
    "99213": fee("99213"),
}
# An immunisation without global days, and a small procedure: the visit is column 2 of both.
BESIDE = Tables(fees=FEES, pairs=(ptp("90479", "99213", "1"), ptp("17110", "99213", "1")))
NEVER = Tables(fees=FEES, pairs=(ptp("90479", "99213", "0"),))
PARTNER = provider(OTHER_NPI, taxonomy="207Q00000X")
ADD_ON = Tables(add_ons={"99299": AddOnCode("99299", "1", frozenset(["99298"]), "2026 Q4")})


def beside(modifiers: str = "", *others: str, tables: Tables = BESIDE) -> Situation:
    """A visit with these modifiers beside other services of the day; the others carry RT."""
    services = [line(code, number, "RT") for number, code in enumerate(others or ("90479",), 2)]
    return lines(line("99213", modifiers=modifiers), *services, tables=tables)


def on_another_encounter(earlier: str, now: str, *, days: int = 0, modifiers: str = "") -> Situation:
    """A line of an earlier encounter of the same practice's partner, and a line of this one."""
    on = DAY - timedelta(days=days)
    before = encounter("E1165", line(earlier, service_date_from=on), start_date=on, rendering_provider=PARTNER)
    return Situation(
        encounter("E1165", line(now, modifiers=modifiers)),
        replace(BESIDE, add_ons=ADD_ON.add_ons),
        billed_before(before),
    )


def after_surgery(days: int, modifiers: str = "", surgery: str = "27447", code: str = "99213") -> Situation:
    on = DAY - timedelta(days=days)
    earlier = encounter("E1165", line(surgery, service_date_from=on), start_date=on)
    return Situation(encounter("E1165", line(code, modifiers=modifiers)), Tables(fees=FEES), billed_before(earlier))


def seen_before(years: int, days: int = 0, npi: str = "1234567893") -> Situation:
    on = DAY.replace(year=DAY.year - years) + timedelta(days=days)
    who = provider(npi, taxonomy="207Q00000X")
    earlier = encounter(
        "E1165", line("99213", service_date_from=on), start_date=on, rendering_provider=who, billing_provider=who
    )
    return Situation(encounter("E1165", line("99203")), Tables(), billed_before(earlier))


def met_before(code: str, modifiers: str = "") -> Situation:
    """A new patient to whom the practice did this half a year before."""
    on = DAY - timedelta(days=180)
    earlier = encounter("E1165", line(code, modifiers=modifiers, service_date_from=on), start_date=on)
    return Situation(encounter("E1165", line("99203")), Tables(), billed_before(earlier))


RULES = [
    Rule(
        "modifier_25_missing",
        "an evaluation beside a 0 or 10 day procedure",
        lines(line("99213"), line("17110", 2), tables=Tables(fees=FEES)),
        lines(line("99213", modifiers="25"), line("17110", 2), tables=Tables(fees=FEES)),
        "line 1 99213",
    ),
    Rule(
        "modifier_57_missing",
        "an evaluation on the day of a 90 day procedure, or the day before",
        lines(
            line("99213", service_date_from=DAY - timedelta(days=1)),
            line("27447", 2),
            tables=Tables(fees=FEES),
            start_date=DAY - timedelta(days=1),
        ),
        lines(line("99213", modifiers="57"), line("27447", 2), tables=Tables(fees=FEES)),
    ),
    *(
        Rule(
            "modifier_25_missing",
            f"{what} sets no visit apart",
            beside(modifiers),
            beside(f"{modifiers} 25"),
            "line 1 99213",
        )
        for what, modifiers in (("59", "59"), ("XU", "XU"), ("a side", "RT"), ("76", "76"))
    ),
    Rule("modifier_25_missing", "24 does, in the global days of another surgery", beside(), beside("24")),
    Rule("modifier_25_missing", "a pair that no modifier allows is told as that", beside(), beside(tables=NEVER)),
    Rule("ncci_ptp_not_allowed", "whatever the visit carries", beside("25", tables=NEVER), beside("25")),
    Rule(
        "modifier_25_missing",
        "of a partner's procedure on another encounter",
        on_another_encounter("17110", "99213"),
        on_another_encounter("17110", "99213", modifiers="25"),
        "line 1 99213",
    ),
    Rule(
        "modifier_25_missing",
        "an earlier visit is told at the procedure",
        on_another_encounter("99213", "17110"),
        on_another_encounter("99213", "17110", days=1),
        "line 1 17110",
    ),
    Rule(
        "modifier_57_missing",
        "the visit of the day before, on another encounter",
        on_another_encounter("99213", "27447", days=1),
        on_another_encounter("99213", "27447", days=2),
        "line 1 27447",
    ),
    Rule(
        "add_on_without_primary",
        "a partner of the same specialty did the primary",
        on_another_encounter("99298", "99299", days=1),
        on_another_encounter("99298", "99299"),
    ),
    Rule(
        "duplicate_of_earlier_claim",
        "the same service on another claim of that day",
        Situation(history=billed_before(encounter())),
        Situation(encounter("E1165", line(modifiers="76")), history=billed_before(encounter())),
    ),
    Rule("new_patient_within_three_years", "three years, to the day", seen_before(3, days=1), seen_before(3)),
    Rule(
        "new_patient_within_three_years",
        "another practice does not count",
        seen_before(1),
        seen_before(1, 0, OTHER_NPI),
    ),
    Rule("visit_within_global_days", "90 days after major surgery", after_surgery(90), after_surgery(91)),
    Rule(
        "visit_within_global_days", "24: unrelated visit", after_surgery(10, surgery="17110"), after_surgery(10, "24")
    ),
    Rule(
        "procedure_within_global_days",
        "58, 78 or 79 on a procedure in the global days",
        after_surgery(30, code="17110"),
        after_surgery(30, "79", code="17110"),
    ),
    *(
        Rule("new_patient_within_three_years", f"{code} meets the patient", met_before(code), met_before("93999"))
        for code in ("G0402", "G0438", "G0439", "99024", "17110", "90837", "98941")
    ),
    *(
        Rule(
            "new_patient_within_three_years",
            f"{code} {modifiers} does not",
            met_before("99213"),
            met_before(code, modifiers),
        )
        for code, modifiers in (
            ("93999", ""),
            ("71046", "26"),
            ("17110", "26"),
            ("90479", ""),
            ("J1100", ""),
            ("0500F", ""),
        )
    ),
    Rule("visit_within_global_days", "FT: unrelated critical care", after_surgery(10), after_surgery(10, "FT")),
]
