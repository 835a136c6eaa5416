"""`revcycle status`: counts, lag, open work, trial balance."""

from collections.abc import Iterator
from datetime import datetime

from connectors.stores.digests import digest
from connectors.stores.projections.claim import CLAIM_STATE
from schemas.errors import ConfigurationError
from streams.installation import Asked
from streams.pipeline import TOPICS
from streams.reports.base import Json
from streams.reports.ledger import report_trial_balance

CLAIM_STATES = ("submitted", "acknowledged", "rejected", "paid", "denied", "open")
ENCOUNTER_STATES = ("held", "coded", "withdrawn")


def report_status(installation: Asked) -> Json:
    """Counts, lag, open work, trial balance and digest."""
    connection = installation.store.connection
    encounters = dict(connection.execute("SELECT state, count(*) FROM encounter GROUP BY state").fetchall())
    claims = dict(connection.execute(f"SELECT {CLAIM_STATE}, count(*) FROM claim GROUP BY 1").fetchall())
    (letters,) = connection.execute("SELECT count(*) FROM dead_letter WHERE retried = 0").fetchone()
    queues = dict(
        connection.execute(
            "SELECT queue, count(*) FROM work_item WHERE state = 'open' GROUP BY queue ORDER BY queue"
        ).fetchall()
    )
    return {
        "encounters": {
            "total": sum(encounters.values()),
            **{state: encounters.get(state, 0) for state in ENCOUNTER_STATES},
        },
        "claims": {
            **{state: claims.get(state, 0) for state in CLAIM_STATES},
            "withdrawn": claims.get("withdrawn", 0),
        },
        "topics": list(_list_topics(installation)),
        "dead_letters": letters,
        "set_aside": len(installation.store.list_set_aside()),
        "work_items": {"open": sum(queues.values()), "by_queue": queues},
        "ledger": report_trial_balance(connection),
        "digest": digest(connection),
        "warnings": list(_list_warnings(installation)),
    }


def _list_topics(installation: Asked) -> Iterator[Json]:
    query = "SELECT topic, count(*) FROM event GROUP BY topic"
    counts = dict(installation.store.connection.execute(query).fetchall())
    lags = installation.read_lags()
    for topic in TOPICS:
        yield {"name": topic, "events": counts.get(topic, 0), "lag": lags.get(topic, 0)}


def _list_warnings(installation: Asked) -> Iterator[str]:
    if installation.settings.is_test:
        yield "test installation: no revcycle.toml, so interchanges are marked as tests (ISA15 = T)"
    try:
        codesets = installation.find_reference().codesets
    except ConfigurationError as error:
        yield f"nothing is decided: {error}. What is here already is shown as it stands; `revcycle doctor` says more"
        return
    row = installation.store.connection.execute("SELECT max(occurred_at) FROM event").fetchone()
    if row[0]:
        yield from codesets.warnings(datetime.fromisoformat(row[0]).date())
    yield from codesets.not_loaded()
