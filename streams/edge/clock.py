"""The clock: one tick for each business date and partition. Time enters the pipeline only here.

It goes forward by itself, and not far at once; a person who finds it too far ahead sets it back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.stores.common import SqlStore
from schemas.bounds import DAY_MIN
from schemas.errors import RefusedError
from schemas.event import Event, publish_at_edge
from schemas.events import ClockSetBack, ClockTicked
from streams.engine.publish import Publish

# Longer than an installation rests, shorter than what a slip of the finger or a dead battery makes of a date. A tick
# that comes too early opens work for everything that would have been late by then, and asks payers for it.
LEAP_DAYS_MAX = 62
LAST_DAY = date(2100, 12, 31)  # no claim waits that long, and days are counted from it


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the clock stands, None before its first tick; and how often it was set back."""

    stands_at: date | None = None
    setting: int = 0


def find_partition(key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives a key: murmur2, as its Java client has it."""
    if partitions == 1:
        return 0
    from kafka.partitioner.default import murmur2

    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def make_tick(business_date: date, partition: int = 0, partitions: int = 1, setting: int = 0) -> Event:
    """The tick of a date; its time is the beginning of the day, so that a repeat is the same event."""
    body = ClockTicked(business_date=business_date, partition=partition, partitions=partitions, setting=setting)
    begins = datetime(business_date.year, business_date.month, business_date.day, tzinfo=UTC)
    return publish_at_edge(body, body.key, begins, body.key)


def read_clock_of(store: SqlStore) -> Clock:
    """The latest business date that has ticked since the clock was last set back."""
    query = "SELECT sequence, body FROM event WHERE topic = ? AND type = ? ORDER BY sequence DESC LIMIT 1"
    row = store.connection.execute(query, (ClockSetBack.topic, ClockSetBack.type)).fetchone()
    since, setting = (row[0], ClockSetBack.model_validate_json(bytes(row[1])).setting) if row else (0, 0)
    query = "SELECT max(key) FROM event WHERE topic = ? AND sequence >= ?"
    (latest,) = store.connection.execute(query, (ClockTicked.topic, since)).fetchone()
    return Clock(date.fromisoformat(latest) if latest else None, setting)


def find_leap(clock: Clock, wanted: date, today: date | None = None) -> str | None:
    """Why a date is too far ahead of where the clock stands, and of today where that is told; None when it is not."""
    if wanted > LAST_DAY:
        return f"the clock goes no further than {LAST_DAY}"
    known = [day for day in (clock.stands_at, today) if day is not None]
    if not known or (wanted - max(known)).days <= LEAP_DAYS_MAX:
        return None
    stands = f"the clock stands at {clock.stands_at}" if clock.stands_at else "the clock has not ticked yet"
    days = (wanted - max(known)).days
    return (
        f"{stands}, and {wanted} is {days} days ahead: more than {LEAP_DAYS_MAX} at once opens work long before its "
        f"time. If it is right, `revcycle tick --date {wanted} --force`; if not, set the machine's clock (on Kafka: "
        "the store's)"
    )


def find_lead(clock: Clock, today: date) -> str | None:
    """That the clock stands ahead of today, and how to mend it; None when it does not."""
    if clock.stands_at is None or clock.stands_at <= today:
        return None
    return (
        f"the clock stands at {clock.stands_at}, and today is {today}: set the machine's clock (on Kafka: the "
        f"store's), or `revcycle tick --back-to {today} --who NAME --why TEXT`"
    )


def require_day(business_date: date) -> None:
    if business_date > LAST_DAY:
        raise RefusedError(f"the clock goes no further than {LAST_DAY}")
    if business_date < DAY_MIN:
        raise RefusedError(f"no business was done on {business_date}: the clock begins at {DAY_MIN}")


def publish_tick(store: SqlStore, publish: Publish, business_date: date, partitions: int = 1) -> None:
    """Publishes the ticks of a date, all or none; a repeat adds nothing. Raises RefusedError for a date before the
    latest, or beyond what any clock here counts to."""
    require_day(business_date)
    clock = read_clock_of(store)
    if clock.stands_at and business_date < clock.stands_at:
        raise RefusedError(
            f"the clock stands at {clock.stands_at} and does not go back to {business_date}; where it is too far "
            "ahead, `revcycle tick --back-to DATE --who NAME --why TEXT` sets it back"
        )
    ticks = [make_tick(business_date, partition, partitions, clock.setting) for partition in range(partitions)]
    publish(ticks, "clock")
