"""Procedure edits by example, from the fee schedule's indicators, the NCCI manual and the claims manual."""

from datetime import date, timedelta
from typing import Any

from schemas.codesets import AddOnCode, Article, CoverageGroup
from tests.processors.coding.edits.builders import (
    DAY,
    OTHER_NPI,
    Rule,
    Situation,
    Tables,
    billed_before,
    coverage,
    dated,
    encounter,
    fee,
    line,
    lines,
    patient,
    provider,
    ptp,
)

MEDICARE: dict[str, Any] = {"coverages": (coverage(filing_indicator="MB"),)}
FEES = {
    "17110": fee("17110", global_days="010"),
    "27447": fee("27447", global_days="090", bilateral="1"),
    "71046": fee("71046", professional_technical="1"),
    "99213": fee("99213"),
}


def with_status(status: str, code: str = "97999", *, modifiers: str = "", filing_indicator: str = "MB") -> Situation:
    """One line of a code that has this status in the fee schedule."""
    tables = Tables(fees={code: fee(code, status=status)})
    cover = coverage(filing_indicator=filing_indicator)
    return lines(line(code, modifiers=modifiers), tables=tables, coverages=(cover,))


def ambulance(modifier: str, code: str = "A0499") -> Situation:
    """One journey; the HCPCS file has no pairs of origin and destination."""
    pairs = {pair: dated(pair, date(2030, 1, 1)) for pair in ("RH", "XH", "SX")}
    return lines(line(code, modifiers=modifier), tables=Tables(dated_codes=pairs))


def second(modifier: str, indicator: str, payer: str = "MB") -> Situation:
    """A second surgeon on a code with this indicator for assistants, co-surgeons and teams."""
    row = fee("29999", assistant=indicator, co_surgeon=indicator, team=indicator)
    cover = coverage(filing_indicator=payer)
    return lines(line("29999", modifiers=modifier), tables=Tables(fees={"29999": row}), coverages=(cover,))


def paired(indicator: str, modifiers1: str = "", modifiers2: str = "", on: date = DAY) -> Situation:
    """Column 1 20610 beside column 2 76942."""
    tables = Tables(pairs=(ptp("20610", "76942", indicator),))  # type: ignore[arg-type]
    services = (
        line("20610", 1, modifiers1, service_date_from=on), line("76942", 2, modifiers2, service_date_from=on),
    )  # fmt: skip
    return Situation(encounter("E1165", *services, start_date=on, end_date=on), tables)


def covered(diagnoses: str, also: tuple[str, ...] = (), contractor: str = "05102", modifiers: str = "") -> Situation:
    groups = (CoverageGroup("1", frozenset(["E1165"]), also), CoverageGroup("2", frozenset(["I10"]), ("1",)))
    article = Article("57743", frozenset([contractor]), None, None, groups, frozenset(), "2026-10-01")
    pointers = tuple(range(1, len(diagnoses.split()) + 1))
    visit = encounter(diagnoses, line("83036", modifiers=modifiers, diagnosis_pointers=pointers), **MEDICARE)
    return Situation(visit, Tables(coverage={"83036": (article,)}))


EXCLUDING = Article("1", frozenset(), None, None, (), frozenset(["E1165"]), "2026-10-01")
ADD_ONS = {code: AddOnCode(code, "1", frozenset(["11042"]), "2026 Q4") for code in ("11045",)}

