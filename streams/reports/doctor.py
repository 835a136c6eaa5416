"""What is missing or misconfigured in an installation, each with the command that mends it."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from connectors.codesets import open_codesets
from connectors.payer_rules import load_payer_rules
from connectors.permissions import FOLDER_MODE, find_exposed, find_exposed_secrets
from connectors.reference import load_tables
from connectors.settings import Settings, find_unread_names, load_settings
from connectors.stores.common import SqlStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import RevcycleError, TransportError
from streams.edge.clock import find_lead, find_leap, read_clock_of
from streams.installation import RULES, open_installation, read_settings
from streams.reports.base import Report
from streams.reports.status import StatusReport, report_status

CLOCK_SKEW_SECONDS = 5.0


class Check(Report):
    """One thing looked at; `detail` says what was found, and when it is not well how to mend it."""

    name: str = Field(alias="check")
    ok: bool
    detail: str


class DoctorReport(Report):
    """Every check, in the order in which they should be mended, and warnings."""

    checks: tuple[Check, ...]
    warnings: tuple[str, ...]


def examine(data: Path, *, kafka: str | None = None, store: str | None = None) -> DoctorReport:
    """Every check, in the order in which they should be mended, and warnings; never raises for what it looks for."""
    checks = [_check_names(), _check_folder("data folder", data), _check_folder("archive", data / "archive")]
    if not all(check.ok for check in checks[1:]):
        return _report(checks, "the rest is looked at once the data folder is well")
    mistakes = list(_find_mistakes(data, kafka, store))
    if mistakes:
        return _report(checks + mistakes, "the rest is looked at once settings, tables and rules are well")
    settings = load_settings(data, kafka=kafka, store=store)
    checks.append(_check_closed(data, settings))
    brokers = list(_check_brokers(settings)) if settings.kafka else []
    checks += brokers
    try:
        installation = open_installation(data, kafka=settings.kafka, store=settings.store.get_secret_value())
    except RevcycleError as error:
        mend = ". Start it, or name another with --store or REVCYCLE_STORE" * isinstance(error, TransportError)
        checks.append(_note("store", False, f"{error}{mend}"))
        return _report(checks)
    checks += [*_check_store(installation.store, settings), _check_clock(installation.store)]
    if not all(check.ok for check in brokers):
        return _report(checks, "lag, ledger and dead letters are looked at once the brokers are well")
    try:
        status = report_status(installation)
    except RevcycleError as error:
        return _report([*checks, _note("topics", False, str(error))])
    return _report([*checks, *_check_flow(status)], *status.warnings)


def _note(name: str, ok: bool, detail: str) -> Check:
    return Check(name=name, ok=ok, detail=detail)


def _report(checks: Sequence[Check], *warnings: str) -> DoctorReport:
    return DoctorReport(checks=tuple(checks), warnings=warnings)


def _check_names() -> Check:
    unread = find_unread_names(os.environ)
    mend = "; nothing reads them: docs/operations.md lists the names" if unread else ""
    return _note("settings", not unread, (", ".join(unread) or "every REVCYCLE_ name is known") + mend)


def _find_mistakes(data: Path, kafka: str | None, store: str | None) -> Iterator[Check]:
    """What of the configuration cannot be used; nothing where it is well."""
    readers: tuple[tuple[str, Callable[[], object]], ...] = (
        ("settings", lambda: (load_settings(data, kafka=kafka, store=store).kafka_security, read_settings(data))),
        ("tables", lambda: load_tables(data)),
        ("rules", lambda: load_payer_rules(data / RULES)),
        ("code sets", lambda: open_codesets(data)),
    )
    for name, read in readers:
        try:
            read()
        except RevcycleError as error:
            yield _note(name, False, str(error))


def _check_folder(name: str, folder: Path) -> Check:
    try:
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return _note(name, False, f"{folder} cannot be written ({error.strerror}): chown it to the user of revcycle")
    return _note(name, True, str(folder))


def _check_closed(data: Path, settings: Settings) -> Check:
    secrets = [file for file in (settings.kafka_key_file, settings.kafka_token_file, settings.workers_key_file) if file]
    problems = find_exposed(data), find_exposed_secrets(secrets)
    mend = "; ".join(problem for problem in problems if problem)
    return _note("closed to others", not mend, mend or f"{data} and all in it is readable by its owner alone")


def _check_brokers(settings: Settings) -> Iterator[Check]:
    from connectors.kafka.topics import connect_admin, creates_topics, describe_topics, list_under_replicated
    from schemas.topics import compare_topics
    from streams.kafka.topic_plan import plan_as_found

    address = settings.kafka
    try:
        with connect_admin(settings.kafka, settings.kafka_security) as client:
            yield _note("brokers", True, address)
            plans = plan_as_found(describe_topics(client, [plan.name for plan in plan_as_found({})]))
            found = describe_topics(client, [plan.name for plan in plans])
            problems = compare_topics(plans, found)
            behind = list_under_replicated(client, sorted(found))
            careless = creates_topics(client)
    except RevcycleError as error:
        yield _note("brokers", False, str(error))
        return
    shown = "; ".join(problems[:3]) + (f"; and {len(problems) - 3} more: `revcycle topics check`" * (len(problems) > 3))
    yield _note("topics as planned", not problems, shown or f"{len(plans)} topics with {plans[0].replicas} replicas")
    mend = f"{', '.join(behind[:3])}: a replica is away or behind; start its broker"
    yield _note("replicas in sync", not behind, mend if behind else "all of every partition")
    made = "topics come into being by a typing error: set auto.create.topics.enable=false on the brokers"
    yield _note("no topic by accident", not careless, made if careless else "auto.create.topics.enable=false")


def _check_store(store: SqlStore, settings: Settings) -> Iterator[Check]:
    if isinstance(store, SqliteStore):
        (integrity,) = store.connection.execute("PRAGMA quick_check").fetchone()
        yield _note("store", integrity == "ok", str(integrity))
        return
    yield _note("store", True, settings.store_label)
    before = time.time()
    (there,) = store.connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    skew = max(0.0, before - there, there - time.time())
    mend = f"{skew:.0f} s between here and the store: set both by NTP (`timedatectl set-ntp true`)"
    yield _note("clocks", skew <= CLOCK_SKEW_SECONDS, mend if skew > CLOCK_SKEW_SECONDS else f"{skew:.1f} s apart")


def _check_clock(store: SqlStore) -> Check:
    """Where the clock of the cycle stands, beside this machine's."""
    clock, today = read_clock_of(store), datetime.now(UTC).date()
    trouble = find_leap(clock, today) or find_lead(clock, today)
    return _note("business date", not trouble, trouble or f"{clock.stands_at or 'no day has ticked yet'}")


def _check_flow(status: StatusReport) -> Iterator[Check]:
    lag = sum(topic.lag for topic in status.topics)
    letters, aside = status.dead_letters, status.set_aside
    unread = f"{letters} messages that nothing could read"
    yield _note("ledger", status.ledger.balanced, f"{status.ledger.entries} entries")
    yield _note("topics", lag == 0, f"lag {lag}" + ("" if lag == 0 else ": start `revcycle run`"))
    yield _note("set aside", aside == 0, f"{aside} events" + ("" if aside == 0 else ": `revcycle aside list`"))
    yield _note("dead letters", letters == 0, unread + ("" if letters == 0 else ": `revcycle deadletters list`"))
