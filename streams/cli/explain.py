"""`revcycle explain`: why an encounter stands as it does."""

from typing import Annotated

import typer

from processors.coding.edits import RELEASABLE
from processors.coding.edits.explanation import EditResult
from schemas.findings import Finding
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    open_existing,
    print_json,
)
from streams.reports.encounters import find_encounter
from streams.reports.explanation import ExplainedLine, ExplainedSubject, Explanation
from streams.reports.explanation import explain as explain_encounter
from streams.terminal import console

EncounterArgument = Annotated[str, typer.Argument(metavar="ENCOUNTER", help="Our id, the EHR's, or a claim's.")]


def explain(
    encounter: EncounterArgument,
    all_edits: Annotated[bool, typer.Option("--all", help="Also name each edit that passed.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Each line with the edits that passed, failed and were not checked, with citation and the rows that decided."""
    installation = open_existing(data)
    report = explain_encounter(installation, find_encounter(installation, encounter))
    if as_json:
        print_json(report)
    else:
        show_explained(report, with_passed=all_edits)


def show_explained(report: Explanation, *, with_passed: bool) -> None:
    """Every line and diagnosis; rows of tables stand under the edit that they decided."""
    console.say(
        (report.encounter_id, "bold"), f" version {report.version} is {report.decision} "
        f"(decision {report.revision}, judged on {report.judged_on})",
    )  # fmt: skip
    for subject in report.subjects:
        _show_subject(subject, with_passed)
    for finding in report.beside_edits:
        console.say((finding.severity, "yellow"), f" {_spell(finding)}")
    for item in report.overridden:
        done = "set aside" if item.finding.severity == "warn" else "released"
        console.say((f"{done} by {item.who} ({item.role})", "dim"), f" {_spell(item.finding)}")
    for uncoded in report.uncoded:
        console.say(f'not mapped: {uncoded.kind} {uncoded.system} {uncoded.code} "{uncoded.description}"')
        for candidate in uncoded.candidates:
            mark = "=>" if candidate.is_chosen else "  "
            console.say(f"    {mark} {candidate.target:<8} {candidate.advice}")
    for sentence in report.not_loaded:
        console.say((sentence, "dim"))


def _show_subject(subject: ExplainedSubject, with_passed: bool) -> None:
    results = subject.results
    failed = [result for result in results if result.outcome == "failed"]
    passed = [result for result in results if result.outcome == "passed"]
    unchecked = [result for result in results if result.outcome == "not checked"]
    counts = f"{len(passed)} passed, {len(failed)} failed, {len(unchecked)} not checked"
    console.say()
    console.say((subject.where, "bold"), _describe_line(subject), (f"  {counts}", "dim"))
    for row in subject.rows:
        console.say((f"  {row}", "dim"))
    for result in failed:
        for finding in result.findings:
            style = "yellow" if finding.severity == "warn" else "red"
            console.say("  ", (finding.severity, style), f" {_spell(finding)}")
            if finding.severity != "warn" and finding.code in RELEASABLE:
                console.say(("       a payer's policy: mend it, or release it with `revcycle override`", "dim"))
        console.say((f"       {result.citation}", "dim"))
        _show_rows(result)
    for result in passed:
        if with_passed:
            console.say("  ", ("ok", "green"), f" {result.edit}  ", (result.citation, "dim"))
        if with_passed or result.rows:
            _show_rows(result, "" if with_passed else f"{result.edit} passed: ")
    if unchecked:
        needs = sorted({name for result in unchecked for name in result.needs})
        names = " ".join(dict.fromkeys(result.edit for result in unchecked))
        console.say((f"  not checked, for want of {', '.join(needs)}: {names}", "dim"))


def _describe_line(subject: ExplainedSubject) -> str:
    if not isinstance(subject, ExplainedLine):
        return ""
    modifiers = "".join(f"-{modifier}" for modifier in subject.modifiers)
    pointers = ",".join(map(str, subject.diagnosis_pointers))
    return f"{modifiers} x{subject.units} {subject.charge_amount} for diagnoses {pointers}"


def _show_rows(result: EditResult, head: str = "") -> None:
    for row in result.rows:
        console.say((f"       {head}{row}", "dim"))


def _spell(finding: Finding) -> str:
    return f"{finding.code} at {finding.where}: {finding.what} -> {finding.remedy}"
