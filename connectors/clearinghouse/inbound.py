"""What comes back from the clearinghouse, as events: TA1, 999, 277CA and 277, and 835s by reference to the archive.

One file may mix them. Shape only: whether a remittance is posted or held, and what a rejection means, is decided in
the processors.
"""

from collections import deque
from collections.abc import Callable, Iterator

from pydantic import ValidationError

from schemas.event import Event, publish_at_edge
from schemas.events import ClaimAcknowledged, ClaimStatusReported, InterchangeAcknowledged, RemittanceReceived
from schemas.findings import Finding, Severity
from schemas.identifiers import account_key_of, make_id, make_unknown_key
from schemas.inbound import Inbound, Receipt
from schemas.ledger import DocumentPlace
from schemas.validation import describe_validation
from schemas.x12.acknowledgements import Answer, read_record_answers, read_set_answers
from schemas.x12.envelope import Envelope
from schemas.x12.errors import X12Error
from schemas.x12.findings import Finding as X12Finding
from schemas.x12.headers import Addressing, TransactionSet, read_addressing
from schemas.x12.identify import name_kind
from schemas.x12.tokens import Segment
from schemas.x12.x276_277_005010x212 import StatusItem, make_status
from schemas.x12.x835_005010x221a1 import Remittance, RemittanceStream, remittance_identity

CONTROL_NUMBER_MAX = 50
CODES_MAX = 20
FINDINGS_MAX = 50  # of one transaction set
EVENTS_MAX = 200_000  # of one file: they are held until all of it is read
SET_SEGMENTS_MAX = 2_000_000  # of one that is read as a whole, as all but an 835 are

CORRECTED = "ask the clearinghouse for a corrected file"


def read_inbound_file(data: bytes, receipt: Receipt) -> Inbound:
    """The events of every 835, 999 and 277CA set and of every TA1 in a file, in order, TA1s last.

    An 835 gives one RemittanceReceived for each ST, also for those that will be held; an answer one event for each of
    our interchanges, and for each claim, that it names. What is wrong with an envelope is a finding and holds nothing:
    each ST stands on its own. An answer about whose addressing `refuse` has a finding gives that finding and no event;
    an 835 is judged by its processor. A file without any event gets a finding that says so.
    """
    reader = _InboundReader(receipt)
    try:
        reader.read(Envelope(data, hash_bodies=True))
    except X12Error as error:
        reader.findings.append(translate_error(error))
    if not reader.events and not reader.findings:
        what = "it holds no remittance and answers nothing: no 835, TA1, AK9 or claim status with a number in it"
        remedy = "ask the clearinghouse for the whole file"
        reader.findings.append(_refuse("inbound_empty", "file", what, remedy))
    return Inbound(tuple(reader.events), tuple(reader.findings))


