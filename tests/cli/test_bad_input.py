"""What broken files get: a clear finding each, bytes kept, exit status 1 or 2, and the good files beside them done."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.demo import generate_encounters
from connectors.practice_payer.simulator import answer_interchange
from schemas.identifiers import sha256_hex
from streams.cli import app

DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
ACK = (
    b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*^*00501*000000001*0*T*:~"
    b"GS*CODE*A*B*20260101*1200*1*X*GUIDE~ST*SET*0001*GUIDE~SE*2*0001~GE*1*1~IEA*1*000000001~"
)
JUNK = {
    "empty": b"",
    "blank": b" \n\t ",
    "binary": bytes(range(256)) * 20,
    "latin1.ndjson": b'{"source_system": "caf\xe9"}\n',
    "deep.json": DEEP,
    "nan.ndjson": b'{"source_system": NaN}\n',
    "twice.ndjson": b'{"source_system": "a", "source_system": "b"}\n',
    "list.json": b"[1, 2, 3]",
    "number.json": b"42",
    "fhir.json": b'{"resourceType": "Bundle", "type": "transaction", "entry": "no list"}',
    "patient.json": b'{"resourceType": "Patient", "id": "p1"}',
    "isa.txt": b"ISA*00*",
    "isa-then-junk.835": b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*^*00501"
    b"*000000001*0*T*:~GS*HP*A*B*20260101*1200*1*X*005010X221A1~ST*835*0001~BPR*I*1e5*C*CHK~",
    "prose.txt": b"Dear payer, please pay.",
    "hl7-like.txt": b"MSH|^~\\&|",
    "null.bin": b"\x00" * 1000,
    "nothing.999": ACK.replace(b"CODE", b"FA").replace(b"SET", b"999").replace(b"GUIDE", b"005010X231A1"),
    "nothing.277": ACK.replace(b"CODE", b"HN").replace(b"SET", b"277").replace(b"GUIDE", b"005010X214"),
}


def ingest(*paths: Path, data: Path) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["ingest", *map(str, paths), "--data", str(data), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("name", JUNK)
def test_a_broken_file_gets_a_finding_and_exit_status_2(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(JUNK[name])
    exit_code, report = ingest(path, data=tmp_path / "data")
    (file,) = report["files"]
    assert exit_code == 2 or (name == "isa-then-junk.835" and exit_code == 1)
    assert file["outcome"] in ("rejected", "held")
    assert file["findings"] and all(finding["what"] and finding["remedy"] for finding in file["findings"])
    assert report["status"]["ledger"]["entries"] == 0
    if JUNK[name].strip():
        sha256 = sha256_hex(JUNK[name])
        assert (tmp_path / "data" / "archive" / sha256[:2] / sha256).read_bytes() == JUNK[name]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    exit_code, report = ingest(tmp_path / "nowhere.835", data=tmp_path / "data")
    assert exit_code == 2
    assert report["files"][0]["findings"][0]["code"] == "unreadable_file"


def test_good_files_beside_junk_are_processed(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, content in JUNK.items():
        (folder / name).write_bytes(content)
    lines = [encounter.model_dump_json().encode() for encounter in generate_encounters(5, 2)]
    (folder / "good.ndjson").write_bytes(b"\n".join([*lines, b'{"broken": true}', b""]))
    exit_code, report = ingest(folder, data=tmp_path / "data")
    outcomes = {Path(file["path"]).name: file["outcome"] for file in report["files"]}
    assert exit_code == 1
    assert outcomes.pop("good.ndjson") == "partly_accepted"
    assert set(outcomes.values()) <= {"rejected", "held"}
    assert len(outcomes) == len(JUNK)
    assert report["status"]["encounters"]["total"] == 5
    assert report["status"]["dead_letters"] > 0
    _, again = ingest(folder, data=tmp_path / "data")
    assert again["status"]["digest"] == report["status"]["digest"]
    assert again["status"]["dead_letters"] == report["status"]["dead_letters"]


def test_findings_about_a_patient_never_quote_the_patient(tmp_path: Path) -> None:
    line = next(iter(generate_encounters(1, 1))).model_dump(mode="json")
    line["patient"]["birth_date"] = "SECRET-BIRTH-DATE"
    line["patient"]["family_name"] = {"SECRET": "NAME"}
    path = tmp_path / "one.ndjson"
    path.write_text(json.dumps(line))
    _, report = ingest(path, data=tmp_path / "data")
    assert report["files"][0]["findings"]
    assert "SECRET" not in json.dumps(report)


def test_a_remittance_truncated_anywhere_posts_nothing_of_its_incomplete_set(tmp_path: Path) -> None:
    source = tmp_path / "encounters.ndjson"
    source.write_text("".join(encounter.model_dump_json() + "\n" for encounter in generate_encounters(12, 5)))
    data = tmp_path / "data"
    ingest(source, data=data)
    (sent,) = (data / "outbox").glob("*.837")
    remittance = next(answer for answer in answer_interchange(sent.read_bytes(), 1) if answer.kind == "835").data
    first_end = remittance.index(b"\nSE*") if b"\nSE*" in remittance else remittance.index(b"~SE*")
    for cut in (3, 105, 107, 200, first_end // 2, first_end - 1):
        path = tmp_path / f"cut-{cut}.835"
        path.write_bytes(remittance[:cut])
        exit_code, report = ingest(path, data=data)
        assert exit_code in (1, 2), cut
        accounts = {account["account"] for account in report["status"]["ledger"]["accounts"]}
        assert "remittance_clearing" not in accounts, cut


def test_a_dead_letter_is_listed_with_its_reason_and_shown_as_it_came(tmp_path: Path) -> None:
    path = tmp_path / "lines.ndjson"
    path.write_bytes(b'{"broken": true}\n')
    ingest(path, data=tmp_path / "data")
    runner = CliRunner()
    listed = json.loads(runner.invoke(app, ["deadletters", "list", "--data", str(tmp_path / "data"), "--json"]).stdout)
    (letter,) = listed["dead_letters"]
    shown = runner.invoke(app, ["deadletters", "show", str(letter["id"]), "--data", str(tmp_path / "data")])
    assert "line 1" in letter["reason"]
    assert shown.stdout_bytes == b'{"broken": true}'
    assert runner.invoke(app, ["deadletters", "show", "999", "--data", str(tmp_path / "data")]).exit_code == 2
    assert runner.invoke(app, ["doctor", "--data", str(tmp_path / "data")]).exit_code == 1
