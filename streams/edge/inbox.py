"""The long-running embedded worker: watches the inbox, ticks the clock, cuts submissions, stops cleanly."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import FrameType

from connectors.files import show_name
from connectors.inbox import DONE, REJECTED, Inbox
from connectors.leftovers import remove_leftovers
from connectors.payer_rules import WatchedRules
from schemas.errors import ConfigurationError
from schemas.payer_rules import RulePack
from streams.edge.clock import find_lead, find_leap, publish_tick, read_clock_of
from streams.edge.ingest import IngestedFile, ingest_whole
from streams.edge.submission import cut_submissions
from streams.engine import metrics
from streams.installation import RULES, Opened, use_payer_rules


def read_changed_rules(watched: WatchedRules, tell: Callable[[str], None]) -> RulePack | None:
    """The payer rules when they have changed and can be used; `tell` hears of it either way."""
    try:
        rules = watched.read_change()
    except ConfigurationError as error:
        tell(f"payer rules not taken up, those in use stay: {error}")
        return None
    if rules:
        tell(f"payer rules taken up: {len(rules.rules)} rules, version {rules.version[:12]}")
    return rules


class Watcher:
    """One loop; SIGTERM and SIGINT end it after the batch in hand."""

    def __init__(
        self,
        installation: Opened,
        now: Callable[[], datetime],
        cut_seconds: float,
        tell: Callable[[str], None],
        stopping: threading.Event | None = None,
    ) -> None:
        self.installation = installation
        self.now = now
        self.cut_seconds = cut_seconds
        self.tell = tell
        self.stopping = stopping or threading.Event()
        self._next_cut = time.monotonic() + cut_seconds
        self._rules = WatchedRules(installation.data / RULES)
        self._ticked: date | None = None
        self._clock_trouble: str | None = None
        self._inbox = Inbox(installation.inbox, tell)

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.watch()
        self.tell("stopped: everything taken in is processed or stands in a topic")

    def watch(self, poll_seconds: float = 0.5) -> None:
        """Until told to stop; whatever was left half done by a kill is done first."""
        remove_leftovers(self.installation.data)
        self.installation.engine.run_until_quiet()
        while not self.stopping.is_set():
            self.tick()
            self.refresh_rules()
            self.take_in()
            if time.monotonic() >= self._next_cut:
                self._next_cut = time.monotonic() + self.cut_seconds
                if cut := cut_submissions(self.installation.store, self.installation.publish, self.now()):
                    self.tell(f"{cut} claims cut into interchanges")
            self.installation.engine.run_until_quiet()
            self.stopping.wait(poll_seconds)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def refresh_rules(self) -> None:
        """Takes up changed payer rules between two batches; a folder that cannot be read leaves those in use."""
        rules = read_changed_rules(self._rules, self.tell)
        if rules:
            self.installation = use_payer_rules(self.installation, rules)

    def tick(self) -> None:
        """Once a day; where this machine and the clock do not agree, a person says which of them is right."""
        today = self.now().date()
        if self._ticked == today:
            return
        clock = read_clock_of(self.installation.store)
        trouble = find_leap(clock, today) or find_lead(clock, today)
        if trouble is None:
            publish_tick(self.installation.store, self.installation.publish, today, self.installation.engine.partitions)
            self._ticked = today
        elif trouble != self._clock_trouble:
            self.tell(f"the clock does not tick: {trouble}")
        self._clock_trouble = trouble

    def take_in(self) -> None:
        """Everything of the inbox that is whole, each entry told and counted, and what came after others were read."""
        for path in self._inbox.take():
            try:
                file = ingest_whole(self.installation, path, self.now())
            finally:
                self._inbox.end(path)
            metrics.count_file(file.outcome)
            self.tell(f"{show_name(Path(path.name))}: {_describe(file)}")
            if not self._inbox.put_away(path, REJECTED if file.outcome == "rejected" else DONE, file.sha256):
                self.tell(f"{show_name(Path(path.name))}: it changed while it was read; it is read again, whole")
            if self.stopping.is_set():
                return
        self._inbox.take_back_late(lambda sha256: self.installation.store.find_document(sha256) is not None)


def _describe(file: IngestedFile) -> str:
    """What became of a file, and the first thing that is wrong with it."""
    told = f"{file.kind}, {file.outcome}, {file.events} events, {len(file.findings)} findings"
    for finding in file.findings[:1]:
        told += f"; {finding.code}: {finding.what}: {finding.remedy}"
    return told
