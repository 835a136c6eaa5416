"""Every kind of document that is taken in: how it is told from its content, read and bounded, and how it ends.

One more kind is a module, a row of READERS, and its examples in `tests/connectors/reader_examples.py`. What is not
taken in is told by name as well as can be (REFUSED), so that its sender learns what to do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.bank.bai2 import BAI2, detect_bai2, read_bai2
from connectors.bank.csv_files import (
    DEPOSITS,
    PAYMENTS,
    detect_deposits,
    detect_payments,
    read_deposits_csv,
    read_patient_payments_csv,
)
from connectors.clearinghouse.inbound import read_inbound_file
from connectors.content import Content
from connectors.ehr.fhir.reader import read_fhir_bundle
from connectors.ehr.hl7.framing import detect_hl7
from connectors.ehr.hl7.reader import read_hl7_messages
from connectors.ehr.ndjson import read_encounter_lines
from connectors.endings import (
    OpenFile,
    has_bai2_end,
    has_hl7_end,
    has_json_end,
    has_line_end,
    has_no_end,
    has_x12_end,
)
from schemas.findings import Finding
from schemas.inbound import Inbound, Read, Receipt

# What is read as a stream, what is held as a whole while it is read, what a bank's day has.
STREAM_BYTES_MAX, WHOLE_BYTES_MAX, BANK_BYTES_MAX = 500_000_000, 64 * 1024 * 1024, 16_000_000


@dataclass(frozen=True, slots=True)
class Reader:
    """A row: the names of its kinds, and which of them a document is: empty where it is none, another name where its
    reader will say that it is not taken in (an 837P). `has_end` says of a file that is still in its writer's hands
    whether it has the end of its kind."""

    kinds: tuple[str, ...]
    detect: Callable[[Content], str]
    read: Read
    bytes_max: int
    has_end: Callable[[OpenFile], bool]


def whole(read: Callable[[bytes, Receipt], Inbound]) -> Read:
    """A reader of all of a document at once, as one of its pieces."""

    def read_whole(data: bytes, receipt: Receipt) -> Iterator[Inbound]:
        yield read(data, receipt)

    return read_whole


def refuse(
    kind: str,
    is_it: Callable[[Content], object],
    remedy: str,
    what: str = "",
    has_end: Callable[[OpenFile], bool] = has_no_end,
) -> Reader:
    """A row of what is not taken in: all of its document is one finding."""
    finding = Finding(
        code="unsupported_kind",
        severity="reject",
        owner="operations",
        where="file",
        what=what or f"a file of kind {kind} is nothing that this pipeline takes in",
        remedy=remedy,
    )
    read = whole(lambda *_: Inbound(findings=(finding,)))
    return Reader((kind,), lambda content: kind if is_it(content) else "", read, WHOLE_BYTES_MAX, has_end)


def begins_with(starts: tuple[bytes, ...]) -> Callable[[Content], bool]:
    """Whether a document's first bytes are one of these."""
    return lambda content: content.head.startswith(starts)


def detect_x12(content: Content) -> str:
    """The kind of an X12 file by its first transaction set; all that follow are read, of whatever kind they are."""
    return content.x12


def detect_fhir(content: Content) -> str:
    """Whether it is one FHIR resource, wherever in it its type stands."""
    return "fhir" if content.json == "fhir" else ""


def detect_ndjson(content: Content) -> str:
    """Whether it has one JSON object a line, also where some of the lines are broken."""
    return "ndjson" if content.json == "lines" else ""


# In the order in which they are asked: the ones that look at more than the beginning come last.
READERS = (
    Reader(("835", "TA1", "999", "277CA", "277"), detect_x12, whole(read_inbound_file), STREAM_BYTES_MAX, has_x12_end),
    Reader(("hl7",), detect_hl7, read_hl7_messages, WHOLE_BYTES_MAX, has_hl7_end),
    Reader((BAI2,), detect_bai2, whole(read_bai2), BANK_BYTES_MAX, has_bai2_end),
    Reader((DEPOSITS,), detect_deposits, whole(read_deposits_csv), BANK_BYTES_MAX, has_line_end),
    Reader((PAYMENTS,), detect_payments, whole(read_patient_payments_csv), BANK_BYTES_MAX, has_line_end),
    Reader(("fhir",), detect_fhir, whole(read_fhir_bundle), WHOLE_BYTES_MAX, has_json_end),
    Reader(("ndjson",), detect_ndjson, read_encounter_lines, STREAM_BYTES_MAX, has_json_end),
)

