"""A file of HL7 v2 into messages: frames, batches, line ends; nothing of a charge is dropped in silence."""

import pytest

from tests.connectors.reader_examples import HL7
from tests.receiving import find_kind, receive_hl7

SECOND = HL7.replace(b"M77", b"M78").replace(b"|V1\r", b"|V2\r")
HEADS = b"FHS|^~\\&|A\rBHS|^~\\&|A\r"
VISITS = ["V1/T1", "V2/T1"]


def visits(data: bytes) -> list[str]:
    return [encounter.source_id for encounter in receive_hl7(data).encounters]


def codes(data: bytes) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in receive_hl7(data).findings]


FORMS = {
    "one after another": HL7 + SECOND,
    "LF": (HL7 + SECOND).replace(b"\r", b"\n"),
    "CR LF": (HL7 + SECOND).replace(b"\r", b"\r\n"),
    "each its own line ends": HL7.replace(b"\r", b"\n") + SECOND,
    "blank lines": (HL7 + b"\r\n\r\n" + SECOND).replace(b"\r", b"\r\n\r\n"),
    "frames": b"\x0b" + HL7 + b"\x1c\r\x0b" + SECOND + b"\x1c\r",
    "frames without a CR between": b"\x0b" + HL7 + b"\x1c\x0b" + SECOND + b"\x1c",
    "frames with bytes between": b"\x0b" + HL7 + b"\x1c\rok\r\n\x0b" + SECOND + b"\x1c\r",
    "frames of LF": b"\x0b" + HL7.replace(b"\r", b"\n") + b"\x1c\n\x0b" + SECOND + b"\x1c\n",
    "ends of frames alone": HL7 + b"\x1c\r" + SECOND + b"\x1c\r",
    "a batch": HEADS + HL7 + SECOND + b"BTS|2\rFTS|1\r",
    "a batch without counts": HEADS + HL7 + SECOND + b"BTS\rFTS\r",
    "a batch within a frame": b"\x0b" + HEADS + HL7 + SECOND + b"BTS|2\rFTS|1\r\x1c\r",
    "two batches": HEADS + HL7 + b"BTS|1\rBHS|^~\\&|A\r" + SECOND + b"BTS|1\rFTS|2\r",
    "a file that counts messages": HEADS + HL7 + SECOND + b"BTS|2\rFTS|2\r",
    "a file without batches": b"FHS|^~\\&|A\r" + HL7 + SECOND + b"FTS|1\r",
    "an end of file of DOS": HL7 + SECOND + b"\x1a",
}


@pytest.mark.parametrize("form", FORMS)
def test_messages_are_found_in_every_form(form: str) -> None:
    assert find_kind(FORMS[form]) == "hl7"
    assert (visits(FORMS[form]), codes(FORMS[form])) == (VISITS, [])


@pytest.mark.parametrize("typed", [b"OFFICE VISIT,\nESTABLISHED", b"OFFICE VISIT,\r\nESTABLISHED", b"A\nB\nPIDS"])
def test_a_line_feed_within_a_field_ends_no_segment(typed: bytes) -> None:
    (encounter,) = receive_hl7(HL7.replace(b"|99213|||1", b"|99213|" + typed + b"||1")).encounters
    (service,) = encounter.services
    assert str(service.charge_amount) == "150.00" and service.diagnosis_pointers == (1,)


@pytest.mark.parametrize("line", [b"*** next ***\r", b"and more\r", b"ft1|1\r", b"FT1X|1\r", b"\n\nmore\r"])
def test_a_line_that_is_no_segment_refuses_its_message_and_no_other(line: bytes) -> None:
    data = HL7 + line + SECOND
    assert (visits(data), codes(data)) == (VISITS[1:], [("bad_message", "message 1, behind segment 4")])


def test_a_frame_that_is_not_closed_holds_a_message_that_was_cut_off() -> None:
    data = b"\x0b" + HL7 + b"\x1c\r\x0b" + SECOND[:-20]
    assert (visits(data), codes(data)) == (VISITS[:1], [("bad_message", "message 2")])


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (HEADS + HL7 + SECOND + b"BTS|3\rFTS|1\r", "BTS-1"),
        (HEADS + HL7 + SECOND + b"BTS|2\rFTS|3\r", "FTS-1"),
        (HEADS + HL7 + b"BTS|1\rBHS|^~\\&|A\r" + SECOND + b"BTS|5\rFTS|2\r", "BTS-1"),
    ],
)
def test_a_batch_that_is_not_whole_is_said_and_what_came_is_read(data: bytes, where: str) -> None:
    assert (visits(data), codes(data)) == (VISITS, [("batch_incomplete", where)])


def test_a_batch_without_its_trailer_is_read_and_said() -> None:
    data = HEADS + HL7 + SECOND
    assert (visits(data), codes(data)) == (VISITS, [("batch_without_trailer", "file")])


def test_a_message_that_cannot_be_read_is_a_part_that_can_be_given_back() -> None:
    broken = SECOND.replace(b"20260331||CG", b"31.03.2026||CG")
    data = (HL7 + broken).replace(b"\r", b"\n")
    (part,) = receive_hl7(data).inbound.unread
    assert (part.place, part.body) == (2, broken.strip())
    assert part.reason.startswith("message 2, FT1[1]-4: not a date")


def test_a_batch_without_a_message_is_nothing_to_mend() -> None:
    (finding,) = receive_hl7(HEADS + b"BTS|0\rFTS|1\r").findings
    assert (finding.code, finding.severity) == ("no_messages", "warn")


def test_a_batch_that_lost_all_messages_is() -> None:
    assert codes(HEADS + b"BTS|2\rFTS|1\r")[0] == ("batch_incomplete", "BTS-1")
