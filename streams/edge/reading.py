"""A document as the events it holds: the reader of its kind (`connectors/readers.py`), within a guard and a budget.

Readers say in findings what is wrong with a document. A guard stands around them all the same: whatever one of them
raises is a finding too, so that no file stops the next one.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from connectors.content import Content
from connectors.readers import REFUSED, find_reader
from schemas.errors import ConfigurationError, TransportError
from schemas.event import Event
from schemas.findings import Finding
from schemas.inbound import Inbound, Receipt, Unread
from streams.bugs import describe_failure
from streams.edge.budget import OverBudgetError, ReadingBudget

FINDINGS_KEPT = 1_000  # more of them say nothing new, and a file may have a million
WHOLE_DOCUMENT = 0  # the place of a dead letter that is a whole file; lines count from 1
BATCH_EVENTS = 500
LETTER_BYTES = 1_000_000  # of a whole document, for `deadletters show`; the archive has all of it
BAD_PARTS_MAX, BAD_BYTES_MAX = 1_000, 16_000_000  # a file with more is not what it seems
REMEDY = "report this with the version of the program; once that is mended, `revcycle deadletters retry` reads it again"
UNREAD_CODES = frozenset({"reader_failed", "reading_too_long", "too_many_bad_lines"})  # some of it was never looked at


class Reading:
    """The events of one document, batch by batch; with them, what is wrong with it and what could not be read."""

    def __init__(self, data: bytes) -> None:
        self.findings: list[Finding] = []
        self.unread: list[Unread] = []
        self.failed = False
        self._severities: set[str] = set()
        self._unread_bytes = 0
        self._data = data
        self._budget = ReadingBudget(len(data))
        self.kind, self.reader = "unknown", REFUSED[-1]
        try:
            with self._budget:
                self.kind, self.reader = find_reader(Content(data))
        except Exception as error:
            self.fail(error)

    def batches(self, receipt: Receipt) -> Iterator[list[Event]]:
        """All that can be read. Raises TransportError and ConfigurationError only: what a reader raises beside them is
        a finding, and the document a dead letter."""
        events = self._read(receipt)
        batch: list[Event] = []
        while not self.failed:
            try:
                with self._budget:
                    for event in islice(events, BATCH_EVENTS):
                        batch.append(event)
            except (TransportError, ConfigurationError):
                raise
            except Exception as error:
                self.fail(error)
            if not batch:
                return
            yield batch
            batch = []

    def fail(self, error: Exception) -> None:
        """Notes that reading ended with an exception: all of the document is to be read again once that is mended."""
        self.failed = True
        if isinstance(error, OverBudgetError):
            what = f"its reader was stopped after {self._budget.seconds:.0f} s: {describe_failure(error)}"
            finding = reject("reading_too_long", "file", what, f"split the file; else {REMEDY}")
        else:
            what = f"its reader failed: {describe_failure(error)}"
            finding = reject("reader_failed", "file", what, REMEDY)
        self.findings.append(finding)
        self.bury_whole(finding.what)

    def note(self, findings: Iterable[Finding]) -> None:
        """Keeps the first ones, and the first of each severity."""
        for finding in findings:
            if len(self.findings) < FINDINGS_KEPT or finding.severity not in self._severities:
                self.findings.append(finding)
                self._severities.add(finding.severity)

    def bury_whole(self, reason: str) -> None:
        """The document as one dead letter, in place of those of its parts."""
        self.unread = [Unread(WHOLE_DOCUMENT, self._data[:LETTER_BYTES], reason)]

    def _read(self, receipt: Receipt) -> Iterator[Event]:
        for inbound in self.reader.read(self._data, receipt):
            self.note(inbound.findings)
            yield from inbound.events
            if not self._keep_unread(inbound):
                return

    def _keep_unread(self, inbound: Inbound) -> bool:
        """Whether reading goes on."""
        self.unread += inbound.unread
        self._unread_bytes += sum(len(part.body) for part in inbound.unread)
        if len(self.unread) <= BAD_PARTS_MAX and self._unread_bytes <= BAD_BYTES_MAX:
            return True
        where = inbound.findings[-1].where
        what = f"too much of it cannot be read: reading ended at {where}"
        remedy = "mend what writes the file and give it again: what was read is not read twice"
        self.findings.insert(0, reject("too_many_bad_lines", where, what, remedy))
        self.bury_whole(what)
        return False


def reject(code: str, where: str, what: str, remedy: str) -> Finding:
    """Why a file, or a part of it, is not taken in."""
    return Finding(code=code, severity="reject", owner="operations", where=where, what=what, remedy=remedy)
