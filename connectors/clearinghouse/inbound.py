"""What comes back from the clearinghouse, as events: TA1, 999 and 277CA, and 835s by reference to the archive.

Shape only: whether a remittance is posted or held, and what a rejection means, is decided in the processors.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from schemas.event import Event, publish_at_edge
from schemas.events import ClaimAcknowledged, InterchangeAcknowledged, RemittanceReceived
from schemas.findings import Finding
from schemas.identifiers import account_key_of, make_id, make_unknown_key
from schemas.ledger import DocumentPlace
from schemas.wire import describe_validation
from schemas.x12.acknowledgements import read_acknowledgements
from schemas.x12.errors import X12Error
from schemas.x12.findings import Finding as X12Finding
from schemas.x12.x835_005010x221a1 import read_835, remittance_identity


@dataclass(frozen=True, slots=True)
class InboundFile:
    """The events of one file and what is wrong with it."""

    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_remittance_file(data: bytes, sha256: str, received_at: datetime) -> InboundFile:
    """One RemittanceReceived for each ST that can be told apart, also for those that will be held."""
    events: list[Event] = []
    findings: list[Finding] = []
    try:
        for index, remittance in enumerate(read_835(data)):
            remittance_id = make_id("remittance", remittance_identity(remittance))
            place = DocumentPlace(sha256=sha256, segment=remittance.segment_index)
            body = RemittanceReceived(remittance_id=remittance_id, document=place, transaction_index=index)
            events.append(publish_at_edge(body, remittance_id, received_at, remittance_id))
            findings.extend(translate_finding(found) for found in remittance.findings[:50])
    except X12Error as error:
        findings.append(translate_error(error))
    return InboundFile(tuple(events), tuple(findings))


def read_acknowledgement_file(data: bytes, sha256: str, received_at: datetime, secret: bytes) -> InboundFile:
    """One event for each of our interchanges that a TA1 or 999 names, and for each claim that a 277CA names."""
    events: list[Event] = []
    try:
        for answer in read_acknowledgements(data):
            place = DocumentPlace(sha256=sha256, segment=answer.segment_index)
            if answer.patient_control_number:
                number = answer.patient_control_number
                key = account_key_of(number) or make_unknown_key(secret, number)
                claim = ClaimAcknowledged.model_validate(
                    {
                        "account_key": key,
                        "patient_control_number": number,
                        "source": answer.source,
                        "sender": answer.sender,
                        "outcome": "rejected" if answer.outcome == "rejected" else "accepted",
                        "codes": answer.codes,
                        "payer_claim_control_number": answer.payer_claim_control_number,
                        "document": place,
                    }
                )
                events.append(publish_at_edge(claim, key, received_at, make_id("answer", sha256)))
            elif answer.control_number:
                interchange = InterchangeAcknowledged.model_validate(
                    {
                        "trading_partner": answer.sender,
                        "control_number": answer.control_number,
                        "source": answer.source,
                        "outcome": answer.outcome,
                        "codes": answer.codes,
                        "document": place,
                    }
                )
                events.append(publish_at_edge(interchange, answer.sender, received_at, make_id("answer", sha256)))
    except X12Error as error:
        return InboundFile(tuple(events), (translate_error(error),))
    except ValidationError as error:
        finding = Finding(
            code="acknowledgement_unreadable",
            severity="reject",
            owner="biller",
            where=f"answer {len(events) + 1}",
            what=describe_validation(error),
            remedy="ask the clearinghouse for a corrected file",
        )
        return InboundFile(tuple(events), (finding,))
    if not events:
        finding = Finding(
            code="acknowledgement_empty",
            severity="reject",
            owner="biller",
            where="file",
            what="it answers no interchange and no claim: no TA1, AK9 or claim status with a number in it",
            remedy="ask the clearinghouse for the whole file",
        )
        return InboundFile((), (finding,))
    return InboundFile(tuple(events))


def translate_finding(found: X12Finding) -> Finding:
    """An X12 finding in the words of the command line's contract."""
    return Finding(
        code=found.code,
        severity="warn" if found.severity != "error" else "hold",
        owner="biller",
        where=found.where[:200],
        what=found.what[:2000],
        remedy=found.remedy[:2000],
    )


def translate_error(error: X12Error) -> Finding:
    """Bytes that are not the X12 they claim to be: the file is refused from there on."""
    place = f"segment {error.segment_index}, byte {error.offset}"
    if error.element or error.segment_id:
        place += f", {error.element or error.segment_id}"
    return Finding(
        code=error.code, severity="reject", owner="biller", where=place, what=error.what, remedy=error.remedy
    )