class _InboundReader:
    """Collects events and findings while a file's sets are read one by one."""

    def __init__(self, receipt: Receipt) -> None:
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self._receipt = receipt
        self._remittances = 0
        self._others: dict[str, list[str]] = {}  # the places of sets that are not taken in, by kind

    def read(self, envelope: Envelope) -> None:
        try:
            for transaction in envelope:
                self._read_set(transaction)
            for record in envelope.interchanges:
                if record.acknowledgements and self._is_for_us(read_addressing(record.interchange)):
                    self._answer(read_record_answers(record))
        finally:
            # Where nothing else was taken, the file is none of ours.
            code = "unsupported_set" if self.events else "unsupported_kind"
            self.findings += [_refuse_sets(code, kind, places) for kind, places in self._others.items()]
            self.findings += [translate_finding(found, "warn") for found in envelope.findings[:FINDINGS_MAX]]

    def _read_set(self, transaction: TransactionSet) -> None:
        self._require_room()
        kind = name_kind(transaction.kind, transaction.implementation)
        if kind != "835":
            transaction.body = _bound(transaction.body)
        if kind in SETS:
            SETS[kind](self, transaction)
        else:
            place = f"ST {transaction.control_number[:9]} (segment {transaction.header.index})"
            self._others.setdefault(kind[:10], []).append(place)

    def read_remittance(self, transaction: TransactionSet) -> None:
        stream = RemittanceStream(transaction)
        deque(stream, maxlen=0)  # its claims are read when it is judged
        self._receive(stream.finish(()))
        self.findings += map(translate_finding, transaction.findings[:FINDINGS_MAX])

    def read_acknowledgement(self, transaction: TransactionSet) -> None:
        if not self._is_for_us(read_addressing(transaction.interchange, transaction.group)):
            deque(transaction, maxlen=0)  # what follows it stands on its own
            return
        self._answer(read_set_answers(transaction))
        # What an answer cut off would have said is lost with it: the file cannot pass for accepted whole.
        severity: Severity | None = None if transaction.complete else "reject"
        self.findings += [translate_finding(found, severity) for found in transaction.findings[:FINDINGS_MAX]]

    def read_status(self, transaction: TransactionSet) -> None:
        if not self._is_for_us(read_addressing(transaction.interchange, transaction.group)):
            deque(transaction, maxlen=0)
            return
        status = make_status(transaction)
        for item in status.items if status.complete else ():
            try:
                self._report(item, transaction.interchange.sender_id)
            except ValidationError as error:
                where = f"277 (segment {item.segment_index})"
                self.findings.append(_refuse("status_unreadable", where, describe_validation(error), CORRECTED))
        severity: Severity | None = None if status.complete else "reject"
        self.findings += [translate_finding(found, severity) for found in status.findings[:FINDINGS_MAX]]

    def _require_room(self) -> None:
        if len(self.events) + len(self.findings) > EVENTS_MAX:
            what = f"more than {EVENTS_MAX} sets, answers and findings in one file: what stands before this was read"
            raise X12Error(what, "split the file", code="x12_too_many")

    def _is_for_us(self, addressing: Addressing) -> bool:
        refusal = self._receipt.refuse(addressing)
        self.findings += [refusal] if refusal else []
        return refusal is None

    def _receive(self, remittance: Remittance) -> None:
        remittance_id = make_id("remittance", remittance_identity(remittance))
        place = DocumentPlace(sha256=self._receipt.sha256, segment=remittance.segment_index)
        body = RemittanceReceived(remittance_id=remittance_id, document=place, transaction_index=self._remittances)
        self._remittances += 1
        self.events.append(publish_at_edge(body, remittance_id, self._receipt.received_at, remittance_id))

    def _answer(self, answers: Iterator[Answer]) -> None:
        for answer in answers:
            self._require_room()
            try:
                event = self._make_answer(answer)
            except ValidationError as error:
                where = f"{answer.source} (segment {answer.segment_index})"
                self.findings.append(
                    _refuse("acknowledgement_unreadable", where, describe_validation(error), CORRECTED)
                )
            else:
                self.events += [event] if event is not None else []

    def _report(self, item: StatusItem, sender: str) -> None:
        """One claim of a 277: REF*EJ is our number, else the trace that our 276 gave it."""
        number = next((value for qualifier, value in item.references if qualifier == "EJ"), item.trace_number)
        if not item.statuses or not 1 <= len(number) <= CONTROL_NUMBER_MAX:
            return  # an answer to a level above the claims
        first = item.statuses[0]
        key = account_key_of(number) or make_unknown_key(self._receipt.secret, number)
        body = ClaimStatusReported(
            account_key=key,
            patient_control_number=number,
            sender=sender[:200],
            codes=tuple(str(code) for status in item.statuses for code in status.codes)[:CODES_MAX],
            payer_claim_control_number=next((value for name, value in item.references if name == "1K"), "")[:200],
            paid_amount=first.paid_amount,
            payment_date=first.payment_date,
            check_number=first.check_number[:200],
            document=DocumentPlace(sha256=self._receipt.sha256, segment=item.segment_index),
        )
        self.events.append(
            publish_at_edge(body, key, self._receipt.received_at, make_id("answer", self._receipt.sha256))
        )

    def _make_answer(self, answer: Answer) -> Event | None:
        """The event of one answer; None where it names neither a claim nor an interchange of ours."""
        place = DocumentPlace(sha256=self._receipt.sha256, segment=answer.segment_index)
        correlation = make_id("answer", self._receipt.sha256)
        if answer.patient_control_number:
            number = answer.patient_control_number
            key = account_key_of(number) or make_unknown_key(self._receipt.secret, number)
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
            return publish_at_edge(claim, key, self._receipt.received_at, correlation)
        if not answer.control_number:
            return None
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
        return publish_at_edge(interchange, answer.sender, self._receipt.received_at, correlation)


# How each kind of transaction set is read; a TA1 stands outside of any.
SETS: dict[str, Callable[[_InboundReader, TransactionSet], None]] = {
    "835": _InboundReader.read_remittance,
    "999": _InboundReader.read_acknowledgement,
    "277CA": _InboundReader.read_acknowledgement,
    "277": _InboundReader.read_status,
}


def _refuse_sets(code: str, kind: str, places: list[str]) -> Finding:
    number = "a transaction set" if len(places) == 1 else f"{len(places)} transaction sets"
    what = f"{number} of kind {kind}: nothing that this pipeline takes in"
    return _refuse(code, places[0], what, "send it to whom it is meant for")


def _bound(segments: Iterator[Segment]) -> Iterator[Segment]:
    for count, segment in enumerate(segments):
        if count == SET_SEGMENTS_MAX:
            what = f"a transaction set of more than {SET_SEGMENTS_MAX} segments"
            raise X12Error(what, "split it", code="x12_too_many", segment_index=segment.index, offset=segment.offset)
        yield segment


def translate_finding(found: X12Finding, severity: Severity | None = None) -> Finding:
    """An X12 finding in the words of the command line's contract."""
    return Finding(
        code=found.code,
        severity=severity or ("warn" if found.severity != "error" else "hold"),
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
    return _refuse(error.code, place, error.what, error.remedy)


def _refuse(code: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(code=code, severity="reject", owner="biller", where=where, what=what, remedy=remedy)