RULES = [
    Rule(
        "procedure_shape", "five characters of the code system", lines(line("9921", code_system="CPT")), lines(line())
    ),
    Rule(
        "procedure_wrong_code_system",
        "the code system travels with the code",
        lines(line("J1100", code_system="CPT")),
        lines(line("J1100", code_system="HCPCS")),
    ),
    Rule("hcpcs_unknown", "a HCPCS code stands in CMS's file", lines(line("J9998")), lines(line("J1100"))),
    Rule("cpt_unknown", "a CPT code stands in the licensed file", lines(line("99999")), lines(line("99213"))),
    Rule(
        "hcpcs_not_in_force",
        "in force through the termination date, that day included",
        lines(line("G0001"), tables=Tables(dated_codes={"G0001": dated("G0001", None, DAY - timedelta(days=1))})),
        lines(line("G0001"), tables=Tables(dated_codes={"G0001": dated("G0001", None, DAY)})),
    ),
    Rule(
        "cpt_not_in_force",
        "in force through the termination date, that day included",
        lines(line("97110"), tables=Tables(dated_codes={"97110": dated("97110", None, DAY - timedelta(days=1))})),
        lines(line("97110"), tables=Tables(dated_codes={"97110": dated("97110", None, DAY)})),
    ),
    Rule(
        "hcpcs_unknown",
        "dental codes stand in the dental association's file",
        lines(line("J9998")),
        lines(line("D9998"), tables=Tables(unknown=frozenset(["D9998"]))),
    ),
    Rule(
        "procedure_shape",
        "dental codes are HCPCS Level II",
        lines(line("W1234", code_system="HCPCS")),
        lines(line("D1234")),
    ),
    *(
        Rule(
            "procedure_status_not_payable",
            f"status {status} is not taken by Medicare",
            with_status(status),
            with_status(status, modifiers="GY"),
        )
        for status in "FGHIN"
    ),
    *(
        Rule(
            "procedure_status_not_payable",
            f"status {status} is paid by another schedule, or by time",
            with_status("N"),
            with_status(status),
        )
        for status in "XECRJMQTA"
    ),
    Rule(
        "procedure_bundled",
        "suppliers are paid by a schedule of their own",
        with_status("P", "A4999"),
        Situation(
            encounter("E1165", line("A4999"), rendering_provider=provider(taxonomy="332B00000X"), **MEDICARE),
            Tables(fees={"A4999": fee("A4999", status="P")}),
        ),
    ),
    Rule("procedure_status_not_payable", "Medicare's own", with_status("I"), with_status("I", filing_indicator="CI")),
    *(
        Rule(
            "procedure_bundled",
            f"status {status} is paid with other services",
            with_status(status),
            with_status(status, "99024"),
        )
        for status in "BP"
    ),
    Rule("modifier_shape", "two letters or digits", lines(line(modifiers="2")), lines(line(modifiers="25"))),
    Rule("modifier_duplicate", "once each", lines(line(modifiers="25 25")), lines(line(modifiers="25 24"))),
    Rule("modifier_conflict", "50 is both sides", lines(line(modifiers="50 RT")), lines(line(modifiers="RT"))),
    Rule("modifier_unknown", "valid on the date", lines(line(modifiers="ZZ")), lines(line(modifiers="LT"))),
    Rule(
        "modifier_unknown",
        "where an ambulance comes from and goes to",
        ambulance("ZZ"),
        ambulance("RH"),
    ),
    Rule("modifier_unknown", "X is no origin", ambulance("XH"), ambulance("SX")),
    Rule("modifier_unknown", "for ambulances alone", ambulance("RH", "E1399"), ambulance("RH")),
    Rule("modifier_26_with_tc", "one part or the whole", lines(line("71999", modifiers="26 TC")), lines(line("71999"))),
    *(
        Rule(
            "modifier_not_for_code",
            f"{modifier} on {wrong}",
            lines(line(wrong, modifiers=modifier)),
            lines(line(right, modifiers=modifier)),
        )
        for modifier, wrong, right in (
            ("25", "80999", "99213"),
            ("57", "80999", "99213"),
            ("24", "71999", "99213"),
            ("25", "29999", "G0438"),
            ("25", "J1100", "96999"),
            ("LT", "99213", "29999"),
            ("50", "99213", "92014"),
        )
    ),
    *(
        Rule("modifier_surgeon_not_allowed", f"{modifier} by indicator", second(modifier, "9"), second(modifier, "2"))
        for modifier in ("80", "82", "AS", "62", "66")
    ),
    Rule("modifier_surgeon_not_allowed", "1 allows no assistant", second("80", "1"), second("80", "2")),
    Rule("modifier_surgeon_not_allowed", "a set without indicators judges nobody", second("62", "0"), second("62", "")),
    Rule("modifier_surgeon_not_allowed", "Medicare's", second("62", "0"), second("62", "0", "CI")),
    Rule(
        "modifier_50_units",
        "both sides are one unit",
        lines(line("29999", modifiers="50", units="2"), **MEDICARE),
        lines(line("29999", modifiers="50"), **MEDICARE),
    ),
    Rule(
        "modifier_26_tc_not_allowed",
        "26 needs PC/TC indicator 1 or 6",
        lines(line("99213", modifiers="26"), tables=Tables(fees=FEES)),
        lines(line("71046", modifiers="26"), tables=Tables(fees=FEES)),
    ),
    Rule(
        "modifier_50_not_allowed",
        "50 needs bilateral indicator 1 or 3",
        lines(line("71046", modifiers="50"), tables=Tables(fees=FEES)),
        lines(line("27447", modifiers="50"), tables=Tables(fees=FEES)),
    ),
    Rule("ncci_ptp_not_allowed", "indicator 0: never, 59 or not", paired("0", "", "59"), paired("9"), "line 2 76942"),
    Rule("ncci_ptp_modifier_missing", "indicator 1 with 59 on column 2", paired("1"), paired("1", "", "59")),
    Rule("ncci_ptp_modifier_missing", "59 on column 1 since July 2019", paired("1"), paired("1", "59", "")),
    Rule(
        "ncci_ptp_modifier_does_not_qualify",
        "59 on column 1 did not count before July 2019",
        paired("1", "59", "", date(2019, 6, 30)),
        paired("1", "59", "", date(2019, 7, 1)),
    ),
    Rule("ncci_ptp_modifier_does_not_qualify", "76 is no NCCI modifier", paired("1", "", "76"), paired("1", "", "RT")),
    Rule(
        "ncci_ptp_not_allowed",
        "the other claims of that day count",
        Situation(
            encounter("E1165", line("76942")),
            Tables(pairs=(ptp("20610", "76942", "0"),)),
            billed_before(encounter("E1165", line("20610"))),
        ),
        Situation(
            encounter("E1165", line("76942")),
            Tables(pairs=(ptp("20610", "76942", "0"),)),
            billed_before(encounter("E1165", line("20610"), rendering_provider=provider(OTHER_NPI))),
        ),
    ),
    Rule(
        "add_on_without_primary",
        "an add-on is paid beside its primary only",
        lines(line("11045"), line("99213", 2), tables=Tables(add_ons=ADD_ONS)),
        lines(line("11045"), line("11042", 2), tables=Tables(add_ons=ADD_ONS)),
        "line 1 11045",
    ),
    Rule(
        "procedure_sex_conflict",
        "surgery of the male genital system on a woman",
        lines(line("55700")),
        lines(line("55700"), patient=patient(sex="M")),
    ),
    Rule("necessity_not_covered", "a covered diagnosis must be pointed to", covered("M5459"), covered("E1165")),
    Rule("necessity_not_covered", "both groups of a pair", covered("I10"), covered("I10 E1165")),
    Rule("necessity_not_covered", "GA: the patient signed", covered("M5459"), covered("M5459", modifiers="GA")),
    Rule(
        "necessity_diagnosis_excluded",
        "diagnoses that an article never covers",
        lines(line("83036"), tables=Tables(coverage={"83036": (EXCLUDING,)}), **MEDICARE),
        lines(line("83036"), tables=Tables(coverage={"83036": (EXCLUDING,)})),
    ),
    Rule(
        "necessity_no_article",
        "another contractor's article does not judge",
        covered("I10", contractor="X"),
        covered("E1165"),
    ),
]
