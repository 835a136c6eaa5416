"""What a line must say or have beside it, by example."""

from datetime import date
from typing import Any

from tests.processors.coding.edits.builders import Rule, Situation, billed_before, coverage, encounter, line, lines

MEDICARE: dict[str, Any] = {"coverages": (coverage(filing_indicator="MB"),)}


def medicare(code: str, modifiers: str = "", **changes: Any) -> Situation:
    return lines(line(code, modifiers=modifiers, **changes), **MEDICARE)


def on(day: date) -> Situation:
    """A visit by video in the year of this day, at the office."""
    return lines(line(modifiers="95", service_date_from=day), start_date=day, end_date=day, **MEDICARE)


RULES = [
    *(
        Rule("therapy_modifier_missing", f"{plan} says the plan", medicare("97110"), medicare("97110", plan))
        for plan in ("GP", "GO", "GN", "GY")
    ),
    Rule("therapy_modifier_missing", "what is therapy at times only", medicare("97161"), medicare("97597")),
    Rule("therapy_modifier_missing", "Medicare's", medicare("G0283"), lines(line("G0283"))),
    *(
        Rule("modifier_at_missing", f"{modifier} beside it", medicare("98941"), medicare("98941", modifier))
        for modifier in ("AT", "GA", "GZ")
    ),
    Rule("modifier_at_missing", "of the spine alone", medicare("98940"), medicare("98943")),
    *(
        Rule(
            "telehealth_place",
            f"{place} is where the patient was",
            medicare("99213", "95"),
            medicare("99213", "95", place_of_service=place),
        )
        for place in ("02", "10")
    ),
    Rule("telehealth_place", "since 2024", on(date(2024, 1, 1)), on(date(2023, 12, 31))),
    Rule("telehealth_place", "other payers have their own", medicare("99213", "95"), lines(line(modifiers="95"))),
    Rule(
        "vaccine_without_administration",
        "both",
        lines(line("90699")),
        lines(line("90699"), line("90479", 2), line("90471", 3)),
    ),
    Rule(
        "vaccine_without_administration",
        "on another encounter of the day",
        lines(line("90699")),
        Situation(encounter("E1165", line("90699")), history=billed_before(encounter("E1165", line("G0008")))),
    ),
    Rule("administration_without_vaccine", "both", lines(line("90471")), lines(line("90471"), line("90699", 2))),
    Rule(
        "administration_without_vaccine", "the same day", lines(line("G0008")), lines(line("G0008"), line("Q2039", 2))
    ),
    Rule(
        "unlisted_without_description", "an unlisted service", lines(line("29999")), lines(line("29999", note="LASER"))
    ),
    Rule("unlisted_without_description", "a drug", lines(line("J3490")), lines(line("J3490", note="DRUG 5 MG"))),
    Rule("unlisted_without_description", "a code of its own", lines(line("J3490")), lines(line("J1100"))),
]
