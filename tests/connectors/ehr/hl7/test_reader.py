"""HL7 v2 messages: charges become encounters, everything else is named."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import hl7
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ehr.hl7.ack import build_ack
from schemas.encounter import Encounter
from schemas.findings import Finding
from tests.receiving import receive_hl7

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "hl7"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
CHARGES = "\r".join(
    [
        r"MSH|^~\&|EHR|DEMO CLINIC|BILLING|OFFICE|20260401083000-0400||DFT^P03^DFT_P03|M77|P|2.5.1",
        "EVN|P03|20260401",
        "PID|1||77^^^DEMO^MR~999^^^SSA^SS||Fallowdale^Brenna^Quill||19800229|F|||1 Test Street^^Dayton^OH^45402-0001",
        "PV1|1|O|||||1100000011^Alderbrook^Corian^^^^^^&2.16.840.1.113883.4.6&ISO||||||||||||V1",
        "FT1|1|T1||20260331|20260401|CG|OV3^visit^L|||1|150.5&USD||||||||I10^^I10||||||99213^visit^C4|25",
        "FT1|2|T2||20260331|20260401|CG|G0439^^HCPCS|||2||40.25",
        "DG1|1||E11.9^sugar^I10|||F",
        "DG1|2||R07.9^^I10|||A",
        r"IN1|1|P1^Gold|DEMO1|Lakeshore \T\ Demo Health||||G1||||||AUTH1||Fallowdale^Nolis|CHD|19550101",
        "IN1|2||MCR|Medicare",
    ]
)

NO_CHARGES = "\r".join(line for line in CHARGES.split("\r") if not line.startswith("FT1"))


def read_one(text: str) -> Encounter:
    result = receive_hl7(text.encode())
    assert not result.findings
    (encounter,) = result.encounters
    return encounter


def refuse_one(text: str) -> Finding:
    result = receive_hl7(text.encode())
    assert not result.encounters
    (finding,) = result.findings
    return finding


def test_a_visit_with_its_charges() -> None:
    encounter = read_one(CHARGES)
    assert (encounter.source_system, encounter.source_id) == ("DEMO CLINIC", "V1/T1")
    assert encounter.version_order == "2026-04-01T12:30:00.000000+00:00"
    assert (encounter.start_date, encounter.place_of_service) == (date(2026, 3, 31), "11")
    assert (encounter.patient.id, encounter.patient.family_name, encounter.patient.sex) == ("77", "Fallowdale", "F")
    assert encounter.patient.address.postal_code == "454020001"
    assert encounter.rendering_provider and encounter.rendering_provider.npi == "1100000011"


def test_charges_keep_their_codes_modifiers_amounts_and_reasons() -> None:
    encounter = read_one(CHARGES)
    assert [each.code for each in encounter.diagnoses] == ["E11.9", "I10"]  # final ones, then the charges' own
    visit, wellness = encounter.services
    assert (visit.line_id, visit.system, visit.code, visit.modifiers) == ("T1-1", "CPT", "99213", ("25",))
    assert (visit.charge_amount, visit.diagnosis_pointers) == (Decimal("150.50"), (2,))
    assert (wellness.system, wellness.units, wellness.charge_amount) == ("HCPCS", Decimal(2), Decimal("80.50"))


@pytest.mark.parametrize("diagnosis", ["^chest pain", "chest pain", "chest pain^^", "^chest pain^I10"])
def test_words_never_become_a_code(diagnosis: str) -> None:
    told = CHARGES.replace("E11.9^sugar^I10", diagnosis).replace("R07.9^^I10|||A", "^dizzy|||F")
    diagnoses = read_one(told).diagnoses
    assert [(each.system, each.code, each.description) for each in diagnoses] == [
        ("LOCAL", "", "chest pain"),
        ("LOCAL", "", "dizzy"),
        ("ICD-10-CM", "I10", ""),
    ]


def test_coverages_in_order_with_the_parent_who_is_insured() -> None:
    first, second = read_one(CHARGES).coverages
    assert (first.payer_id, first.payer_name, first.group_number) == ("DEMO1", "Lakeshore & Demo Health", "G1")
    assert first.relationship == "child" and first.subscriber and first.subscriber.given_name == "Nolis"
    assert (second.priority, second.filing_indicator, second.relationship) == (2, "MB", "self")


def test_the_same_message_again_is_the_same_encounter_and_other_transactions_are_another() -> None:
    assert read_one(CHARGES) == read_one(CHARGES.replace("|M77|", "|M78|"))
    assert read_one(CHARGES.replace("FT1|1|T1|", "FT1|1|T9|")).source_id == "V1/T9"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text.replace("\r", "\n"),
        lambda text: text.replace("\r", "\r\n") + "\r\n",
        lambda text: f"\x0b{text}\r\x1c\r",
        lambda text: f"FHS|^~\\&|EHR\rBHS|^~\\&|EHR\r{text}\rBTS|1\rFTS|1",
        lambda text: text.replace("|", "!").replace(r"^~\&", r"^~\&"),
    ],
)
def test_line_ends_frames_batches_and_other_separators(wrap: Callable[[str], str]) -> None:
    assert read_one(wrap(CHARGES)).source_id == "V1/T1"


def test_a_file_of_several_messages_is_read_through_a_bad_one() -> None:
    bad = CHARGES.replace("|20260331|", "|20260231|").replace("||V1", "||V2")
    result = receive_hl7("\r".join([CHARGES, bad, CHARGES.replace("||V1", "||V3")]).encode())
    assert [encounter.source_id for encounter in result.encounters] == ["V1/T1", "V3/T1"]
    assert [finding.where for finding in result.findings] == ["message 2, FT1[1]-4"]


@pytest.mark.parametrize(
    ("kind", "code", "severity"),
    [
        ("ADT^A08", "no_charges", "warn"),
        ("BAR^P01", "no_charges", "warn"),
        ("ADT^A11", "visit_cancelled", "hold"),
        ("BAR^P02", "visit_cancelled", "hold"),
        ("ADT^A40", "patients_merged", "hold"),
        ("ORU^R01", "unsupported_message", "reject"),
    ],
)
def test_what_carries_no_charges_is_named(kind: str, code: str, severity: str) -> None:
    finding = refuse_one(NO_CHARGES.replace("DFT^P03^DFT_P03", kind))
    assert (finding.code, finding.severity) == (code, severity)


@pytest.mark.parametrize("kind", ["DFT", "DFT^", "DFT^P03", "dft^p03", "DFT^P11^DFT_P11"])
@pytest.mark.parametrize("trigger", ["EVN|P03|20260401\r", ""])
def test_a_message_of_charges_is_known_by_its_type_with_or_without_its_event(kind: str, trigger: str) -> None:
    text = CHARGES.replace("DFT^P03^DFT_P03", kind).replace("EVN|P03|20260401\r", trigger)
    assert len(read_one(text).services) == 2


@pytest.mark.parametrize("kind", ["ADT^A08", "BAR^P01", "DFT^P12", "ADT^A11", "ADT^A40"])
def test_charges_in_another_type_of_message_are_not_passed_over(kind: str) -> None:
    inbound = receive_hl7(CHARGES.replace("DFT^P03^DFT_P03", kind).encode()).inbound
    assert [(finding.code, finding.severity) for finding in inbound.findings] == [("bad_message", "reject")]
    assert [part.place for part in inbound.unread] == [1]


def test_a_credit_is_for_a_person_and_no_charge() -> None:
    result = receive_hl7(CHARGES.replace("FT1|2|T2||20260331|20260401|CG", "FT1|2|T2||20260331|20260401|CR").encode())
    assert [len(encounter.services) for encounter in result.encounters] == [1]
    assert [(finding.code, finding.severity) for finding in result.findings] == [("not_a_charge", "hold")]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("PID|1||77^^^DEMO^MR~999^^^SSA^SS|", "PID|1|||", "PID[1]-3"),
        ("|19800229|", "|19801329|", "PID[1]-7"),
        ("PV1|1|O|", "PV1|1|Z|", "PV1[1]-2"),
        ("||||||||||||V1", "", "PV1[1]-19"),
        ("150.5&USD", "150.505&USD", "FT1[1]-11"),
        ("150.5&USD", "150.5&EUR", "FT1[1]-11"),
        ("150.5&USD", "1E3", "FT1[1]-11"),
        ("|||2||40.25", "|||2.5||40.25", "FT1[2]-12"),
        ("|||2||40.25", "|||two||40.25", "FT1[2]-10"),
        ("|99213^visit^C4|25", "|99213^visit^C4|TOOLONG", "modifiers"),
        ("EVN|P03|20260401\rPID", "EVN|P03|20260401\rZZZ", "PID"),
    ],
)
def test_a_wrong_field_is_named_by_segment_and_number_without_its_value(old: str, new: str, where: str) -> None:
    assert old in CHARGES
    finding = refuse_one(CHARGES.replace(old, new))
    assert (finding.code, finding.severity) == ("bad_message", "reject")
    assert finding.where.startswith("message 1, ") and where in finding.where
    assert "Fallowdale" not in finding.model_dump_json() and "TOOLONG" not in finding.model_dump_json()


def test_escapes_and_character_sets() -> None:
    text = CHARGES.replace("Fallowdale^Brenna", r"Fall\X6F\w\F\dale\.br\^Brenn\E\a")
    assert (read_one(text).patient.family_name, read_one(text).patient.given_name) == ("Fallow|dale", r"Brenn\a")
    latin = CHARGES.replace("|P|2.5.1", "|P|2.5.1||||||8859/1").replace("Brenna", "Brénna")
    assert receive_hl7(latin.encode("latin-1")).encounters[0].patient.given_name == "Brénna"
    assert receive_hl7(CHARGES.replace("Brenna", "Brénna").encode("latin-1")).findings[0].code == "bad_message"


@pytest.mark.parametrize(
    ("named", "codec", "name"),
    [
        ("8859/15", "iso8859-15", "RENÉE Œ"),
        ("8859/2", "iso8859-2", "Łucja"),
        ("UNICODE UTF-8", "utf-8", "Zoë"),
        ("BIG-5", "big5", "功許"),  # whose second bytes are backslashes
        ("8859/1~8859/2", "iso8859-1", "Brénna"),
        ("windows-1252", "cp1252", "Žofie"),
    ],
)
def test_a_message_is_read_in_the_character_set_that_it_names(named: str, codec: str, name: str) -> None:
    text = CHARGES.replace("|P|2.5.1", f"|P|2.5.1||||||{named}").replace("Brenna", name)
    assert receive_hl7(text.encode(codec)).encounters[0].patient.given_name == name


def test_a_character_set_that_is_not_known_is_said_where_it_matters() -> None:
    text = CHARGES.replace("|P|2.5.1", "|P|2.5.1||||||CNS 11643-1992")
    assert receive_hl7(text.encode()).encounters
    (finding,) = receive_hl7(text.replace("Brenna", "Brénna").encode("latin-1")).findings
    assert "MSH-18 names no set known" in finding.what


@pytest.mark.parametrize("encoding", ["^~\\&#", "^~\\&%", "@~\\&"])
def test_the_encoding_characters_are_those_of_the_message(encoding: str) -> None:
    text = CHARGES.replace("^~\\&", "\0").replace("^", encoding[0]).replace("\0", encoding)
    assert read_one(text).patient.given_name == "Brenna"


class TestAcknowledgement:
    """ACKs, read back by the HL7 library."""

    @pytest.mark.parametrize(
        ("text", "code", "error_count"),
        [
            (CHARGES, "AA", 0),
            (NO_CHARGES.replace("DFT^P03^DFT_P03", "ADT^A08"), "AA", 0),
            (CHARGES.replace("DFT^P03^DFT_P03", "ADT^A08"), "AE", 1),
            (CHARGES.replace("|19800229|", "|19801329|"), "AE", 1),
            (CHARGES + "\rno segment", "AE", 1),
            (CHARGES.replace("DFT^P03^DFT_P03", "ORU^R01"), "AR", 1),
        ],
    )
    def test_codes(self, text: str, code: str, error_count: int) -> None:
        findings = receive_hl7(text.encode()).findings
        ack = hl7.parse(build_ack(text.encode(), findings, "A1", NOON).decode())
        assert (str(ack.segment("MSA")[1]), str(ack.segment("MSA")[2])) == (code, "M77")
        assert [str(ack.segment("MSH")[field]) for field in (3, 4, 5, 6)] == ["BILLING", "OFFICE", "EHR", "DEMO CLINIC"]
        assert len([segment for segment in ack if str(segment[0]) == "ERR"]) == error_count

    def test_it_repeats_nothing_of_the_patient(self) -> None:
        bad = CHARGES.replace("|19800229|", "|Fallowdale|")
        ack = build_ack(bad.encode(), receive_hl7(bad.encode()).findings, "A1", NOON)
        assert b"PID[1]-7" in ack and b"Fallowdale" not in ack

    def test_what_is_no_message_is_rejected(self) -> None:
        assert b"\rMSA|AR|" in build_ack(b"MSH|||", (), "A1", NOON)


@pytest.mark.parametrize(
    "data", [b"", b"MSH", b"MSH|^~\\&", b"MSH|^^^^|A", b"PID|1", b"MSH|^~\\&|\r\r\r", b"\x0b\x1c\r"]
)
def test_what_is_no_message_is_a_finding(data: bytes) -> None:
    result = receive_hl7(data)
    assert not result.encounters
    assert [finding.severity for finding in result.findings] == ["reject"]


@settings(max_examples=200)
@given(data=st.data())
def test_any_damage_is_survived(data: st.DataObject) -> None:
    whole = CHARGES.encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    result = receive_hl7(whole[:start] + data.draw(st.binary(max_size=12)) + whole[end:])
    assert result.encounters or result.findings
    for encounter in result.encounters:
        encounter.model_dump_json()


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real HL7 files: {FOLDER.name} is not beside the checkout")
def test_real_messages_end_as_encounters_or_findings() -> None:
    results = {path.stem: receive_hl7(path.read_bytes()) for path in sorted(FOLDER.glob("*.hl7"))}
    assert len(results) == 12
    read = {name: [len(encounter.services) for encounter in result.encounters] for name, result in results.items()}
    assert {name: counts for name, counts in read.items() if counts} == {"DFT-P03-01": [2], "DFT-P11-01": [2]}
    codes = {finding.code for result in results.values() for finding in result.findings}
    assert codes == {"no_charges", "visit_cancelled", "patients_merged"}
