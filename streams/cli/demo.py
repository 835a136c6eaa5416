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
from streams.installation import Opened, open_installation, require_test
from streams.practice.demo import run_demo
from streams.reports.base import Json, money
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
        result = run_demo(installation, encounters, seed, lambda phase: progress.update(task, description=phase))
    if as_json:
        print_json(result)
    else:
        show_demo(installation, result, data)


def _clear_demo(data: Path) -> None:
    """A demonstration starts afresh, and never on a folder that is not one."""
    if data.exists() and any(data.iterdir()):
        if not (data / DEMO_MARK).exists():
            raise ConfigurationError(f"{data} holds something that is not a demonstration: name another --data folder")
        shutil.rmtree(data)
    data.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    (data / DEMO_MARK).touch()


def show_demo(installation: Opened, result: Json, data: Path) -> None:
    """The demonstration's last screen: the funnel, the money that ties, denials, files, and what to try next."""
    encounters, claims = result["encounters"], result["claims"]
    connection = installation.store.connection
    built, submitted, acknowledged, rejected, denied, posted = connection.execute(
        "SELECT count(*), coalesce(sum(submitted), 0), coalesce(sum(accepted <> ''), 0), "
        "coalesce(sum(rejected <> ''), 0), coalesce(sum(denied), 0), coalesce(sum(posted), 0) FROM claim"
    ).fetchone()
    console.rule("revcycle demo")
    console.say(
        (str(encounters["total"]), "bold"), " encounters -> ", (f"{encounters['coded']} coded", "green"), ", ",
        (f"{encounters['held']} held", "yellow"), f", {encounters['withdrawn']} withdrawn",
    )  # fmt: skip
    console.say(
        (str(built), "bold"), f" claims -> {submitted} submitted -> ", (f"{acknowledged} acknowledged", "green"), ", ",
        (f"{rejected} rejected", "red"), " -> ", (f"{claims['paid']} paid", "green"), ", ",
        (f"{claims['denied']} denied", "red"), f" whole, {denied} with a denied line -> {posted} posted",
    )  # fmt: skip
    console.say()
    show_tie(installation)
    _show_denials(installation)
    kinds = ", ".join(f"{len(paths)} {kind}" for kind, paths in result["files"].items())
    sent, received = (f"{data}/outbox", "bold"), (f"{data}/received", "bold")
    console.say()
    console.say(f"Files: {kinds}, in ", sent, " (sent) and ", received, " (answers)")
    console.say(
        f"Work: {result['work_items']['open']} open items. Digest {result['digest'][:16]}. {result['seconds']} s"
    )
    found = connection.execute(
        "SELECT claim_id FROM claim WHERE denied = 1 AND paid_cents = 0 ORDER BY charge_cents DESC, claim_id LIMIT 1"
    ).fetchone()
    program = name_program()
    console.say()
    console.say("Try next:")
    tries = [
        ("worklist", "who has to do what, by when"),
        ("kpi", "denial rate, first-pass yield, days in A/R ..."),
        ("statements", "what patients owe, in plain words"),
        ("replay verify", "rebuild everything from the events"),
    ]
    if found:
        tries.insert(0, (f"claim {found[0]}", "the timeline of a denied claim"))
    for command, what in tries:
        console.say(f"  {f'{program} {command} --data {data}':<66} {what}")


def name_program() -> str:
    """How this program was called, as the user can call it again from here."""
    path = Path(sys.argv[0])
    if path.name != "revcycle":
        return "revcycle"
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def show_tie(installation: Opened) -> None:
    """Charges = paid + contractual + patient + written off + still open, from the ledger, to the cent."""
    balances = dict(
        installation.store.connection.execute(
            "SELECT account, sum(debit_cents) - sum(credit_cents) FROM entry_line GROUP BY account"
        ).fetchall()
    )
    connection = installation.store.connection
    (paid,) = connection.execute("SELECT coalesce(sum(paid_cents), 0) FROM claim").fetchone()
    # What patients paid of their share left the receivable; their share is still part of the charges.
    (by_patients,) = connection.execute(
        "SELECT coalesce(sum(paid_cents - refund_cents), 0) FROM patient_balance"
    ).fetchone()
    parts = [
        ("paid by insurance", paid),
        ("contractual", balances.get("contractual_adjustments", 0)),
        ("sequestration", balances.get("sequestration", 0)),
        ("paid by patients", by_patients),
        ("owed by patients", balances.get("patient_receivable", 0)),
        ("written off", balances.get("denial_write_offs", 0) + balances.get("other_write_offs", 0)),
        ("still open", balances.get("insurance_receivable", 0)),
    ]
    (excess,) = connection.execute(
        "SELECT coalesce(sum(debit_cents) - sum(credit_cents), 0) FROM entry_line "
        "WHERE account = 'unapplied_payments' AND qualifier <> 'patient'"
    ).fetchone()
    if excess:
        parts.append(("of it unapplied", excess))
    table = make_table("Where the charges went", "", "dollars", right=("dollars",))
    for name, cents in parts:
        table.add_row(name, money(cents))
    charges = -balances.get("gross_charges", 0)
    table.add_row("charges", money(charges), style="bold")
    console.print(table)
    difference = charges - sum(cents for _, cents in parts)
    verdict = ("ties to the cent", "green") if difference == 0 else (f"off by {money(difference)}", "red")
    console.say(verdict, f"; debits = credits in {_count_entries(installation)} entries")


def _count_entries(installation: Opened) -> int:
    return int(installation.store.connection.execute("SELECT count(*) FROM entry").fetchone()[0])


def _show_denials(installation: Opened) -> None:
    rows = installation.store.connection.execute(
        "SELECT category, queue, count(*), sum(amount_cents) FROM work_item WHERE reason LIKE 'denied %' "
        "AND state = 'open' GROUP BY category, queue ORDER BY 4 DESC, 1"
    ).fetchall()
    if not rows:
        return
    table = make_table("Denials", "category", "team", "items", "dollars", right=("items", "dollars"))
    for category, queue, count, cents in rows:
        table.add_row(category, queue, str(count), money(cents))
    console.say()
    console.print(table)
