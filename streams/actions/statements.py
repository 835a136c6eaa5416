"""Statements for patients: who owes something now, in plain words, as a web page and a PDF, each issued once.

The files and the archive come before the event that names them; a run that is repeated writes the same bytes under the
same names and publishes the same event. A statement that cannot be made is a finding, and stops no other.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from connectors.archive import write_durably
from connectors.documents.typesetting import describe_substitutes
from connectors.statements import render_html, render_pdf
from processors.patients.statement_building import ClaimFacts, build_statement
from schemas.errors import TransportError
from schemas.event import publish_at_edge
from schemas.events import (
    ClaimRemitted,
    ClaimSubmitted,
    EncounterCoded,
    EncounterReceived,
    PatientBalanceChanged,
    StatementIssued,
)
from schemas.events.patients import BalanceStatus
from schemas.findings import Finding
from schemas.money import Sum
from schemas.statement import Statement
from schemas.wire import decode_record
from streams.bugs import describe_failure
from streams.installation import Opened
from streams.reports.base import Report, money
from streams.reports.timeline import select_records

CYCLE_DAYS = 28  # an unchanged balance is asked for again after so many


class IssuedStatement(Report):
    """A statement, or with --dry-run what it would be; the files stand in the installation's folder."""

    account_key: str
    due_amount: Sum
    claims: tuple[str, ...]
    pdf: str
    html: str


class StatementsReport(Report):
    """Who got a statement; how many claims have a balance that is not asked for, by why; and what went wrong."""

    statements: tuple[IssuedStatement, ...]
    held_back: dict[BalanceStatus, int]
    findings: tuple[Finding, ...]


def write_statements(installation: Opened, now: datetime, *, dry_run: bool = False) -> StatementsReport:
    """Writes what is due for a statement; returns the statements, why other balances get none, and findings."""
    issued: list[IssuedStatement] = []
    findings: list[Finding] = []
    for account_key, claim_ids, cents in list(_list_due(installation, now.date())):
        try:
            statement = build_for(installation, account_key, claim_ids, now.date())
            name = f"{account_key}-{statement.issued_on}-{statement.statement_id[:8]}"
            if not dry_run:
                body, found = _write_files(installation, statement, name)
        except TransportError:
            raise
        except Exception as error:
            findings.append(_find_failure(account_key, error))
            continue
        if not dry_run:
            findings += found
            installation.publish([publish_at_edge(body, account_key, now, account_key)], "statements")
        issued.append(
            IssuedStatement(
                account_key=account_key,
                due_amount=money(cents),
                claims=tuple(claim_ids),
                pdf=str(installation.statements / f"{name}.pdf"),
                html=str(installation.statements / f"{name}.html"),
            )
        )
    installation.engine.run_until_quiet()
    held = installation.store.connection.execute(
        "SELECT status, count(*) FROM patient_balance WHERE status NOT IN ('owed', 'settled') GROUP BY status"
    ).fetchall()
    return StatementsReport(statements=tuple(issued), held_back=dict(held), findings=tuple(findings))


def _find_failure(account_key: str, error: Exception) -> Finding:
    """What went wrong without its words, which may be the patient's."""
    return Finding(
        code="statement_not_made",
        severity="hold",
        owner="operations",
        where=account_key,
        what=f"the statement could not be made and is not issued: {describe_failure(error)}; others are not touched",
        remedy="mend what the error names (a full disk, say), or report it, then run `revcycle statements` again",
    )


def _list_due(installation: Opened, today: date) -> Iterator[tuple[str, list[str], int]]:
    """(account, claims, cents) of each account whose balances have not been asked for lately."""
    connection = installation.store.connection
    rows = connection.execute(
        "SELECT account_key, claim_id, balance_cents FROM patient_balance WHERE status = 'owed' ORDER BY 1, 2"
    ).fetchall()
    since = (today - timedelta(days=CYCLE_DAYS)).isoformat()
    for account_key, group in groupby(rows, key=lambda row: row[0]):
        owed = list(group)
        claim_ids, cents = [row[1] for row in owed], sum(row[2] for row in owed)
        last = connection.execute(
            "SELECT claim_ids, due_cents FROM statement WHERE account_key = ? AND issued_on > ? "
            "ORDER BY issued_on DESC LIMIT 1",
            (account_key, since),
        ).fetchone()
        if last != (" ".join(claim_ids), cents):
            yield account_key, claim_ids, cents


def build_for(installation: Opened, account_key: str, claim_ids: list[str], on: date) -> Statement:
    """The statement of an account for these claims, from the recorded events."""
    facts = [_gather_facts(installation, claim_id) for claim_id in claim_ids]
    return build_statement(account_key, facts, installation.settings.practice, on)


def _gather_facts(installation: Opened, claim_id: str) -> ClaimFacts:
    (encounter_id,) = installation.store.connection.execute(
        "SELECT encounter_id FROM claim WHERE claim_id = ?", (claim_id,)
    ).fetchone()
    words: dict[str, str] = {}
    coded: EncounterCoded | None = None
    numbers: set[str] = set()
    remitted: list[ClaimRemitted] = []
    balance: PatientBalanceChanged | None = None
    for record in select_records(installation, [claim_id, encounter_id]):
        match decode_record(record).body:
            case EncounterReceived() as body:
                words.update((service.line_id, service.description) for service in body.services)
            case EncounterCoded() as body if coded is None or body.revision > coded.revision:
                coded = body
            case ClaimSubmitted() as body if body.summary.claim_id == claim_id:
                numbers = {line.line_control_number for line in body.summary.lines}
            case ClaimRemitted() as body if body.claim.patient_control_number.startswith(claim_id):
                remitted.append(body)
            case PatientBalanceChanged() as body if body.claim_id == claim_id:
                balance = body
            case _:
                pass
    assert coded is not None and balance is not None, "a balance is owed only of what was coded and billed"
    lines = tuple(line for line in coded.encounter.lines if f"L{line.number:04d}" in numbers)
    return ClaimFacts(balance=balance, encounter=coded.encounter, lines=lines, words=words, remitted=remitted)


def _write_files(installation: Opened, statement: Statement, name: str) -> tuple[StatementIssued, list[Finding]]:
    """Both files and their copies in the archive; returns the event that may now say so."""
    page, document = render_html(statement), render_pdf(statement)
    body = StatementIssued(
        account_key=statement.account_key,
        statement_id=statement.statement_id,
        issued_on=statement.issued_on,
        due_amount=statement.due_amount,
        claim_ids=tuple(sorted(visit.claim_id for visit in statement.visits)),
        html_sha256=installation.archive.keep(page),
        pdf_sha256=installation.archive.keep(document.pdf),
        file_name=f"{name}.pdf",
    )
    write_durably(installation.statements / f"{name}.html", page)
    write_durably(installation.statements / f"{name}.pdf", document.pdf)
    return body, describe_substitutes(document, statement.account_key)
