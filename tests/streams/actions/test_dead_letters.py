"""Dead letters come back: a mended line, a file that a mended program reads, a message with its original bytes."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.demo import generate_encounters
from connectors.kafka.messages import Message, keep_headers
from connectors.kafka.signing import Trust
from connectors.readers import REFUSED
from schemas.errors import ConfigurationError
from schemas.events import EncounterReceived
from schemas.store import DeadLetter
from streams.actions.dead_letters import Republish, retry_dead_letter
from streams.edge.ingest import ingest_paths
from streams.installation import Opened, open_installation
from streams.reports.dead_letters import report_dead_letters
from streams.reports.status import report_status

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOOD, OTHER = (encounter.model_dump_json().encode() for encounter in generate_encounters(2, seed=5))
WRONG = GOOD.replace(b'"start_date"', b'"start_day"', 1)
HEADERS = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"encounter-1"),
    ("ce_type", b"rcm.encounter"),
    ("ce_time", b"2026-03-31T10:00:00Z"),
    ("trace", b"\xff\x00"),
]

TRUST = Trust(b"the workers' key of a test only", frozenset({EncounterReceived.type}))


@pytest.fixture
def installation(tmp_path: Path) -> Opened:
    return open_installation(tmp_path)


def bury(installation: Opened, letter: DeadLetter) -> int:
    with installation.store.transaction() as transaction:
        transaction.add_dead_letters([letter])
    return report_dead_letters(installation).dead_letters[-1].id


def bury_file(installation: Opened, data: bytes, name: str = "in.ndjson") -> int:
    path = installation.inbox / name
    path.write_bytes(data)
    ingest_paths(installation, [path], NOW)
    (letter,) = report_dead_letters(installation).dead_letters
    return letter.id


def test_a_line_of_a_file_comes_back_mended_and_only_once(installation: Opened) -> None:
    letter = bury_file(installation, WRONG + b"\n" + OTHER)
    assert report_status(installation).encounters.total == 1
    assert not retry_dead_letter(installation, letter, None, NOW, None).given_back
    assert len(report_dead_letters(installation).dead_letters) == 1, "one that failed again is no second letter"

    assert retry_dead_letter(installation, letter, GOOD, NOW, None).given_back
    assert retry_dead_letter(installation, letter, GOOD, NOW, None).reason == "given back before"
    status = report_status(installation)
    assert (status.encounters.total, status.dead_letters) == (2, 0)


def test_a_file_that_was_refused_whole_is_read_again_from_the_archive(
    installation: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        # A program that did not know the kind.
        broken.setattr("streams.edge.reading.find_reader", lambda content: ("unknown", REFUSED[-1]))
        letter = bury_file(installation, GOOD + b"\n" + OTHER)
    assert retry_dead_letter(installation, letter, None, NOW, None).given_back
    assert report_status(installation).encounters.total == 2


def test_a_message_is_published_with_its_original_bytes_key_and_headers(installation: Opened) -> None:
    kept = keep_headers(b"patient-7", HEADERS)
    letter = bury(installation, DeadLetter("rcm.encounter.v1", 3, 41, kept, GOOD, "an older program"))
    published: list[Message] = []
    assert retry_dead_letter(installation, letter, None, NOW, Republish(published.extend, TRUST)).given_back
    assert published == [Message("rcm.encounter.v1", b"patient-7", GOOD, HEADERS)]


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [(HEADERS, WRONG, "start_date"), (HEADERS[1:], GOOD, "ce_specversion"), (HEADERS, b"{", "JSON")],
)
def test_a_message_that_is_still_unreadable_is_not_published(
    installation: Opened, headers: list[tuple[str, bytes]], body: bytes, said: str
) -> None:
    letter = bury(installation, DeadLetter("rcm.encounter.v1", 0, 1, keep_headers(b"k", headers), body, "unreadable"))
    published: list[Message] = []
    retry = retry_dead_letter(installation, letter, None, NOW, Republish(published.extend, TRUST))
    assert not retry.given_back and said in retry.reason and published == []
    assert report_status(installation).dead_letters == 1


def test_a_record_of_the_log_is_looked_at_again_by_the_steps_that_take_it(
    installation: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(record: object) -> None:
        from schemas.errors import UnreadableMessageError

        raise UnreadableMessageError("a program with a bug")

    path = installation.inbox / "in.ndjson"
    path.write_bytes(GOOD)
    with monkeypatch.context() as broken:
        broken.setattr("streams.engine.step_runner.decode_recent", refuse)
        ingest_paths(installation, [path], NOW)
    letters = [row.id for row in report_dead_letters(installation).dead_letters]
    assert report_status(installation).encounters.coded + report_status(installation).encounters.held == 0
    for letter in letters:
        assert retry_dead_letter(installation, letter, None, NOW, None).given_back
    counts = report_status(installation).encounters
    assert counts.coded + counts.held == 1
    with pytest.raises(ConfigurationError, match="never changed"):
        again = bury(installation, replace(_read_letter(installation, letters[0]), reason="again", partition=1))
        retry_dead_letter(installation, again, GOOD, NOW, None)


def _read_letter(installation: Opened, number: int) -> DeadLetter:
    found = installation.store.find_dead_letter(number)
    assert found is not None
    return found[0]


def test_the_list_names_the_document_and_shows_no_key_or_header(installation: Opened) -> None:
    bury(installation, DeadLetter("rcm.encounter.v1", 0, 1, keep_headers(b"MRN-0042", HEADERS), GOOD, "why"))
    bury_file_id = report_dead_letters(installation).model_dump_json()
    assert "MRN-0042" not in bury_file_id and "encounter-1" not in bury_file_id


def test_there_is_no_such_letter(installation: Opened) -> None:
    with pytest.raises(ConfigurationError, match="deadletters list"):
        retry_dead_letter(installation, 99, None, NOW, None)
