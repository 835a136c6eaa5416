"""Mutated files of every kind through the whole engine: each is told in findings, and no step is left with anything.

`make fuzz-pipeline` tries more of them.
"""

import json
import os
import random
import re
from pathlib import Path

import pytest

from connectors.practice_payer.simulator import answer_interchange
from schemas.reference import Reference
from streams.edge.ingest import ingest_bytes
from streams.installation import Opened, open_installation
from streams.reports.status import report_status
from tests.builders import NOW, find_violations, make_encounter_events, open_small, run_cycle
from tests.connectors.bank.test_bank_files import BANK_DAY
from tests.connectors.ehr.conftest import VISIT
from tests.connectors.ehr.hl7.test_reader import CHARGES
from tests.fuzz.mutants import AMOUNTS, TEXTS, Values, dump, mutate

SEEDS_OF_A_KIND = int(os.environ.get("REVCYCLE_FUZZ_FILES", "40"))
DATES = ("99991231", "00010101", "18991231", "21010101", "20261301", "20240229")
CSV = "deposited_on,amount,trace_number\n2026-11-10,12.50,T1\n2026-11-11,-3.00,T2\n"
PAYMENTS = "received_on,amount,reference,account_key\n2026-11-10,20.00,R1,AAAAAAAAAA\n2026-11-11,5.00,R2,AAAAAAAAAA\n"
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in VISIT.values()]}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    opened = open_installation(tmp_path_factory.mktemp("tables"))
    opened.store.close()
    reference: Reference = opened.reference
    running = open_small(tmp_path_factory.mktemp("run"), reference, in_memory=True)
    run_cycle(running, make_encounter_events(16, 1))
    return running


def list_files(installation: Opened) -> dict[str, bytes]:
    """A right file of every kind; those of the payer answer what the installation has sent."""
    sent = sorted(installation.outbox.glob("*.837"))[0]
    answers = {Path(answer.name).suffix.lstrip("."): answer.data for answer in answer_interchange(sent.read_bytes(), 1)}
    lines = [event.body.model_dump_json() for event in make_encounter_events(6, 9)]
    encounters = "\n".join(lines).encode()
    return answers | {
        "ndjson": encounters,
        "fhir": dump(BUNDLE),
        "hl7": CHARGES.encode(),
        "BAI2": BANK_DAY.encode(),
        "deposits": CSV.encode(),
        "payments": PAYMENTS.encode(),
    }


def mutate_file(kind: str, data: bytes, dice: random.Random) -> bytes:
    """JSON by its values, everything else by its elements and lines; now and then by bytes."""
    if dice.random() < 0.1:
        place = dice.randrange(len(data))
        return data[:place] + bytes(dice.randrange(256) for _ in range(3)) + data[place + dice.randrange(40) :]
    if kind in ("ndjson", "fhir"):
        documents = [json.loads(line) for line in data.splitlines()]
        values = Values(iter(documents))
        return b"\n".join(dump(mutate(document, dice, values)) for document in documents)
    pieces = re.split(r"([~*|^,\n\r:])", data.decode())
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(pieces))
        pieces[place] = dice.choice(
            ("", pieces[place] * 2, dice.choice(pieces), dice.choice(TEXTS), dice.choice(AMOUNTS), dice.choice(DATES))
        )
    return "".join(pieces).encode()


def test_whatever_a_file_holds_everything_else_goes_on(installation: Opened) -> None:
    read: dict[str, int] = {}
    for kind, data in list_files(installation).items():
        for seed in range(SEEDS_OF_A_KIND):
            mutant = mutate_file(kind, data, random.Random(f"{kind} {seed}"))
            file = ingest_bytes(installation, mutant, f"{kind}-{seed}", NOW)
            installation.engine.run_until_quiet()

            assert "reader_failed" not in [found.code for found in file.findings], (kind, seed, file.findings)
            assert installation.store.list_set_aside() == [], (kind, seed)
            read[kind] = read.get(kind, 0) + (file.outcome != "rejected")
    assert set(installation.engine.read_lags().values()) == {0}
    assert find_violations(installation.store.connection) == []
    buried = "SELECT DISTINCT topic FROM dead_letter WHERE topic LIKE 'rcm.%.v1'"
    assert installation.store.connection.execute(buried).fetchall() == [], "what a reader took, every step takes"
    assert report_status(installation)
    assert min(read.values()) >= SEEDS_OF_A_KIND // 10, read
