"""`revcycle status`: counts, lag, open work, trial balance."""

from collections.abc import Iterator
from datetime import datetime

from connectors.stores.digests import digest
from connectors.stores.projections.claim import CLAIM_STATE
from schemas.errors import ConfigurationError
from streams.installation import Asked
from streams.pipeline import TOPICS
from streams.reports.base import Report
from streams.reports.ledger import TrialBalance, report_trial_balance


class EncounterCounts(Report):
    """Encounters by the state that each is in now; the rest of `total` is received and not judged yet."""

    total: int
    held: int
    coded: int
    withdrawn: int


class ClaimCounts(Report):
    """Claims by the state that each is in now."""

    submitted: int
    acknowledged: int
    rejected: int
    paid: int
    denied: int
    open: int
    withdrawn: int


class TopicCounts(Report):
    """A topic: its events, and how many of them the step that is furthest behind has still to read."""

    name: str
    events: int
    lag: int


class OpenWork(Report):
    """Open work items, and how many of them each queue has."""

    open: int
    by_queue: dict[str, int]


class StatusReport(Report):
    """How an installation stands; `digest` is the same wherever the same events came."""

    encounters: EncounterCounts
    claims: ClaimCounts
    topics: tuple[TopicCounts, ...]
    dead_letters: int
    set_aside: int
    work_items: OpenWork
    ledger: TrialBalance
    digest: str
    warnings: tuple[str, ...]


def report_status(installation: Asked) -> StatusReport:
    """Counts, lag, open work, trial balance and digest."""
    connection = installation.store.connection
    encounters = dict(connection.execute("SELECT state, count(*) FROM encounter GROUP BY state").fetchall())
    claims = dict(connection.execute(f"SELECT {CLAIM_STATE}, count(*) FROM claim GROUP BY 1").fetchall())
    (letters,) = connection.execute("SELECT count(*) FROM dead_letter WHERE retried = 0").fetchone()
    return StatusReport(
        encounters=EncounterCounts(
            total=sum(encounters.values()),
            held=encounters.get("held", 0),
            coded=encounters.get("coded", 0),
            withdrawn=encounters.get("withdrawn", 0),
        ),
        claims=ClaimCounts(**{state: claims.get(state, 0) for state in ClaimCounts.model_fields}),
        topics=tuple(_list_topics(installation)),
        dead_letters=letters,
        set_aside=len(installation.store.list_set_aside()),
        work_items=count_open_work(installation),
        ledger=report_trial_balance(connection),
        digest=digest(connection),
        warnings=tuple(_list_warnings(installation)),
    )


def count_open_work(installation: Asked) -> OpenWork:
    """How much there is to do, and whose it is."""
    query = "SELECT queue, count(*) FROM work_item WHERE state = 'open' GROUP BY queue ORDER BY queue"
    by_queue = dict(installation.store.connection.execute(query).fetchall())
    return OpenWork(open=sum(by_queue.values()), by_queue=by_queue)


def _list_topics(installation: Asked) -> Iterator[TopicCounts]:
    query = "SELECT topic, count(*) FROM event GROUP BY topic"
    counts = dict(installation.store.connection.execute(query).fetchall())
    lags = installation.read_lags()
    for topic in TOPICS:
        yield TopicCounts(name=topic, events=counts.get(topic, 0), lag=lags.get(topic, 0))


def _list_warnings(installation: Asked) -> Iterator[str]:
    if installation.settings.is_test:
        yield "test installation: no revcycle.toml, so interchanges are marked as tests (ISA15 = T)"
    elif installation.settings.submitter.usage_indicator == "T":
        yield (
            "every file goes out as a test (ISA15 = T), and tests are taken in: once you send for real, set "
            'usage_indicator = "P" under [submitter] of revcycle.toml'
        )
    try:
        codesets = installation.find_reference().codesets
    except ConfigurationError as error:
        yield f"nothing is decided: {error}. What is here already is shown as it stands; `revcycle doctor` says more"
        return
    row = installation.store.connection.execute("SELECT max(occurred_at) FROM event").fetchone()
    if row[0]:
        yield from codesets.warnings(datetime.fromisoformat(row[0]).date())
    yield from codesets.not_loaded()
