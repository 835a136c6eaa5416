"""The acknowledgement of an HL7 v2 message (chapter 2.9, original mode). It repeats nothing of the patient's."""

from datetime import datetime

from connectors.ehr.hl7.framing import even_line_ends
from connectors.ehr.hl7.message import Hl7Error, Message
from schemas.findings import Finding

UNREADABLE = frozenset({"unsupported_message", "not_hl7", "too_large"})


def build_ack(data: bytes, findings: tuple[Finding, ...], control_id: str, at: datetime) -> bytes:
    r"""The ACK to one message: AA taken, AE an error in its content, AR not readable or not of a type read here.

    `findings` are those of reading the message; each `reject` becomes an ERR segment. A message whose MSH cannot be
    read is answered with the separators |^~\& and no control id.
    """
    rejects = [finding for finding in findings if finding.severity == "reject"]
    try:
        message = Message(even_line_ends(data).split(b"\r", 1)[0])  # a broken message is answered by its number, too
    except Hl7Error:
        return _write(
            [["MSH", "^~\\&", "", "", "", "", _stamp(at), "", "ACK", control_id, "P", "2.5.1"], ["MSA", "AR", ""]]
        )
    code = "AA" if not rejects else "AR" if {finding.code for finding in rejects} & UNREADABLE else "AE"
    header = message.header
    sender, receiver = (
        [_escape(header.text(field)) for field in (3, 4)],
        [_escape(header.text(field)) for field in (5, 6)],
    )
    kind = f"ACK^{_escape(header.text(9, 2))}^ACK"
    version = _escape(header.text(12)) or "2.5.1"
    processing = _escape(header.text(11)) or "P"
    segments = [
        ["MSH", "^~\\&", *receiver, *sender, _stamp(at), "", kind, control_id, processing, version],
        ["MSA", code, _escape(header.text(10))],
    ]
    # ERR-3 207 is an application error, ERR-4 E an error, ERR-8 words for people.
    segments += [["ERR", "", "", "207", "E", "", "", "", _escape(f"{each.where}: {each.what}")] for each in rejects]
    return _write(segments)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")


def _escape(text: str) -> str:
    text = text.replace("\\", "\\E\\")
    for character, name in (("|", "F"), ("^", "S"), ("~", "R"), ("&", "T")):
        text = text.replace(character, f"\\{name}\\")
    return text


def _write(segments: list[list[str]]) -> bytes:
    return "".join("|".join(fields) + "\r" for fields in segments).encode()
