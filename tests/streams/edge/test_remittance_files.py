"""835 files as they really come: cut off, off by a cent, twice, renamed, in another envelope, a year later."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.archive import Archive, RemittanceDocuments
from connectors.clearinghouse.inbound import read_inbound_file
from processors.remittances.remittance_reading import keys_of_remittance, read_remittance
from schemas.event import Body, Event
from schemas.events import ClaimRemitted, RemittanceAccepted, RemittanceHeld, RemittanceReceived, WorkItemOpened
from schemas.inbound import Receipt
from schemas.reference import Reference
from streams.audit.ledger_checks import find_violations
from streams.installation import open_installation
from tests.builders import NOW, SETTINGS, open_small, publish
from tests.processors.desk import ReadingDesk, pick

FIRST = (
    "ST*835*0001~BPR*I*110.25*C*ACH************20260320~TRN*1*EFT1*1PAYER~N1*PR*LAKESHORE HEALTH~"
    "N1*PE*CLINIC*XX*1234567893~LX*1~CLP*AAAAAAAAAAAAAAAA01*1*150*111*14*12*ICN1~CAS*CO*45*5~"
    "SVC*HC:99213*100*80**1~DTM*472*20260302~CAS*CO*45*6**253*4~CAS*PR*2*10~"
    "SVC*HC:97110*50*36**2~DTM*472*20260302~CAS*PR*3*4~CAS*CO*45*10~PLB*1234567893*20261231*WO:X*1.5*L6*-.75~SE*18*0001~"
)
SECOND = (
    "ST*835*0002~BPR*I*60*C*ACH************20260320~TRN*1*EFT2*1PAYER~N1*PR*LAKESHORE HEALTH~"
    "N1*PE*CLINIC*XX*1234567893~LX*1~CLP*BBBBBBBBBBBBBBBB01*1*60*60**12*ICN2~SVC*HC:99213*60*60**1~SE*9*0002~"
)


def wrap(*sets: str, number: int = 1, element: str = "*", terminator: str = "~") -> bytes:
    """Transaction sets in an interchange."""
    isa = f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*260320*1200*^*00501*{number:09d}*0*T*:~"
    group = f"GS*HP*PAYER*CLINIC*20260320*1200*{number}*X*005010X221A1~"
    text = f"{isa}{group}{''.join(sets)}GE*{len(sets)}*{number}~IEA*1*{number:09d}~"
    return text.replace("*", element).replace("~", terminator).encode()


def judge(data: bytes, folder: Path, reference: Reference) -> tuple[Body, ...]:
    """What remittance reading says of each ST of a file."""
    archive = Archive(folder)
    sha256 = archive.keep(data)
    desk = ReadingDesk(
        keys_of_remittance, read_remittance, replace(reference, remittances=RemittanceDocuments(archive))
    )
    received = [event.body for event in read_inbound_file(data, Receipt(sha256, NOW, SETTINGS.secret)).events]
    return desk.take(*received)


def test_the_file_is_sound_as_it_stands(tmp_path: Path, reference: Reference) -> None:
    outputs = judge(wrap(FIRST, SECOND), tmp_path, reference)

    assert len(pick(outputs, RemittanceAccepted)) == 2
    assert len(pick(outputs, ClaimRemitted)) == 2


def test_a_file_cut_off_at_any_byte_posts_only_what_came_whole(tmp_path: Path, reference: Reference) -> None:
    whole = wrap(FIRST, SECOND)
    ends = [whole.index(b"SE*18*0001~") + 10, whole.index(b"SE*9*0002~") + 9]
    for length in range(len(whole)):
        outputs = judge(whole[:length], tmp_path / str(length % 50), reference)
        complete = sum(end <= length for end in ends)
        assert len(pick(outputs, ClaimRemitted)) <= complete, f"cut at byte {length}"
        assert len(pick(outputs, RemittanceAccepted)) <= complete, f"cut at byte {length}"
        if length > ends[0]:
            assert pick(outputs, RemittanceAccepted), f"the first ST came whole in {length} bytes"


def amounts_of(text: str) -> Iterator[tuple[str, str]]:
    """Every amount that one of the three balances adds up, a cent more and a cent less."""
    segments = text.split("~")
    for at, segment in enumerate(segments):
        elements = segment.split("*")
        places = {"BPR": [2], "CLP": [3, 4], "SVC": [2, 3], "PLB": [4, 6]}.get(elements[0], [])
        if elements[0] == "CAS":
            places = list(range(3, len(elements), 3))
        for place in places:
            for cents in (1, -1):
                changed = elements.copy()
                amount = round(float(changed[place]) * 100) + cents
                changed[place] = f"{amount / 100:.2f}"
                name = f"{elements[0]}{place:02d} of segment {at + 1} {cents:+d} cent"
                yield name, "~".join([*segments[:at], "*".join(changed), *segments[at + 1 :]])


@pytest.mark.parametrize(("name", "text"), list(amounts_of(FIRST)), ids=lambda value: value if len(value) < 60 else "")
def test_an_amount_off_by_a_cent_posts_nothing_and_shows_the_difference(
    tmp_path: Path, reference: Reference, name: str, text: str
) -> None:
    outputs = judge(wrap(text), tmp_path, reference)

    assert [type(output) for output in outputs] == [RemittanceHeld, WorkItemOpened], name
    (item,) = pick(outputs, WorkItemOpened)
    assert re.search(r"expected -?[\d.]+, found -?[\d.]+, difference -?0\.01", item.next_action), item.next_action


def test_the_same_remittance_in_any_guise_is_posted_once(tmp_path: Path, reference: Reference) -> None:
    """Another name is another path; here: another envelope, other delimiters, line ends, another ST02, a year later."""
    installation = open_small(tmp_path, reference, in_memory=True)
    renumbered = FIRST.replace("ST*835*0001", "ST*835*0777").replace("SE*18*0001", "SE*18*0777")
    guises = [
        wrap(FIRST),
        wrap(FIRST, number=2),
        wrap(renumbered, number=3),
        wrap(FIRST, SECOND, number=4),
        wrap(FIRST, number=5, element="|", terminator="!"),
        wrap(FIRST, number=6).replace(b"~", b"~\r\n"),
    ]
    for years, data in enumerate(guises):
        sha256 = installation.archive.keep(data)
        inbound = read_inbound_file(data, Receipt(sha256, NOW + timedelta(days=365 * years), SETTINGS.secret))
        publish(installation, list(inbound.events))
        installation.engine.run_until_quiet()

    connection = installation.store.connection
    rows = connection.execute("SELECT payment_cents, posted_cents, held FROM remittance ORDER BY 1").fetchall()
    assert rows == [(6000, 6000, 0), (11025, 11025, 0)]
    assert list(find_violations(connection)) == []
    (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    assert entries == 4, "two claims and two PLB adjustments"


def test_two_processes_that_read_one_file_at_once_post_it_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    open_installation(data).store.close()
    for name in ("one.835", "two.835"):
        (tmp_path / name).write_bytes(wrap(FIRST, SECOND))
    code = "import sys; from streams.cli import main; main()"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, "ingest", str(tmp_path / name), "--data", str(data), "--json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        for name in ("one.835", "two.835")
    ]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 1), errors.decode()

    connection = open_installation(data).store.connection
    assert connection.execute("SELECT sum(posted_cents), count(*) FROM remittance").fetchone() == (17025, 2)
    assert list(find_violations(connection)) == []


def test_received_events_of_the_same_remittance_name_one_identity(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    ids: set[str] = set()
    for data in (wrap(FIRST), wrap(FIRST, number=9, element="|", terminator="!")):
        events: tuple[Event, ...] = read_inbound_file(data, Receipt(archive.keep(data), NOW, SETTINGS.secret)).events
        ids.update(event.body.remittance_id for event in events if isinstance(event.body, RemittanceReceived))
    assert len(ids) == 1
