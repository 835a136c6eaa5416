"""What a person types that no record may hold is refused in a sentence, exit status 2, and never called a bug."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.demo import generate_encounters
from schemas.errors import ActRefusedError
from schemas.roles import By
from streams.actions.patients import issue_refund, take_payment
from streams.edge.ingest import ingest_paths
from streams.installation import Opened, open_installation
from streams.reports.accounts import report_account
from tests.builders import NOW

COMMAND = "import sys; from streams.cli import main; sys.argv[0] = 'revcycle'; main()"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    data = tmp_path_factory.mktemp("installation") / "data"
    source = data.parent / "encounters.ndjson"
    source.write_text("".join(x.model_dump_json() + "\n" for x in generate_encounters(6, 1)))
    opened = open_installation(data)
    ingest_paths(opened, [source], NOW)
    yield opened
    opened.store.close()


def find_account(installation: Opened) -> str:
    (account,) = installation.store.connection.execute("SELECT min(account_key) FROM claim").fetchone()
    return str(account)


@pytest.mark.parametrize(
    "words",
    [
        ["tick", "--date", "0001-01-01"],
        ["tick", "--back-to", "0001-01-01", "--who", "Pat", "--why", "typo"],
        ["patient", "pay", "ACCOUNT", "1.00", "--reference", "r", "--on", "0001-01-01"],
        ["patient", "pay", "ACCOUNT", "1.00", "--reference", "r", "--on", "9999-01-01"],
        ["patient", "pay", "ACCOUNT", "1.00", "--reference", ""],
        ["patient", "pay", "ACCOUNT", "1.00", "--reference", "r\x1b[2J"],
        ["patient", "pay", "ACCOUNT", "1.00", "--reference", "x" * 5_000],
        ["patient", "pay", b"\xff\xffaaaaaaaa", "1.00", "--reference", "q"],
    ],
    ids=lambda words: " ".join(map(repr, words))[:60],
)
def test_it_is_refused_with_2_and_no_record(installation: Opened, words: list[str | bytes]) -> None:
    account = find_account(installation)
    named = [account if word == "ACCOUNT" else word for word in words]
    before = installation.store.connection.execute("SELECT count(*) FROM event").fetchone()

    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *named, "--data", installation.data],
        check=False,
        capture_output=True,
        timeout=60,
    )

    assert done.returncode == 2, done.stderr.decode()
    assert done.stderr.startswith(b"revcycle: ") and b"bug" not in done.stderr
    assert installation.store.connection.execute("SELECT count(*) FROM event").fetchone() == before


def test_a_refund_that_another_was_quicker_than_is_not_told_as_done(
    installation: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both people saw the same money; the second act comes to an account that has it no more."""
    account = find_account(installation)
    take_payment(installation, account, Decimal("50.00"), "big", NOW.date(), "check", By("Ada", "", NOW))
    seen = report_account(installation, account)
    issue_refund(installation, account, Decimal("50.00"), "one", By("Ada", "sent", NOW))

    monkeypatch.setattr("streams.actions.patients.report_account", lambda *_: seen)
    with pytest.raises(ActRefusedError, match="recorded, but not done"):
        issue_refund(installation, account, Decimal("50.00"), "two", By("Ben", "sent", NOW))
