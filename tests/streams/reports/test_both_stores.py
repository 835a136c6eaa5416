"""The same question of either store has the same answer, to the byte; and where the charges went ties, or says by how
much it does not."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

import pytest

from schemas.errors import RefusedError
from schemas.reference import Reference
from streams.audit.ledger_checks import verify
from streams.installation import Opened
from streams.reports.accounts import report_account
from streams.reports.asides import report_set_aside
from streams.reports.base import Report
from streams.reports.charges import find_dearest_denied, list_denials, report_charges, report_funnel
from streams.reports.claims import report_claim
from streams.reports.dead_letters import report_dead_letters
from streams.reports.deposits import report_deposits
from streams.reports.kpis import report_kpis
from streams.reports.ledger import report_ledger
from streams.reports.lookup import PLACES, find
from streams.reports.status import report_status
from streams.reports.worklist import report_item, report_worklist
from tests.builders import NOW, bill_next_payers, make_encounter_events, open_small, run_cycle


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Opened]:
    opened = open_small(tmp_path_factory.mktemp("sqlite"), reference)
    yield run(opened)
    opened.store.close()


def run(opened: Opened) -> Opened:
    run_cycle(opened, make_encounter_events(60, 7))
    bill_next_payers(opened)
    return opened


def ask_everything(installation: Opened) -> Iterator[Report]:
    claim = find_dearest_denied(installation)
    assert claim is not None
    worklist = report_worklist(installation)
    (account,) = installation.store.connection.execute("SELECT min(account_key) FROM patient_balance").fetchone()
    yield from (report_status(installation), report_funnel(installation), report_charges(installation))
    yield from (worklist, report_item(installation, worklist.items[0].id), *list_denials(installation))
    yield from (report_claim(installation, claim), report_account(installation, account))
    yield from (report_kpis(installation, NOW.date()), report_deposits(installation), report_ledger(installation))
    yield from (verify(installation), report_dead_letters(installation), report_set_aside(installation))


def refuse_everything(installation: Opened) -> Iterator[str]:
    """What is refused, and what an id of each kind, or the beginning of one, is found to be."""
    connection = installation.store.connection
    (held,) = connection.execute("SELECT min(encounter_id) FROM encounter WHERE state = 'held'").fetchone()
    (claim,) = connection.execute("SELECT min(claim_id) FROM claim WHERE submitted = 1").fetchone()
    asked: list[tuple[str, Callable[[], object]]] = [
        ("an encounter without claims", partial(report_ledger, installation, held)),
        ("a claim and a remittance", partial(report_ledger, installation, claim, "x")),
        *(
            (wanted, partial(find, installation, wanted, *kinds))
            for wanted in ("", "%", "____", "%%%%", "A\x00B", "é" * 300, held[:12], claim, claim[:9], claim[:10])
            for kinds in (*((kind,) for kind in PLACES), tuple(PLACES))
        ),
    ]
    for what, ask in asked:
        try:
            yield f"{what}: {ask()}" if what in (claim, claim[:10], held[:12]) else f"{what}: {type(ask())}"
        except RefusedError as error:
            yield f"{what}: {error}"


def test_both_stores_answer_alike(
    installation: Opened, postgres: str, tmp_path_factory: pytest.TempPathFactory, reference: Reference
) -> None:
    other = run(open_small(tmp_path_factory.mktemp("postgres"), reference, postgres=postgres))

    answers = [[report.model_dump_json() for report in ask_everything(each)] for each in (installation, other)]

    assert len(answers[0]) > 12
    assert answers[1] == answers[0]
    assert list(refuse_everything(other)) == list(refuse_everything(installation))
    other.store.close()


def test_the_charges_tie_to_the_cent(installation: Opened) -> None:
    report = report_charges(installation)

    assert report.ties and report.difference == 0 and report.charges > 0 and report.paid_by_insurance > 0
    assert sum((denials.amount for denials in list_denials(installation)), Decimal(0)) > 0


def test_a_cent_too_many_does_not_tie(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> None:
    opened = run(open_small(tmp_path_factory.mktemp("untied"), reference, in_memory=True))
    opened.store.connection.execute(
        "UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE rowid = "
        "(SELECT min(rowid) FROM entry_line WHERE account = 'insurance_receivable' AND debit_cents > 0)"
    )

    report = report_charges(opened)
    assert (report.ties, report.difference) == (False, Decimal("-0.01"))
    opened.store.close()
