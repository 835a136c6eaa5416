"""Commands of coders: correct an encounter, ask its provider, override a warning."""

from typing import Annotated, Any

import typer

from schemas.errors import RefusedError
from schemas.events import (
    EncounterAct,
    EncounterCorrected,
    OverrideRequested,
    ProviderAnswered,
    ProviderQueried,
)
from streams.actions.amendments import AmendmentError, find_line_id, read_added_line, read_diagnoses, read_line_change
from streams.actions.door import Done
from streams.actions.encounters import CodingOutcome, begin_act, finish_act, report_outcome
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    WhoOption,
    open_existing,
    print_json,
    read_person,
    show_findings,
)
from streams.reports.encounters import find_encounter
from streams.terminal import console, errors

query_app = typer.Typer(no_args_is_help=True, help="Questions to providers about what is documented.")
EncounterArgument = Annotated[str, typer.Argument(metavar="ENCOUNTER", help="Our id, the EHR's, or a claim's.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the record.")]
LineOption = Annotated[
    list[str] | None, typer.Option("--line", help="'2 modifiers=25,59 units=2 pointers=1,2 code=99214'; repeatable.")
]
AddOption = Annotated[list[str] | None, typer.Option("--add-line", help="'code=97110 units=1 charge=80.00'.")]
RemoveOption = Annotated[list[str] | None, typer.Option("--remove-line", help="The line's number; repeatable.")]


def correct(
    encounter: EncounterArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    diagnoses: Annotated[str | None, typer.Option(help="The whole list, principal first: E11.65,I10")] = None,
    line: LineOption = None,
    add_line: AddOption = None,
    remove_line: RemoveOption = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="It is right as it stands: judge it again.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Amends codes, modifiers, pointers or units of an encounter, and judges it again.

    Exit status 1 when it is held, or the change is refused.
    """
    if confirm == bool(diagnoses or line or add_line or remove_line):
        raise RefusedError("say what to change (--diagnoses, --line, --add-line, --remove-line), or --confirm alone")
    installation = open_existing(data)
    found = find_encounter(installation, encounter)
    said = (diagnoses or "", line or (), add_line or (), remove_line or ())
    begun = begin_act(installation, EncounterCorrected, found, read_person(who, why, role), *said)
    try:
        changes: dict[str, Any] = {
            "lines": tuple(read_line_change(text, found.encounter) for text in line or ()),
            "added_services": tuple(
                read_added_line(text, found.encounter, f"added-{begun.action_id}-{number}")
                for number, text in enumerate(add_line or (), 1)
            ),
            "removed_lines": tuple(find_line_id(number, found.encounter) for number in remove_line or ()),
            "diagnoses": read_diagnoses(diagnoses, found.encounter) if diagnoses else None,
        }
    except AmendmentError as error:
        raise RefusedError(str(error)) from None
    _tell(finish_act(begun, found, **changes), as_json)


@query_app.command("ask")
def ask(
    encounter: EncounterArgument,
    question: Annotated[str, typer.Argument(help="What the documentation leaves open.")],
    who: WhoOption,
    role: RoleOption = "",
    provider: Annotated[str, typer.Option(help="Whom, when it is not the rendering provider.")] = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Asks the provider; a held encounter waits for the answer.

    Exit status 1 when the question is refused.
    """
    installation = open_existing(data)
    found = find_encounter(installation, encounter)
    begun = begin_act(installation, ProviderQueried, found, read_person(who, role=role), provider, question)
    _tell(finish_act(begun, found, provider=provider, question=question), as_json)


@query_app.command("answer")
def answer(
    encounter: EncounterArgument,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="The question's id, or its beginning.")],
    words: Annotated[str, typer.Argument(metavar="ANSWER", help="The provider's words.")],
    who: WhoOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Answers a question; a coder then corrects the encounter or confirms it.

    Exit status 1 when the answer is refused.
    """
    installation = open_existing(data)
    found = find_encounter(installation, encounter)
    asked = [item.query_id for item in found.state.queries if item.query_id.startswith(query)]
    query_id = asked[0] if len(asked) == 1 else query
    begun = begin_act(installation, ProviderAnswered, found, read_person(who, role=role), query_id, words)
    _tell(finish_act(begun, found, query_id=query_id, answer=words), as_json)


def override(
    encounter: EncounterArgument,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id, such as icd10_excludes1.")],
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    where: Annotated[str, typer.Option(help="Its place, where several have the id: 'line 2 97110'.")] = "",
    document: Annotated[str, typer.Option(help="What bears it out: a note, an ABN, a letter of the payer.")] = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Sets a warning aside, or releases a hold of a payer's policy, with a reason, by a role that may.

    A released encounter is judged again at once; docs/edits.md says which holds are policy.

    Exit status 1 when it is refused.
    """
    installation = open_existing(data)
    found = find_encounter(installation, encounter)
    begun = begin_act(installation, OverrideRequested, found, read_person(who, why, role), finding, where, document)
    _tell(finish_act(begun, found, finding_code=finding, where=where, document_name=document), as_json)


def _tell(done: Done, as_json: bool) -> None:
    """What became of an act; exit status 1 when something is still wrong."""
    act = done.event.body
    assert isinstance(act, EncounterAct)
    report = report_outcome(done)
    if as_json:
        print_json(report)
    else:
        _show(report, act)
    if report.outcome == "refused" or (report.outcome == "held" and act.act == "correct"):
        raise typer.Exit(1)


def _show(report: CodingOutcome, act: EncounterAct) -> None:
    words = {
        "coded": "coded: `revcycle claim` shows what becomes of its claim",
        "held": "held:",
        "overridden": "overridden: the warning is set aside, nothing else is changed",
        "recorded": f"recorded ({act.act} {act.action_id})",
        "refused": f"refused: {report.refused.because} -> {report.refused.remedy}" if report.refused else "",
    }
    terminal = errors if report.outcome == "refused" else console
    terminal.say(words[report.outcome])
    show_findings(report.findings)
