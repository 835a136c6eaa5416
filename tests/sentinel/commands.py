"""Every command of the command line with arguments that an installation answers, and some that it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from connectors.stores.connection import Connection
from streams.cli import app
from tests.sentinel.marking import WORDS

PERSON = ("--who", "Kim Lee", "--role", "coder")
NOBODY = "NOSUCHID"
WHY = WORDS["why"][0]


def list_commands() -> set[str]:
    """The names of every command, groups spelled out; a group that is a command by itself counts too."""
    return set(_list_names(typer.main.get_command(app), ""))


def _list_names(command: Any, prefix: str) -> Iterator[str]:
    for name in command.list_commands(None):
        child = command.get_command(None, name)  # loaded when it is called
        if not hasattr(child, "commands"):
            yield f"{prefix}{name}"
            continue
        if child.invoke_without_command:
            yield f"{prefix}{name}"
        yield from _list_names(child, f"{prefix}{name} ")


@dataclass(frozen=True)
class Ids:
    """What of an installation the commands are asked about."""

    held: str
    claim: str
    denied: str
    item: str
    account: str
    deposit: str
    remittance: str
    unmatched: str
    aside: str


def find_ids(connection: Connection) -> Ids:
    def one(query: str) -> str:
        found = connection.execute(query + " LIMIT 1").fetchone()
        return str(found[0]) if found else NOBODY

    return Ids(
        held=one("SELECT encounter_id FROM encounter WHERE state = 'held' ORDER BY encounter_id"),
        claim=one(
            "SELECT claim_id FROM claim WHERE paid_cents > 0 AND payer_name NOT LIKE '%MEDICARE%' "
            "ORDER BY charge_cents DESC, claim_id"
        ),
        denied=one("SELECT item_id FROM work_item WHERE reason LIKE 'denied %' AND state = 'open' ORDER BY item_id"),
        item=one("SELECT item_id FROM work_item WHERE state = 'open' ORDER BY item_id"),
        account=one("SELECT claim_id FROM patient_balance WHERE status = 'owed' ORDER BY claim_id"),
        deposit=one("SELECT deposit_id FROM deposit ORDER BY deposit_id"),
        remittance=one("SELECT remittance_id FROM remittance ORDER BY remittance_id"),
        unmatched=one("SELECT item_id FROM work_item WHERE reason = 'unmatched_payment' ORDER BY item_id"),
        aside=one("SELECT item_id FROM work_item WHERE reason = 'event_set_aside' ORDER BY item_id"),
    )


def list_questions(ids: Ids, files: Path) -> Iterator[tuple[str, ...]]:
    """What is asked and changes nothing, of this installation, and of the files in a folder."""
    yield from (
        ("status",),
        ("worklist",),
        ("worklist", "--closed"),
        ("kpi",),
        ("doctor",),
        ("statements", "--dry-run"),
    )
    yield from (("ledger",), ("ledger", "--claim", ids.claim), ("ledger", "verify"), ("export",))
    yield from (("claim", "show", ids.claim), ("claim", "show", ids.held))
    yield from (("explain", ids.held), ("explain", ids.held, "--all"), ("work", "show", ids.denied))
    yield from (("work", "show", ids.item), ("deposits", "show"), ("deposits", "show", "--waiting"))
    yield from (("aside", "list"), ("aside", "show", ids.aside))
    yield from (("rules", "check"), ("codes", "list"), ("deadletters", "list"), ("deadletters", "show", "1"))
    yield from (("replay", "verify"), ("replay", "verify", "--decide"))
    for file in sorted(files.iterdir()):
        if file.suffix in (".835", ".837", ".277CA", ".999", ".TA1", ".277", ".x12"):
            yield from (("x12", "parse", str(file)), ("x12", "validate", str(file)))


def list_acts(ids: Ids, files: Path) -> Iterator[tuple[str, ...]]:
    """What people do, most of it done and some refused."""
    who = PERSON[:2]
    yield ("query", "ask", ids.held, WORDS["question"][0], *PERSON)
    yield ("query", "answer", ids.held, NOBODY, WORDS["answer"][0], *PERSON)
    yield ("override", ids.held, "icd10_excludes1", "--why", WHY, "--document", WHY, *PERSON)
    yield ("correct", ids.held, "--confirm", "--why", WHY, *PERSON)
    yield ("correct", ids.held, "--diagnoses", "E11.65", "--why", WHY, *PERSON)
    for act in ("take", "note", "resolve", "reopen"):
        yield ("work", act, ids.item, "--why", WHY, *who)
    yield ("work", "appeal", ids.denied, "--why", WHY, *who)
    yield ("work", "write-off", ids.denied, "--why", WHY, "--approved-by", "Ann Roe", "--amount", "1.00", *who)
    yield ("patient", "pay", ids.account, "1.00", "--reference", "R1")
    yield ("patient", "returned", ids.account, "1.00", "--reference", "R1", "--why", WHY, *who)
    yield ("patient", "refund", ids.account, "1.00", "--why", WHY, *who)
    yield ("patient", "move", NOBODY, "1.00", ids.account, "--why", WHY, *who)
    yield ("deposits", "match", ids.deposit, ids.remittance, "--why", WHY, *who)
    yield ("ledger", "apply", ids.unmatched, ids.claim, "--why", WHY, *who)
    yield ("ledger", "unapply", ids.unmatched, "--why", WHY, *who)
    yield ("ledger", "admit", ids.item, "--why", WHY, *who)
    yield ("claim", "replace", ids.claim, "--why", WHY, *who)
    yield ("claim", "void", ids.claim, "--why", WHY, *who)
    yield ("statements",)
    yield ("tick", "--date", "2026-12-20")
    yield ("deadletters", "retry", "--all")
    yield ("aside", "retry", ids.aside)
    yield ("aside", "drop", ids.aside, "--why", WHY, *who)
    yield ("codes", "load", str(files))
    answers = ("--control-number", "7", "--out", str(files / "answers"))
    yield ("x12", "acknowledge", str(next(files.glob("*.837"))), *answers)


def list_refusals(files: Path) -> Iterator[tuple[str, ...]]:
    """What names nothing, or is no use of a command."""
    for group in (("claim", "show"), ("explain",), ("work", "show"), ("deadletters", "show")):
        yield (*group, NOBODY)
    yield ("claim", "void", NOBODY, "--why", WHY, "--who", "x")
    yield ("patient", "pay", NOBODY, "twelve", "--reference", "R")
    yield ("ingest", str(files / "nowhere"))
    yield ("kpi", "--as-of", "yesterday")
    yield ("topics", "check")
