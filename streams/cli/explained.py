"""`revcycle explain` on a terminal: what failed in full, what passed by name, what was not checked and why."""

from rich.markup import escape

from streams.cli.common import console
from streams.explaining import Json


def show_explained(report: Json, *, with_passed: bool) -> None:
    """Every line and diagnosis; rows of tables stand under the edit that they decided."""
    _print(
        f"[bold]{report['encounter_id']}[/] version {escape(report['version'])} is {report['decision']} "
        f"(decision {report['revision']}, judged on {report['judged_on']})"
    )
    for subject in report["subjects"]:
        _show_subject(subject, with_passed)
    for finding in report["beside_edits"]:
        _print(f"[yellow]{finding['severity']}[/] {_spell(finding)}")
    for item in report["overridden"]:
        _print(f"[dim]set aside by {escape(item['who'])} ({item['role']})[/] {_spell(item['finding'])}")
    for item in report["uncoded"]:
        _print(f'not mapped: {item["kind"]} {item["system"]} {item["code"]} "{escape(item["description"])}"')
        for candidate in item["candidates"]:
            mark = "=>" if candidate["is_chosen"] else "  "
            _print(f"    {mark} {candidate['target']:<8} {escape(candidate['advice'])}")
    for sentence in report["not_loaded"]:
        _print(f"[dim]{escape(sentence)}[/]")


def _show_subject(subject: Json, with_passed: bool) -> None:
    results = subject["results"]
    failed = [result for result in results if result["outcome"] == "failed"]
    passed = [result for result in results if result["outcome"] == "passed"]
    unchecked = [result for result in results if result["outcome"] == "not checked"]
    counts = f"{len(passed)} passed, {len(failed)} failed, {len(unchecked)} not checked"
    _print(f"\n[bold]{escape(subject['where'])}[/]{escape(_describe_line(subject))}  [dim]{counts}[/]")
    for row in subject["rows"]:
        _print(f"  [dim]{escape(row)}[/]")
    for result in failed:
        for finding in result["findings"]:
            style = "yellow" if finding["severity"] == "warn" else "red"
            _print(f"  [{style}]{finding['severity']}[/] {_spell(finding)}")
        _print(f"       [dim]{escape(result['citation'])}[/]")
        _show_rows(result)
    for result in passed:
        if with_passed:
            _print(f"  [green]ok[/] {result['edit']}  [dim]{escape(result['citation'])}[/]")
        if with_passed or result["rows"]:
            _show_rows(result, "" if with_passed else f"{result['edit']} passed: ")
    if unchecked:
        needs = sorted({name for result in unchecked for name in result["needs"]})
        names = " ".join(dict.fromkeys(result["edit"] for result in unchecked))
        _print(f"  [dim]not checked, for want of {', '.join(needs)}: {names}[/]")


def _describe_line(subject: Json) -> str:
    if "units" not in subject:
        return ""
    modifiers = "".join(f"-{modifier}" for modifier in subject["modifiers"])
    pointers = ",".join(map(str, subject["diagnosis_pointers"]))
    return f"{modifiers} x{subject['units']} {subject['charge_amount']} for diagnoses {pointers}"


def _show_rows(result: Json, head: str = "") -> None:
    for row in result["rows"]:
        _print(f"       [dim]{escape(head)}{escape(row)}[/]")


def _spell(finding: Json) -> str:
    return escape(f"{finding['code']} at {finding['where']}: {finding['what']} -> {finding['remedy']}")


def _print(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
