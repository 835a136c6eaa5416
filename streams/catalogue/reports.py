"""What commands print with `--json`: a JSON Schema and an example of each report, and the page `docs/reports.md`.

`python -m streams.catalogue` rewrites them after a change of a model. An example is edited by hand; the command brings
it into the form that is printed, and refuses one that its model does not accept.
"""

from collections.abc import Mapping
from pathlib import Path

from schemas.base import phi_paths
from streams.actions.asides import GivenBackReport
from streams.actions.clock import TickReport
from streams.actions.dead_letters import RetriedLettersReport
from streams.actions.denials import FiledAppeal
from streams.actions.encounters import CodingOutcome
from streams.actions.patients import AccountAfter
from streams.actions.statements import StatementsReport
from streams.audit.ledger_checks import LedgerVerification
from streams.audit.replay import ReplayResult
from streams.catalogue.snapshots import rewrite
from streams.practice.demo import DemoReport
from streams.reports.asides import AsideReport, AsidesReport
from streams.reports.base import Report
from streams.reports.claims import ClaimReport
from streams.reports.codes import CodesReport, LoadReport
from streams.reports.dead_letters import DeadLettersReport
from streams.reports.deposits import Deposit, DepositsReport
from streams.reports.doctor import DoctorReport
from streams.reports.explanation import Explanation
from streams.reports.files import IngestReport
from streams.reports.kpis import KpiReport
from streams.reports.ledger import LedgerReport
from streams.reports.rules import RulesReport
from streams.reports.status import StatusReport
from streams.reports.topics import TopicsReport
from streams.reports.worklist import ItemStory, WorkItem, WorklistReport
from streams.reports.x12 import X12Answers, X12Contents, X12Findings, X12Refusal

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "schemas" / "reports"
PAGE = ROOT / "docs" / "reports.md"

# Every command that takes --json, and what it prints then: the one or the other.
REPORTS: Mapping[str, tuple[type[Report], ...]] = {
    "demo": (DemoReport,),
    "ingest": (IngestReport,),
    "tick": (TickReport,),
    "status": (StatusReport,),
    "worklist": (WorklistReport,),
    "kpi": (KpiReport,),
    "statements": (StatementsReport,),
    "doctor": (DoctorReport,),
    "correct": (CodingOutcome,),
    "override": (CodingOutcome,),
    "explain": (Explanation,),
    "claim show": (ClaimReport,),
    "claim replace": (ClaimReport,),
    "claim void": (ClaimReport,),
    "patient pay": (AccountAfter,),
    "patient refund": (AccountAfter,),
    "patient returned": (AccountAfter,),
    "patient move": (AccountAfter,),
    "deposits show": (DepositsReport,),
    "deposits match": (Deposit,),
    "work show": (ItemStory,),
    "work take": (WorkItem,),
    "work note": (WorkItem,),
    "work resolve": (WorkItem,),
    "work reopen": (WorkItem,),
    "work appeal": (FiledAppeal,),
    "work write-off": (WorkItem,),
    "query ask": (CodingOutcome,),
    "query answer": (CodingOutcome,),
    "ledger": (LedgerReport,),
    "ledger verify": (LedgerVerification,),
    "ledger apply": (WorkItem,),
    "ledger unapply": (WorkItem,),
    "ledger admit": (WorkItem,),
    "x12 parse": (X12Contents, X12Refusal),
    "x12 validate": (X12Findings,),
    "x12 acknowledge": (X12Answers, X12Refusal),
    "replay verify": (ReplayResult,),
    "codes load": (LoadReport,),
    "codes list": (CodesReport,),
    "rules check": (RulesReport,),
    "topics describe": (TopicsReport,),
    "deadletters list": (DeadLettersReport,),
    "deadletters retry": (RetriedLettersReport,),
    "aside list": (AsidesReport,),
    "aside show": (AsideReport,),
    "aside retry": (GivenBackReport,),
    "aside drop": (GivenBackReport,),
}

HEAD = """# Reports

What commands print with `--json`, as JSON Schema (draft 2020-12) with an example of each. Keys may be added and never
renamed. Amounts are text with two decimals, days and instants ISO 8601. Fields that hold protected health information
carry `"phi": true` in their schema and are counted in the last column. Written by `python -m streams.catalogue`.

| report | what it says | printed by | PHI fields |
| --- | --- | --- | --- |
"""


def list_reports() -> list[type[Report]]:
    """Every report once, in the order of the commands."""
    return list(dict.fromkeys(report for reports in REPORTS.values() for report in reports))


def name_files(report: type[Report]) -> tuple[Path, Path]:
    """The snapshot of a report's schema, and its example."""
    return FOLDER / f"{report.__name__}.schema.json", FOLDER / f"{report.__name__}.example.json"


def write_page() -> str:
    """`docs/reports.md`."""
    return HEAD + "".join(_write_row(report) for report in list_reports())


def _write_row(report: type[Report]) -> str:
    folder = "../schemas/reports"
    schema, example = (f"{folder}/{path.name}" for path in name_files(report))
    commands = ", ".join(f"`{name}`" for name, reports in REPORTS.items() if report in reports)
    words = " ".join((report.__doc__ or "").split())
    fields = str(len(phi_paths(report)) or "")
    return f"| [{report.__name__}]({schema}) ([example]({example})) | {words} | {commands} | {fields} |\n"


def write_catalogue() -> bool:
    """Rewrites schemas and examples; whether every example is there, and is what its model says."""
    return rewrite((report, *name_files(report)) for report in list_reports())
