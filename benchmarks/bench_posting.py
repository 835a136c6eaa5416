"""How fast remittances become durable ledger entries, and how much memory a large 835 takes.

Run by `make bench-posting`. Claims are booked beforehand; timed are reading one 835 of them, judging it, each step that
follows, and the commits (SQLite, WAL, synchronous=FULL). The limit is appending the same events to an empty file of the
same tables in the same transactions. With --large MB also: an 835 of that size in a process of its own, with its peak
of memory, and the same file with the process killed midway and started again, which must end at the same digest.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bench_pipeline import make_row, print_table, record_batches, time_append

from connectors.stores.digests import digest
from schemas.event import Event
from schemas.events import ClaimSubmitted, ClaimSummary, SubmittedLine
from schemas.identifiers import make_account_key, make_encounter_id, make_id, make_patient_control_number
from schemas.ledger import DocumentPlace
from streams.audit.ledger_checks import find_violations
from streams.cli.common import collect_rarely
from streams.edge.ingest import ingest_paths
from streams.installation import Opened, open_installation

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)
CLAIMS = 4_000
RUNS = 3
FILE = DocumentPlace(sha256="0" * 64)


def number_claim(index: int) -> str:
    account = make_account_key(b"bench", "ehr", f"patient-{index}")
    return make_patient_control_number(account, make_encounter_id("ehr", f"visit-{index}"), 1, 1)


def submit_claims(count: int) -> Iterator[Event]:
    """Claims of two lines that stand with the payer."""
    for index in range(count):
        number = number_claim(index)
        lines = tuple(
            SubmittedLine(
                line_control_number=f"L{place:04d}",
                procedure=procedure,
                units=Decimal(1),
                charge_amount=Decimal(charge),
                service_date=DAY,
            )
            for place, (procedure, charge) in enumerate((("99213", "150.00"), ("97110", "50.00")), 1)
        )
        summary = ClaimSummary(
            account_key=number[:10],
            encounter_id=make_encounter_id("ehr", f"visit-{index}"),
            claim_id=number[:16],
            patient_control_number=number,
            payer_id="PAYER",
            payer_name="LAKESHORE HEALTH",
            charge_amount=Decimal("200.00"),
            lines=lines,
        )
        body = ClaimSubmitted(
            account_key=summary.account_key,
            encounter_id=summary.encounter_id,
            trading_partner="CLEARINGHOUSE",
            control_number=1,
            document=FILE,
            summary=summary,
        )
        yield Event(make_id("bench", number), body.key, NOW, body.encounter_id, None, "", body)


def write_file(path: Path, numbers: Iterator[str], least_bytes: int = 0) -> int:
    """An 835 of one ST for these claims, or as many as make up `least_bytes`; returns how many."""
    body: list[str] = []
    size = count = 0
    for number in numbers:
        claim = (
            f"CLP*{number}*1*200*125*25*12*ICN{count:010d}*11*1~NM1*QC*1*DOE*ANN****MI*M{count:09d}~"
            "SVC*HC:99213*150*90**1~DTM*472*20260302~CAS*CO*45*40~CAS*PR*2*20~REF*6R*L0001~AMT*B6*110~"
            "SVC*HC:97110*50*35**1~DTM*472*20260302~CAS*CO*45*10~CAS*PR*3*5~REF*6R*L0002~AMT*B6*40~"
        )
        body.append(claim)
        count += 1
        size += len(claim)
        if least_bytes and size >= least_bytes:
            break
    head = (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*260320*1200*^*00501*000000001*0*T*:~"
        "GS*HP*PAYER*CLINIC*20260320*1200*1*X*005010X221A1~ST*835*0001~"
        f"BPR*I*{count * 125}*C*ACH************20260320~TRN*1*EFT1*PAYER~N1*PR*LAKESHORE HEALTH~"
        "N1*PE*CLINIC*XX*1234567893~LX*1~"
    )
    tail = f"SE*{14 * count + 7}*0001~GE*1*1~IEA*1*000000001~"
    path.write_text(head + "".join(body) + tail)
    return count


def book_claims(installation: Opened, count: int) -> None:
    with installation.store.transaction() as transaction:
        transaction.append(list(submit_claims(count)), "bench")
    installation.engine.run_until_quiet()


def measure_posting() -> list[tuple[str, str]]:
    """Claims of one remittance a second, and the ratio to appending its events; the best of RUNS."""
    results: list[tuple[float, float, float, int]] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            installation = open_installation(Path(folder) / "data")
            book_claims(installation, CLAIMS)
            source = Path(folder) / "remittance.835"
            write_file(source, (number_claim(index) for index in range(CLAIMS)))
            batches: list[list[Event]] = []
            record_batches(installation, batches)
            started, cpu_started = time.perf_counter(), time.process_time()
            ingest_paths(installation, [source], NOW)
            seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
            connection = installation.store.connection
            closed = connection.execute("SELECT closed, posted_cents FROM remittance").fetchall()
            assert closed == [(1, CLAIMS * 12_500)], closed
            assert not list(find_violations(connection))
            installation.store.close()
            rows = [[make_row(event) for event in batch] for batch in batches]
            events = sum(map(len, batches))
            results.append((seconds, cpu_seconds, time_append(Path(folder) / "limit.db", rows), events))
    seconds, cpu_seconds, append, events = min(results)
    return [
        ("claims of one remittance, two lines each", f"{CLAIMS:,}"),
        ("events that follow", f"{events:,}"),
        ("claims posted a second, durable", f"{CLAIMS / seconds:,.0f}"),
        ("claims a second of processor time", f"{CLAIMS / cpu_seconds:,.0f}"),
        ("limit: seconds to append the events", f"{append:.3f}"),
        ("ratio to the limit", f"{seconds / append:.1f}"),
    ]


def ingest_large(data: Path, source: Path, kill_after_claims: int = 0) -> tuple[float, int]:
    """Ingests in a process of its own; returns seconds and its peak of memory in MB. Killed midway when asked."""
    code = (
        "import resource, sys; from pathlib import Path; from datetime import datetime, UTC;"
        "from streams.installation import open_installation; from streams.edge.ingest import ingest_paths;"
        "from streams.cli.common import collect_rarely; collect_rarely();"
        "now = datetime(2026, 11, 24, 12, tzinfo=UTC);"
        "ingest_paths(open_installation(Path(sys.argv[1])), [Path(sys.argv[2])], now);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, str(data), str(source)], stdout=subprocess.PIPE)
    if kill_after_claims:
        while process.poll() is None and count_posted(data) < kill_after_claims:
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return time.perf_counter() - started, 0
    told, _ = process.communicate()
    assert process.returncode == 0
    return time.perf_counter() - started, round(int(told) / 1000)


def count_posted(data: Path) -> int:
    if not (data / "revcycle.db").exists():
        return 0
    installation = open_installation(data)
    (found,) = installation.store.connection.execute("SELECT count(*) FROM event WHERE type = 'rcm.posted'").fetchone()
    installation.store.close()
    return int(found)


def measure_large(megabytes: int) -> list[tuple[str, str]]:
    """One large 835: claims, seconds, memory; and the digest after a kill midway and a second start."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "large.835"
        count = write_file(source, (f"THEIRS{index:012d}" for index in range(10**9)), megabytes * 1_000_000)
        seconds, peak_megabytes = ingest_large(Path(folder) / "whole", source)
        ingest_large(Path(folder) / "killed", source, kill_after_claims=count // 3)
        posted = count_posted(Path(folder) / "killed")
        ingest_large(Path(folder) / "killed", source)
        digests = []
        for name in ("whole", "killed"):
            installation = open_installation(Path(folder) / name)
            installation.engine.run_until_quiet()
            digests.append(digest(installation.store.connection))
            installation.store.close()
    return [
        ("claims in the file", f"{count:,}"),
        ("seconds", f"{seconds:,.0f}"),
        ("claims posted a second, durable", f"{count / seconds:,.0f}"),
        ("peak memory", f"{peak_megabytes:,} MB"),
        ("claims posted when the second process was killed", f"{posted:,}"),
        ("digest after it was started again", "the same" if digests[0] == digests[1] else "ANOTHER"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=0, metavar="MB", help="also one 835 of so many megabytes")
    arguments = parser.parse_args()
    collect_rarely()  # as the command line does
    if arguments.large:
        # First: Linux counts the peak of the process that starts another as that other's too.
        print_table(f"An 835 of {arguments.large} MB", measure_large(arguments.large))
    print_table(f"Posting one remittance, embedded (best of {RUNS})", measure_posting())


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[1]))
    main()
