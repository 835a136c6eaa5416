"""Every kind of file that is taken in, each time with one value replaced by a word: a name in the wrong column."""

import json
from collections.abc import Iterator
from typing import Any

from connectors.practice_payer.simulator import answer_interchange
from schemas.encounter import Encounter

WRONG = "Zqxwrong"  # no longer than a code may be, so that it is judged and not only measured

HL7 = "\r".join(
    [
        r"MSH|^~\&|EHR|DEMO CLINIC|BILLING|OFFICE|20260401083000-0400||DFT^P03^DFT_P03|M77|P|2.5.1",
        "EVN|P03|20260401",
        "PID|1||77^^^DEMO^MR~999^^^SSA^SS||Fallowdale^Brenna^Quill||19800229|F|||1 Test St^^Dayton^OH^45402-0001",
        "PV1|1|O|||||1100000011^Alderbrook^Corian^^^^^^&2.16.840.1.113883.4.6&ISO||||||||||||VISIT",
        "FT1|1|T1||20260331|20260401|CG|OV3^visit^L|||1|150.5&USD||||||||I10^^I10||||||99213^visit^C4|25",
        "DG1|1||E11.9^sugar^I10|||F",
        "IN1|1|P1^Gold|DEMO1|Lakeshore Demo Health||||G1||||||AUTH1||Fallowdale^Nolis|CHD|19550101",
    ]
)
CODING = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9", "display": "sugar"}
PROCEDURE = {"system": "http://www.ama-assn.org/go/cpt", "code": "99213", "display": "visit"}
PATIENT = {"reference": "Patient/p"}
RESOURCES: tuple[dict[str, Any], ...] = (
    {
        "resourceType": "Patient", "id": "p", "name": [{"family": "Fallowdale", "given": ["Brenna"]}],
        "gender": "female", "birthDate": "1980-02-29", "identifier": [{"system": "x", "value": "77"}],
        "address": [{"line": ["1 Test St"], "city": "Dayton", "state": "OH", "postalCode": "454020001"}],
    },
    {
        "resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "subject": PATIENT,
        "period": {"start": "2026-03-31", "end": "2026-03-31"},
    },
    {
        "resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": PATIENT, "subscriberId": "M1",
        "payor": [{"display": "LAKESHORE DEMO"}],
    },
    {
        "resourceType": "Condition", "id": "d", "code": {"coding": [CODING], "text": "sugar"}, "subject": PATIENT,
        "encounter": {"reference": "Encounter/e"},
    },
    {
        "resourceType": "Claim", "id": "k", "status": "active", "use": "claim", "patient": PATIENT,
        "type": {"coding": [{"code": "professional"}]}, "billablePeriod": {"start": "2026-03-31"},
        "created": "2026-04-01", "insurance": [{"sequence": 1, "coverage": {"reference": "Coverage/c"}}],
        "diagnosis": [{"sequence": 1, "diagnosisReference": {"reference": "Condition/d"}}],
        "item": [
            {
                "sequence": 1, "diagnosisSequence": [1], "productOrService": {"coding": [PROCEDURE]},
                "servicedDate": "2026-03-31", "quantity": {"value": 1}, "net": {"value": 150.0, "currency": "USD"},
                "encounter": [{"reference": "Encounter/e"}],
            }
        ],
    },
)  # fmt: skip
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in RESOURCES]}
TABLES = {
    "deposits": {
        "account": "1", "deposited_on": "2026-04-02", "amount": "10.00", "trace_number": "T1",
        "payer_identifier": "1", "description": "d",
    },
    "payments": {
        "received_on": "2026-04-02", "amount": "10.00", "reference": "R1", "patient_control_number": "A",
        "method": "cash",
    },
    "account": {"received_on": "2026-04-02", "amount": "10.00", "reference": "R2", "account_key": "A"},
}  # fmt: skip
BAI2 = """01,122099999,123456789,260402,0200,1,65,,2/
02,031001234,122099999,1,260402,,USD,2/
03,0123456789,,010,500000,,/
16,165,10000,Z,1234,TRN*1*123*1999/
88,text more
49,510000,4/
98,510000,1,6/
99,510000,1,8/"""
# What tells one segment from another of its kind, by the element that says what it is about.
QUALIFIED = ("AMT", "CAS", "DTM", "DTP", "HL", "N1", "NM1", "REF")