UNPACK = "unpack it, and give the files that are in it"
# What is known by the bytes that it begins with.
WRAPPINGS = {
    "zip": ((b"PK\x03\x04", b"PK\x05\x06"), f"{UNPACK}; save a spreadsheet as CSV"),
    "gzip": ((b"\x1f\x8b",), UNPACK),
    "bzip2": ((b"BZh",), UNPACK),
    "xz": ((b"\xfd7zXZ",), UNPACK),
    "7z": ((b"7z\xbc\xaf",), UNPACK),
    "pdf": ((b"%PDF-",), "it is made for people: ask its sender for the data, such as the 835 of a remittance advice"),
    "xml": ((b"<",), "ask its sender for FHIR as JSON, or for HL7 v2 with bars"),
}
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|[\t\r\n -~]\0[\t\r\n -~]\0|\0[\t\r\n -~]\0[\t\r\n -~]")
_EBCDIC = re.compile(rb"\xc9\xe2\xc1|\xd4\xe2\xc8|\xf0\xf1\x6b")  # ISA, MSH, 01 and a comma
_X12_PART = re.compile(rb"(?:GS|ST|TA1|BPR|BHT)[^A-Za-z0-9\s][A-Z0-9]")
_HL7_PART = re.compile(rb"(?:EVN|PID|PV1|FT1|DG1|IN1|GT1|BTS|FTS)\|")
_LATER = re.compile(rb"ISA([^A-Za-z0-9\s])\d\d\1|[\r\n][ \t\x0b]*(?:(?:MSH|FHS|BHS)[^A-Za-z0-9\s]{4}|01,[^\r\n]*/\s)")

REFUSED = (
    *(refuse(kind, begins_with(starts), remedy) for kind, (starts, remedy) in WRAPPINGS.items()),
    refuse(
        "fhir_lines",
        lambda content: content.json == "fhir_lines",
        "send each encounter with its patient, coverage and charges as one Bundle, in a file of its own",
        "FHIR resources one a line (a bulk export), and Bundles are taken in",
        has_json_end,
    ),
    refuse(
        "json",
        lambda content: content.json == "document",
        "write each encounter as JSON on one line of its own, without a list around them; or send a FHIR Bundle",
        "JSON that is neither one encounter a line nor FHIR: a list, or one document over several lines",
        has_json_end,
    ),
    refuse("utf16", lambda content: _UTF_16.match(content.data), "save it as UTF-8", "the file is in UTF-16"),
    refuse("ebcdic", lambda content: _EBCDIC.match(content.head), "convert it to ASCII", "the file is in EBCDIC"),
    refuse(
        "x12_part",
        lambda content: _X12_PART.match(content.head),
        "ask its sender for the whole interchange, from ISA to IEA",
        "X12 without its interchange header (ISA)",
    ),
    refuse(
        "hl7_part",
        lambda content: _HL7_PART.match(content.head),
        "ask its sender for the whole message, from MSH on",
        "HL7 v2 without its message header (MSH)",
    ),
    refuse(
        "leading_text",
        lambda content: _LATER.search(content.head),
        "take away what stands before ISA, MSH or the record 01, and give the rest",
        "text stands before the first segment or record",
    ),
    refuse(
        "unknown",
        lambda _: True,
        "give FHIR R4 bundles, HL7 v2 DFT messages, encounter NDJSON, X12 TA1, 999, 277CA, 277, 835, BAI2, or CSV of "
        "deposits or patient payments; unpack archives first",
    ),
)


def find_reader(content: Content) -> tuple[str, Reader]:
    """The kind of a document, and its row."""
    return next((kind, reader) for reader in (*READERS, *REFUSED) if (kind := reader.detect(content)))
