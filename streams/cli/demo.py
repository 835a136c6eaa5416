"""`revcycle demo`: the whole cycle on made-up encounters."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.permissions import FOLDER_MODE
from connectors.settings import load_settings
from schemas.errors import ConfigurationError
from streams.cli.common import (
    DataOption,
    JsonOption,
    KafkaAddress,
    StoreUrl,
    print_json,
)
from streams.cli.screens import make_table
from streams.installation import open_installation, require_test
from streams.practice.demo import DemoReport, run_demo
from streams.reports.charges import ChargesReport, DenialCategory
from streams.terminal import console, errors

DEMO_MARK = ".revcycle-demo"


def demo(
    encounters: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many encounters.")] = 200,
    seed: Annotated[int, typer.Option(help="Same seed, same practice, same fates.")] = 1,
    data: DataOption = Path("revcycle-demo"),
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Runs the whole cycle on made-up encounters with a simulated payer; ends with totals that tie."""
    if load_settings(data, kafka=kafka, store=store).kafka:
        require_test(data)
    else:
        _clear_demo(data)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors, transient=True
    ) as progress:
        task = progress.add_task("reading code sets", total=None)
        installation = open_installation(data, kafka=kafka, store=store)
        report = run_demo(installation, encounters, seed, lambda phase: progress.update(task, description=phase))
    if as_json:
        print_json(report)
    else:
        show_demo(report, data)


def _clear_demo(data: Path) -> None:
    """A demonstration starts afresh, and never on a folder that is not one."""
    if data.exists() and any(data.iterdir()):
        if not (data / DEMO_MARK).exists():
            raise ConfigurationError(f"{data} holds something that is not a demonstration: name another --data folder")
        shutil.rmtree(data)
    data.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    (data / DEMO_MARK).touch()


def show_demo(report: DemoReport, data: Path) -> None:
    """The demonstration's last screen: the funnel, the money that ties, denials, files, and what to try next."""
    console.rule("revcycle demo")
    _show_funnel(report)
    console.say()
    _show_charges(report.charges)
    _show_denials(report.denials)
    kinds = ", ".join(f"{len(paths)} {kind}" for kind, paths in report.files.items())
    sent, received = (f"{data}/outbox", "bold"), (f"{data}/received", "bold")
    console.say()
    console.say(f"Files: {kinds}, in ", sent, " (sent) and ", received, " (answers)")
    console.say(f"Work: {report.work_items.open} open items. Digest {report.digest[:16]}. {report.seconds} s")
    program = name_program()
    console.say()
    console.say("Try next:")
    tries = [
        ("worklist", "who has to do what, by when"),
        ("kpi", "denial rate, first-pass yield, days in A/R ..."),
        ("statements", "what patients owe, in plain words"),
        ("replay verify", "rebuild everything from the events"),
    ]
    if report.try_next:
        tries.insert(0, (f"claim {report.try_next}", "the timeline of a denied claim"))
    for command, what in tries:
        console.say(f"  {f'{program} {command} --data {data}':<66} {what}")


def name_program() -> str:
    """How this program was called, as the user can call it again from here."""
    path = Path(sys.argv[0])
    if path.name != "revcycle":
        return "revcycle"
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _show_funnel(report: DemoReport) -> None:
    encounters, claims, funnel = report.encounters, report.claims, report.funnel
    console.say(
        (str(encounters.total), "bold"), " encounters -> ", (f"{encounters.coded} coded", "green"), ", ",
        (f"{encounters.held} held", "yellow"), f", {encounters.withdrawn} withdrawn",
    )  # fmt: skip
    console.say(
        (str(funnel.built), "bold"), f" claims -> {funnel.submitted} submitted -> ",
        (f"{funnel.acknowledged} acknowledged", "green"), ", ", (f"{funnel.rejected} rejected", "red"), " -> ",
        (f"{claims.paid} paid", "green"), ", ", (f"{claims.denied} denied", "red"),
        f" whole, {funnel.denied} with a denied line -> {funnel.posted} posted",
    )  # fmt: skip


def _show_charges(report: ChargesReport) -> None:
    table = make_table("Where the charges went", "", "dollars", right=("dollars",))
    table.add_row("paid by insurance", str(report.paid_by_insurance))
    table.add_row("contractual", str(report.contractual))
    table.add_row("sequestration", str(report.sequestration))
    table.add_row("paid by patients", str(report.paid_by_patients))
    table.add_row("owed by patients", str(report.owed_by_patients))
    table.add_row("written off", str(report.written_off))
    table.add_row("still open", str(report.still_open))
    if report.unapplied:
        table.add_row("of it unapplied", str(report.unapplied))
    table.add_row("charges", str(report.charges), style="bold")
    console.print(table)
    verdict = ("ties to the cent", "green") if report.ties else (f"off by {report.difference}", "red")
    console.say(verdict, f"; debits = credits in {report.entries} entries")


def _show_denials(denials: tuple[DenialCategory, ...]) -> None:
    if not denials:
        return
    table = make_table("Denials", "category", "team", "items", "dollars", right=("items", "dollars"))
    for denial in denials:
        table.add_row(denial.category, denial.queue, str(denial.items), str(denial.amount))
    console.say()
    console.print(table)
