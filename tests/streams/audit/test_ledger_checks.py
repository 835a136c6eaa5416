"""`revcycle ledger verify` finds each way in which a ledger can be wrong."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.reference import Reference
from streams.audit.ledger_checks import find_violations
from streams.cli import app
from streams.installation import Opened, open_installation
from tests.cases.book import FOLDER, read_case
from tests.cases.running import run_case

ENTRY = "(SELECT entry_id FROM entry ORDER BY entry_id LIMIT 1)"


@pytest.fixture
def installation(tmp_path: Path, reference: Reference) -> Opened:
    """Two payers, a correction, and an excess."""
    case = read_case(FOLDER / "primary-corrects-after-the-secondary-paid.md")
    return run_case(case.steps, tmp_path, reference)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (f"UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE debit_cents > 0 AND entry_id = {ENTRY}", "differ"),
        (f"UPDATE entry_line SET debit_cents = -1 WHERE entry_id = {ENTRY}", "negative or two-sided"),
        (f"DELETE FROM entry WHERE entry_id = {ENTRY}", "a line with no entry"),
        (f"DELETE FROM entry_line WHERE entry_id = {ENTRY}", "not what its event says"),
        (
            "UPDATE entry_line SET debit_cents = debit_cents * 2, credit_cents = credit_cents * 2",
            "not what its event says",
        ),
        ("UPDATE entry_line SET qualifier = 'PAY9' WHERE qualifier = 'PAY2'", "unapplied_payments:PAY2 of a claim"),
        (
            f"INSERT INTO entry SELECT 'forged', event_id, claim_id, encounter_id, remittance_id, occurred_at, sha256, "
            f"segment FROM entry WHERE entry_id = {ENTRY}",
            "an entry that no event made",
        ),
        ("UPDATE remittance SET payment_cents = payment_cents + 1", "other than its BPR02"),
        ("UPDATE remittance SET posted_cents = posted_cents + 1", "total is not that of its entries"),
        ("UPDATE claim SET adjusted_cents = adjusted_cents + 1", "adjustments are not those"),
        ("UPDATE claim SET paid_cents = paid_cents - 1", "paid and patient amounts"),
        (
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'PAY1', 'PAY9') AS BLOB) "
            "WHERE type = 'rcm.posted'",
            "changed after",
        ),
        ("DELETE FROM state WHERE step = 'payment_posting'", "that posting does not know"),
        (
            "UPDATE state SET value = json_set(value, '$.charge_cents', 9999) WHERE step = 'payment_posting'",
            "gross_charges of a claim",
        ),
    ],
)
def test_a_planted_violation_is_found(installation: Opened, change: str, found: str) -> None:
    connection = installation.store.connection
    assert list(find_violations(connection)) == []

    connection.execute(change)

    assert found in "\n".join(map(str, find_violations(connection)))


def test_a_ledger_on_postgres_is_checked_alike(tmp_path: Path, reference: Reference, postgres: str) -> None:
    case = read_case(FOLDER / "claim-level-adjustments-reversed.md")
    installation = run_case(case.steps, tmp_path, reference, postgres=postgres)
    connection = installation.store.connection
    assert list(find_violations(connection)) == []

    connection.execute(
        f"UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE debit_cents > 0 AND entry_id = {ENTRY}"
    )
    connection.execute("UPDATE remittance SET posted_cents = posted_cents + 1")
    connection.execute("UPDATE state SET value = NULL WHERE step = 'payment_posting'")
    found = "\n".join(map(str, find_violations(connection)))
    installation.store.close()

    for what in ("differ", "not what its event says", "total is not that of its entries", "that posting does not know"):
        assert what in found


def test_the_command_says_so_and_ends_with_1(tmp_path: Path, reference: Reference) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["demo", "--encounters", "5", "--data", str(tmp_path / "demo")]).exit_code == 0
    sound = runner.invoke(app, ["ledger", "verify", "--data", str(tmp_path / "demo")])
    assert (sound.exit_code, "every invariant holds" in sound.output) == (0, True)

    broken = open_installation(tmp_path / "demo")
    broken.store.connection.execute("UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE debit_cents > 0")
    broken.store.close()
    told = runner.invoke(app, ["ledger", "verify", "--data", str(tmp_path / "demo")])
    assert (told.exit_code, "BROKEN" in told.output) == (1, True)