NamedFile = tuple[str, str]


def write_wrong_files(encounter: Encounter, interchange: bytes) -> Iterator[NamedFile]:
    """Name and text of each file; the X12 ones are a payer's answers to an 837."""
    yield from _spoil_hl7()
    yield from _spoil_json("encounter", json.loads(encounter.model_dump_json()), "ndjson")
    yield from _spoil_json("bundle", BUNDLE, "json")
    yield from _spoil_tables()
    yield from _spoil_lines("bai", BAI2.split("\n"), ",", "/\n", "bai")
    kinds: set[str] = set()
    for answer in answer_interchange(interchange, 7):
        kind = answer.name.rpartition(".")[2]
        if kind not in kinds:
            kinds.add(kind)
            yield from _spoil_lines(kind, answer.data.decode().replace("\n", "").split("~")[:-1], "*", "~", "x12")


def _spoil_lines(name: str, lines: list[str], separator: str, end: str, suffix: str) -> Iterator[NamedFile]:
    seen: set[tuple[str, ...]] = set()
    for place, line in enumerate(lines):
        fields = line.rstrip("/").split(separator)
        for position in range(len(fields)):
            what = (fields[0], str(position), fields[1] if fields[0] in QUALIFIED and position > 1 else "")
            if what not in seen:
                seen.add(what)
                spoilt = separator.join([*fields[:position], WRONG, *fields[position + 1 :]])
                text = end.join([*lines[:place], spoilt, *lines[place + 1 :]]) + end
                yield f"{name}-{'-'.join(what)}.{suffix}", text


def _spoil_hl7() -> Iterator[NamedFile]:
    segments = HL7.split("\r")
    for place, segment in enumerate(segments):
        fields = segment.split("|")
        for position in range(1 if place else 2, len(fields)):
            parts = fields[position].split("^")
            for number, part in enumerate(parts):
                if part:
                    field = "^".join([*parts[:number], WRONG, *parts[number + 1 :]])
                    line = "|".join([*fields[:position], field, *fields[position + 1 :]])
                    text = "\r".join([*segments[:place], line, *segments[place + 1 :]])
                    visit = f"V{place}.{position}.{number}"  # one of its own, or it is another version of the first
                    yield f"hl7-{fields[0]}-{position}-{number + 1}.hl7", text.replace("VISIT", visit)


def _spoil_json(name: str, document: dict[str, Any], suffix: str) -> Iterator[NamedFile]:
    for number, path in enumerate(_list_paths(document, ())):
        where = ".".join(map(str, path))[-60:]
        yield f"{name}-{number}-{where}.{suffix}", json.dumps(_put(document, path)) + "\n"


def _list_paths(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(node, dict):
        yield (*path, WRONG)
        for name, child in node.items():
            yield from _list_paths(child, (*path, name))
    elif isinstance(node, list):
        for place, child in enumerate(node if path == ("entry",) else node[:1]):
            yield from _list_paths(child, (*path, place))


def _put(node: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return WRONG
    if isinstance(node, list):
        return [_put(child, path[1:]) if place == path[0] else child for place, child in enumerate(node)]
    return {**node, path[0]: _put(node.get(path[0]), path[1:])}


def _spoil_tables() -> Iterator[NamedFile]:
    for name, row in TABLES.items():
        for column in row:
            spoilt = {**row, column: WRONG}
            yield f"{name}-{column}.csv", f"{','.join(row)}\n{','.join(spoilt.values())}\n"
        yield f"{name}-more.csv", f"{','.join((*row, WRONG))}\n{','.join((*row.values(), WRONG))}\n"
        yield f"{name}-long.csv", f"{','.join(row)}\n{','.join((*row.values(), WRONG))}\n"
