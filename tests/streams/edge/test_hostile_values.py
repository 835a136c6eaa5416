"""Ordinary bad values, each of which once stopped an installation for good: held or refused, and all else goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import UnreadableMessageError
from schemas.event import Body, Event
from schemas.events import (
    ClaimRemitted,
    EncounterHeld,
    InterchangeAcknowledged,
    PaymentPosted,
    RemittanceAccepted,
    RemittanceHeld,
    RemittancePart,
    RemittanceReceived,
    WorkItemOpened,
)
from schemas.identifiers import make_id
from schemas.ledger import DocumentPlace
from schemas.reference import Reference
from schemas.store import Record
from schemas.wire import decode_record
from streams.catalogue.events import read_example
from streams.edge.ingest import IngestedFile, ingest_paths
from streams.installation import Opened
from streams.pipeline import TOPICS
from streams.reports.status import report_status
from tests.builders import NOW, find_violations, make_encounter_events, open_small, publish, run_cycle

GOOD: dict[str, Any] = {
    "source_system": "clinic-b", "source_id": "V1", "version": "1", "start_date": "2026-11-10",
    "place_of_service": "11",
    "patient": {"id": "P1", "family_name": "Underbough", "given_name": "Perrin", "birth_date": "1971-06-05", "sex": "M",
                "address": {"line1": "2 Test Street", "city": "Dayton", "state": "OH", "postal_code": "454020001"}},
    "coverages": [{"payer_id": "DEMO2", "payer_name": "HARBOR DEMO PLAN", "member_id": "H5", "filing_indicator": "MB"}],
    "billing_provider": {"name": "DEMO FAMILY CARE PC", "npi": "1234567893", "tax_id": "990000001",
                         "address": {"line1": "100 Example Plaza", "city": "Dayton", "state": "OH",
                                     "postal_code": "454020001"}},
    "diagnoses": [{"system": "ICD-10-CM", "code": "I10"}],
    "services": [{"line_id": "1", "system": "CPT", "code": "99213", "charge_amount": "150.00",
                  "service_date_from": "2026-11-10", "diagnosis_pointers": [1]}],
}  # fmt: skip
HL7 = "\r".join(
    [
        r"MSH|^~\&|EHR|DEMO CLINIC|BILLING|OFFICE|20261110083000-0400||DFT^P03^DFT_P03|M77|P|2.5.1",
        "EVN|P03|20261110",
        "PID|1||77^^^DEMO^MR||Underbough^Perrin||19710605|M|||2 Test Street^^Dayton^OH^45402-0001",
        "PV1|1|O|||||1100000011^Alderbrook^Corian^^^^^^&2.16.840.1.113883.4.6&ISO||||||||||||V1",
        "FT1|1|T1||20261110|20261110|CG|99213^visit^C4|||1|150&USD||||||||I10^^I10||||||99213^visit^C4",
        "DG1|1||{code}^^I10|||F",
        "IN1|1|P1^Gold|DEMO1|Lakeshore Demo Health||||G1||||||AUTH1||Underbough^Perrin|SEL|19710605",
    ]
)


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request: pytest.FixtureRequest, tmp_path: Path, reference: Reference) -> Iterator[Opened]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    opened = open_small(tmp_path, reference, in_memory=True, postgres=postgres)
    yield opened
    # Whatever came, nothing waits, nothing was beyond a step, and the books and the screens can be read.
    assert set(opened.engine.read_lags().values()) <= {0}
    assert opened.store.list_set_aside() == []
    assert find_violations(opened.store.connection) == []
    assert report_status(opened)
    opened.store.close()


def ingest(installation: Opened, name: str, data: str | bytes) -> IngestedFile:
    path = installation.data / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (file,) = ingest_paths(installation, [path], NOW)
    return file


def send(installation: Opened, *documents: dict[str, Any]) -> IngestedFile:
    """Encounters as lines of a file, and behind them one that is right."""
    right = GOOD | {"source_id": "right", "patient": GOOD["patient"] | {"id": "P2"}}
    return ingest(installation, "encounters.ndjson", "".join(json.dumps(line) + "\n" for line in (*documents, right)))


def list_bodies(installation: Opened, kind: type[Body]) -> list[Any]:
    events = (decode_record(record) for record in installation.store.read(TOPICS, 0, 100_000))
    return [event.body for event in events if isinstance(event.body, kind)]


def count_coded(installation: Opened) -> int:
    return int(
        installation.store.connection.execute("SELECT count(*) FROM encounter WHERE state = 'coded'").fetchone()[0]
    )


BAD_CODES = [
    ("diagnoses", "I10 Essential hypertension"),
    ("diagnoses", "."),
    ("diagnoses", "HYPERTENSION"),
    ("diagnoses", "\u216010"),  # a Roman numeral
    ("services", "99213-25-59"),
    ("services", "office visit"),
    ("services", "99213-25"),
]


def test_a_code_that_is_none_holds_its_encounter(installation: Opened) -> None:
    encounters = [
        GOOD | {"source_id": f"V{number}", part: [GOOD[part][0] | {"code": code}]}
        for number, (part, code) in enumerate(BAD_CODES)
    ]
    file = send(installation, *encounters)

    assert (file.outcome, file.events, count_coded(installation)) == ("accepted", len(BAD_CODES) + 1, 1)
    findings = [found for held in list_bodies(installation, EncounterHeld) for found in held.findings]
    unreadable = [(found.code, found.where, found.owner) for found in findings if "unreadable" in found.code]
    assert (
        unreadable
        == [("diagnosis_code_unreadable", "diagnosis 1", "coder")] * 4
        + [("service_code_unreadable", "line 1", "coder")] * 3
    )
    told = [*list_bodies(installation, EncounterHeld), *list_bodies(installation, WorkItemOpened)]
    words = [code for _, code in BAD_CODES if len(code) > 1]
    assert [code for body in told for code in words if code in body.model_dump_json()] == [], "words become no codes"


def test_words_behind_a_code_of_an_hl7_message_hold_its_encounter(installation: Opened) -> None:
    file = ingest(installation, "charges.hl7", HL7.replace("{code}", "I10 Essential hypertension"))

    assert file.outcome == "accepted"
    (held,) = list_bodies(installation, EncounterHeld)
    assert "diagnosis_code_unreadable" in [found.code for found in held.findings]


def test_a_service_of_no_day_of_ours_is_refused_by_its_field(installation: Opened) -> None:
    days = ["9999-01-01", "0002-11-10", "1899-12-31", "2101-01-01"]
    services = [GOOD["services"][0] | {"code": "99203", "service_date_from": day} for day in days]
    file = send(installation, *(GOOD | {"services": [service]} for service in services))

    assert (file.outcome, count_coded(installation)) == ("partly_accepted", 1)
    assert ["services.0.service_date_from" in found.where for found in file.findings] == [True] * len(days)


def test_a_service_of_tomorrow_and_later_is_held(installation: Opened) -> None:
    """Dates within the calendar that have not come: an edit says so, for who can mend it."""
    later = "2099-01-01"
    service = GOOD["services"][0] | {"service_date_from": later}
    send(installation, GOOD | {"start_date": later, "services": [service]})

    (held,) = list_bodies(installation, EncounterHeld)
    assert "service_in_future" in [found.code for found in held.findings]


def test_what_a_patient_cannot_have_paid_is_refused(installation: Opened) -> None:
    amounts = ["92233720368547758.07", "10000000000.00", "-10000000000.00"]
    file = send(installation, *(GOOD | {"patient_paid_amount": amount} for amount in amounts))

    assert (file.outcome, count_coded(installation)) == ("partly_accepted", 1)
    assert ["patient_paid_amount" in found.where for found in file.findings] == [True] * len(amounts)


def test_lines_of_a_bank_s_file_beyond_the_calendar_or_the_ledger_are_refused(installation: Opened) -> None:
    lines = ["deposited_on,amount,trace_number", "2026-11-10,12.50,T1", "9999-12-31,1.00,T2", "2026-11-10,5E16,T3"]
    file = ingest(installation, "bank.csv", "\n".join([*lines, "2026-11-11,50000000000000000.00,T4"]))

    assert (file.outcome, file.events) == ("partly_accepted", 1)
    assert [found.where for found in file.findings] == ["line 3", "line 4", "line 5"]


def test_a_bank_day_beyond_the_ledger_is_refused(installation: Opened) -> None:
    cents = "99999999999999999"
    lines = ["01,021000018,CLINIC,261110,0600,1,,,2/", "02,CLINIC,021000018,1,261110,,USD,2/"]
    lines += ["03,000123,USD,,,,/", f"16,142,{cents},0,BR1,,X/", f"49,{cents},3/", f"98,{cents},1,5/"]
    file = ingest(installation, "day.bai", "\n".join([*lines, f"99,{cents},1,7/", ""]))

    assert (file.outcome, file.events) == ("rejected", 0)
    assert "an amount beyond 9999999999.99" in file.findings[0].what


def test_patients_payments_beyond_the_ledger_are_refused(installation: Opened) -> None:
    lines = ["received_on,amount,reference,account_key"]
    lines += [f"2026-11-10,50000000000000000.00,R{number},AAAAAAAAAA" for number in range(2)]
    file = ingest(installation, "payments.csv", "\n".join([*lines, "2026-11-10,20.00,R3,AAAAAAAAAA", ""]))

    assert (file.outcome, file.events) == ("partly_accepted", 1)


def find_remittance(installation: Opened) -> tuple[bytes, str]:
    """An 835 of the practice payer that denies a line, and its payment date."""
    denied = installation.store.connection.execute("SELECT remittance_id FROM denial LIMIT 1").fetchone()[0]
    received = [body for body in list_bodies(installation, RemittanceReceived) if body.remittance_id == denied]
    data = installation.archive.read(received[0].document.sha256)
    return data, data[data.index(b"BPR*") :].split(b"~")[0].split(b"*")[16].decode()


def send_dated(installation: Opened, day: str) -> IngestedFile:
    """An 835 of the practice payer that denies a line, once more, as of another payment date."""
    run_cycle(installation, make_encounter_events(24, 1))
    data, paid_on = find_remittance(installation)
    payment = data[data.index(b"BPR*") :].split(b"~")[0]
    return ingest(installation, "later.835", data.replace(payment, payment.replace(paid_on.encode(), day.encode()), 1))


@pytest.mark.parametrize("day", ["99991231", "18991231"])
def test_an_835_of_no_day_of_ours_is_held(installation: Opened, day: str) -> None:
    file = send_dated(installation, day)

    (held,) = list_bodies(installation, RemittanceHeld)
    assert file.outcome in ("held", "partly_accepted"), "its other sets are repeats"
    assert held.reason == "unreadable"
    assert "not a date of the calendar between 1900 and 2100" in [found.what for found in held.findings]


@pytest.mark.parametrize("day", ["20002316", "26-11-20", "TODAY"])
def test_an_835_whose_day_is_a_slip_of_the_payer_is_posted(installation: Opened, day: str) -> None:
    send_dated(installation, day)

    assert list_bodies(installation, RemittanceHeld) == []
    assert [body.payment_date for body in list_bodies(installation, RemittanceAccepted)].count(None) == 1


def tell(installation: Opened, *bodies: Body) -> None:
    """Events from nobody that we know, on their topics."""
    events = [
        Event(make_id("told", number), body.key, NOW, "told", None, "", body) for number, body in enumerate(bodies)
    ]
    publish(installation, events)
    installation.engine.run_until_quiet()


def test_a_remittance_of_no_such_set_is_held_once(installation: Opened) -> None:
    run_cycle(installation, make_encounter_events(8, 1))
    real = list_bodies(installation, RemittanceReceived)[0]
    absent = real.model_copy(update={"remittance_id": "another", "transaction_index": 7})
    other_file = RemittanceReceived(
        remittance_id="no 835", document=DocumentPlace(sha256=installation.archive.keep(b"{}")), transaction_index=0
    )
    tell(installation, absent, absent.model_copy(), other_file)

    held = list_bodies(installation, RemittanceHeld)
    assert [(body.remittance_id, body.findings[0].code) for body in held] == [
        ("another", "remittance_not_in_document"),
        ("no 835", "remittance_not_in_document"),
    ]


def test_a_part_that_its_document_does_not_have_posts_nothing(installation: Opened) -> None:
    run_cycle(installation, make_encounter_events(8, 1))
    before = len(list_bodies(installation, ClaimRemitted))
    part = list_bodies(installation, RemittancePart)[0]
    beyond = ({"claim_count": 200}, {"first_claim_index": 90_000_000})
    tell(installation, *(part.model_copy(update=change) for change in beyond))

    assert len(list_bodies(installation, ClaimRemitted)) == before
    asked = [item.reason for item in list_bodies(installation, WorkItemOpened)]
    assert asked.count("remittance_part_impossible") == 2


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (RemittanceReceived, {"transaction_index": -1}),
        (RemittanceReceived, {"transaction_index": 2**63}),
        (RemittancePart, {"transaction_index": -1}),
        (RemittancePart, {"first_claim_index": -1}),
        (RemittancePart, {"claim_count": 0}),
        (RemittancePart, {"payment_date": "9999-12-31"}),
        (ClaimRemitted, {"payment_date": "9999-12-31"}),
        (ClaimRemitted, {"claim_index": -1}),
        (ClaimRemitted, {"claim.patient_control_number": "X" * 60}),
        (ClaimRemitted, {"claim.segment_index": -1}),
        (PaymentPosted, {"encounter_id": None}),
        (PaymentPosted, {"encounter_id": ""}),
        (InterchangeAcknowledged, {"control_number": 0}),
        (InterchangeAcknowledged, {"trading_partner": ""}),
    ],
)
def test_what_no_step_could_take_is_no_event(kind: type[Body], change: dict[str, Any]) -> None:
    document = json.loads(read_example(kind).model_dump_json())
    for path, value in change.items():
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place[parent]
        assert name in place
        place[name] = value
    record = Record(
        kind.topic, 0, 0, "id", kind.type, 1, "k", NOW.isoformat(), "c", None, "", json.dumps(document).encode()
    )

    with pytest.raises(UnreadableMessageError):
        decode_record(record)
