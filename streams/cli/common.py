"""What the commands share: the data folder, one JSON document and nothing else, the wall clock at the edge."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from connectors.folder_mark import DATABASE, require_embedded
from connectors.settings import load_settings
from schemas.errors import RefusedError
from schemas.findings import Finding
from schemas.person import find_name_fault
from schemas.roles import By
from schemas.showing import show_json
from streams.installation import Asked, Opened, open_installation, open_to_ask
from streams.reports.base import Report
from streams.terminal import console, errors


def check_name(name: str) -> str:
    """A person's name as it goes into the record; RefusedError for one that hides who they are."""
    name = name.strip()
    if name and (fault := find_name_fault(name)):
        raise RefusedError(f"nothing was done: {fault}")
    return name


DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="REVCYCLE_DATA", help="The installation's folder.", file_okay=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
WhoOption = Annotated[
    str,
    typer.Option("--who", envvar="REVCYCLE_WHO", help="Your name, as it stands in the record.", callback=check_name),
]
WhyOption = Annotated[str, typer.Option("--why", help="What you found or did.")]
RoleOption = Annotated[str, typer.Option("--role", help="Your role; [people] in revcycle.toml says it for you.")]
KafkaAddress = Annotated[
    str | None,
    typer.Option("--kafka", help="A broker, host:port: the steps run in workers there."),
]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="With --kafka: postgresql://... (sqlite:///... for one)."),
]
DEFAULT_DATA = Path("revcycle-data")


def print_json(report: Report) -> None:
    """One JSON document on standard output."""
    # Not model_dump_json: it refuses the half surrogate pairs that stand for bytes of a name that is no UTF-8.
    print(show_json(json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False)))


def show_findings(findings: Iterable[Finding]) -> None:
    """Each finding in a line: how bad, what, where, and how to mend it."""
    for finding in findings:
        console.say(f"  {spell_finding(finding)}")


def spell_finding(finding: Finding) -> str:
    """A finding in one line."""
    return f"{finding.severity} {finding.code} at {finding.where}: {finding.what} -> {finding.remedy}"


def read_person(who: str, why: str = "", role: str = "") -> By:
    """Whoever acts, now."""
    return By(who.strip(), why.strip(), read_clock(), role.strip())


def read_clock() -> datetime:
    """The one place where the command line reads the time."""
    return datetime.now(UTC).replace(microsecond=0)


def ask_existing(data: Path) -> Asked:
    """The installation in `data`, for questions; exit status 2 where there is none."""
    _require_there(data)
    return open_to_ask(data)


def open_existing(data: Path) -> Opened:
    """The installation in `data`, to decide; exit status 2 where there is none."""
    _require_there(data)
    return open_installation(data)


def _require_there(data: Path) -> None:
    on_kafka = bool(load_settings(data).kafka)
    if not on_kafka:
        require_embedded(data)
    if not (data / DATABASE).exists() and not on_kafka:
        errors.say(f"{data} holds no installation yet: run `revcycle ingest` or `revcycle demo`, or give --data")
        raise typer.Exit(2)


class VerbGroup(TyperGroup):
    """`claim ID` is `claim show ID`: the commonest question needs no verb."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--help" not in args[:1] and (not args or args[0] not in self.commands):
            args = ["show", *args]
        return super().parse_args(ctx, args)
