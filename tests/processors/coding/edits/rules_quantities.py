"""Medically unlikely edits by example: by line and by day, by who bills and who pays."""

from datetime import date, timedelta

from schemas.codesets import Mue
from tests.processors.coding.edits.builders import (
    DAY,
    Rule,
    Situation,
    Tables,
    billed_before,
    coverage,
    encounter,
    fee,
    line,
    lines,
    provider,
)


def limited(indicator: str, limit: int, *units: str, before: str = "") -> Situation:
    mue = Mue("97110", limit, indicator, "policy", "2026 Q4")  # type: ignore[arg-type]
    services = [line("97110", number, units=one, modifiers="59") for number, one in enumerate(units, 1)]
    history = billed_before(encounter("E1165", line("97110", units=before))) if before else billed_before()
    return Situation(encounter("E1165", *services), Tables(mues={"97110": mue}), history)


def unallowed(payer: str, *, modifiers: str = "", taxonomy: str = "207Q00000X", payer_id: str = "05102") -> Situation:
    """A code of which practitioners' tables allow none and the suppliers' one."""
    none, one = (Mue("E1399", limit, "2", "policy", "2026 Q4") for limit in (0, 1))
    tables = Tables(mues={"E1399": none}, mues_of={"dme": {"E1399": one}})
    cover = coverage(filing_indicator=payer, payer_id=payer_id)
    return lines(
        line("E1399", modifiers=modifiers),
        tables=tables,
        coverages=(cover,),
        rendering_provider=provider(taxonomy=taxonomy),
    )


LIMITED = Tables(
    mues={"97110": Mue("97110", 4, "3", "policy", "2026 Q4")},
    mues_of={"medicaid_practitioner": {"97110": Mue("97110", 4, "1", "", "2026 Q4")}},
)
BOTH_SIDES = Tables(
    mues={"27447": Mue("27447", 1, "3", "policy", "2026 Q4")}, fees={"27447": fee("27447", bilateral="1")}
)


def covering(payer: str, *units: str) -> Situation:
    """Five units of a code of which each day allows four; or these, line by line."""
    services = [line("97110", number, units=one, modifiers="59") for number, one in enumerate(units or ("5",), 1)]
    return lines(*services, tables=LIMITED, coverages=(coverage(filing_indicator=payer),))


def supplied(code: str, end: date = DAY) -> Situation:
    """Two units from a supplier, of a code of which each day allows one."""
    tables = Tables(mues_of={"dme": {code: Mue(code, 1, "3", "equipment", "2026 Q4")}})
    supplier = provider(taxonomy="332B00000X")
    return lines(line(code, units="2", service_date_to=end), tables=tables, rendering_provider=supplier, end_date=end)


def limited_span(days: int, units: str, indicator: str = "3") -> Situation:
    end = DAY + timedelta(days=days)
    mue = Mue("97110", 4, indicator, "policy", "2026 Q4")  # type: ignore[arg-type]
    return lines(line("97110", units=units, service_date_to=end), tables=Tables(mues={"97110": mue}), end_date=end)


def limited_after_span(units: str, units_before: str) -> Situation:
    """An earlier claim bills its units over eight days from the same day on."""
    end = DAY + timedelta(days=7)
    earlier = encounter("E1165", line("97110", units=units_before, service_date_to=end), end_date=end)
    visit = encounter("E1165", line("97110", units=units, modifiers="59"))
    return Situation(visit, LIMITED, billed_before(earlier))


def at_centre(units: str) -> Situation:
    centre = provider(taxonomy="261QA1903X")
    return lines(line("27447", units=units, place_of_service="24"), tables=BOTH_SIDES, billing_provider=centre)


RULES = [
    Rule("mue_line", "MAI 1 judges each line by itself", limited("1", 4, "5"), limited("1", 4, "4", "4")),
    *(
        Rule(
            "mue_not_covered",
            f"none of those who publish no such table: {payer}",
            unallowed("MB"),
            unallowed(payer),
        )
        for payer in ("CI", "BL", "HM", "CH", "WC", "16", "ZZ")
    ),
    Rule("mue_not_covered", "Medicaid's own table", unallowed("MC"), unallowed("MB", modifiers="GY")),
    Rule(
        "mue_not_covered",
        "a supplier is judged by the suppliers' table",
        unallowed("MB"),
        unallowed("MB", taxonomy="332B00000X"),
    ),
    Rule("mue_not_covered", "so is who bills a DME contractor", unallowed("MB"), unallowed("MB", payer_id="17013")),
    Rule(
        "mue_day",
        "units of a span are divided by its days and rounded",
        limited_span(3, "18"),
        limited_span(3, "17"),
    ),
    Rule(
        "mue_supply_of_days",
        "what a supplier dispenses for a month is dated to its days",
        supplied("A4999"),
        supplied("A4999", DAY + timedelta(days=29)),
    ),
    Rule("mue_day", "equipment is of its day", supplied("E1399"), supplied("A4999")),
    Rule("mue_line", "MAI 1 too", limited_span(3, "18", "1"), limited_span(3, "17", "1")),
    Rule("mue_day", "the span of an earlier claim too", limited("3", 4, "3", before="2"), limited_after_span("3", "8")),
    Rule(
        "mue_day",
        "units of aftercare are days",
        limited("3", 4, "5"),
        lines(line("97110", modifiers="55", units="60"), tables=LIMITED),
    ),
    Rule(
        "mue_day",
        "a surgery centre bills both sides as two units",
        at_centre("3"),
        at_centre("2"),
    ),
    Rule("mue_day", "a practice does not", lines(line("27447", units="2"), tables=BOTH_SIDES), at_centre("2")),
    *(
        Rule("mue_day", f"not {payer}: limits of its own", covering("CI"), covering(payer))
        for payer in ("WC", "AM", "LM")
    ),
    Rule("mue_line", "Medicaid's are of lines", covering("MC", "5"), covering("MC", "4", "4")),
    Rule("mue_day_absolute", "MAI 2 adds up the lines of a day", limited("2", 4, "3", "2"), limited("2", 4, "2", "2")),
    Rule("mue_day", "MAI 3 adds up the claims of a day", limited("3", 4, "3", before="2"), limited("3", 4, "4")),
]
