"""What was set aside, and how it ends: taken again once the program is mended, or dropped by a person who says why.

A key is given back whole and in its order: first what could not be taken, then what waited behind it. Every event is
taken in a transaction of its own, which also ends its waiting, so a second try goes on where the first one died.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from schemas.errors import RefusedError
from schemas.event import Event, publish_at_edge
from schemas.events import OfClock, WorkItemResolved
from schemas.roles import By
from schemas.store import Applied, Record, SetAside, StoreTransaction
from schemas.wire import decode_record, hash_body
from streams.actions.door import begin, identify_person
from streams.bugs import describe_failure
from streams.engine.interchange_writer import InterchangeWriter
from streams.engine.kill_points import reach
from streams.engine.publish import note_taken
from streams.engine.setting_aside import SOURCE, Conclude, close_item, open_item
from streams.engine.step import NOT_OF_AN_EVENT
from streams.engine.step_runner import StepRunner
from streams.installation import Opened
from streams.pipeline import STEPS
from streams.reports.asides import group_by_key
from streams.reports.base import Report


class TakesAgain(Protocol):
    """A runner of which something may be set aside."""

    def take_again(self, noted: SetAside, record: Record) -> Conclude:
        """Does what is done outside of a transaction, and returns what is done within one."""
        ...


class GivenBack(Report):
    """What became of one key of one step: how many events were taken, and why the next one still cannot be."""

    step: str
    item_id: str
    taken: int
    waiting: int
    reason: str


class GivenBackReport(Report):
    """What became of each key that was given back."""

    set_aside: tuple[GivenBack, ...]


def list_first_of_each_key(installation: Opened) -> list[SetAside]:
    """Where giving back begins, key by key."""
    return [rows[0] for rows in group_by_key(installation.store.list_set_aside()).values()]


def retry_set_aside(installation: Opened, noted: SetAside) -> GivenBack:
    """Has the step take what is set aside under the key of an event, in its order, until one still cannot be taken.
    Where two people do so at once, each event counts for one of them."""
    runner = _make_runner(installation, noted.step)
    taken, reason = 0, ""
    while not reason and (rows := _list_waiting(installation, noted)):
        for row in rows:
            is_ours, reason = _take(installation, runner, row)
            taken += is_ours
            if not is_ours:
                break  # it cannot be taken, or somebody else was quicker: what waits now is another list
    installation.engine.run_until_quiet()
    left = len(_list_waiting(installation, noted))
    return GivenBack(step=noted.step, item_id=noted.item_id, taken=taken, waiting=left, reason=reason)


def drop_set_aside(installation: Opened, noted: SetAside, by: By) -> GivenBack:
    """A person decides that an event is never taken: it stays in the log, and what waited behind it is taken.

    Raises RefusedError without a name and a reason, and where a retry that died has taken it.
    """
    identify_person(installation, "drop_event", by)
    body = begin(installation, WorkItemResolved, by, noted.item_id).make(item_id=noted.item_id, account_key=noted.key)
    record = installation.store.find_record(noted.event_id)
    assert record is not None
    new: Sequence[Event] = ()
    with installation.store.transaction() as transaction:
        if noted in transaction.lock_set_aside(noted.step, noted.key):
            if not transaction.seen(noted.step, [noted.event_id]):
                # To the step it is an event that it has seen.
                applied = Applied(noted.event_id, record.key, hash_body(record.body))
                transaction.mark_applied(noted.step, [applied])
            elif not isinstance(decode_record(record).body, OfClock):  # a tick it has seen, for every other key
                raise RefusedError(
                    f"{noted.step} has taken it meanwhile, so it cannot be dropped: `revcycle aside retry "
                    f"{noted.item_id[:8]}` ends what was broken off"
                )
            transaction.give_back(noted.step, noted.key, [noted.event_id], "dropped")
            new = transaction.append([publish_at_edge(body, body.key, by.at, noted.item_id)], SOURCE).new
            installation.publish.hand_over(transaction, new, SOURCE)
    note_taken(new)
    reach("aside.after_drop")
    installation.publish.send(SOURCE)
    return retry_set_aside(installation, noted)


def _take(installation: Opened, runner: TakesAgain, row: SetAside) -> tuple[bool, str]:
    """Takes the first event of a key; returns whether it was us who gave it back, and why it still cannot be taken.
    Only when what follows is published is its key given back: nothing that comes later may overtake it."""
    record = installation.store.find_record(row.event_id)
    assert record is not None
    try:
        conclude = runner.take_again(row, record)
        with installation.store.transaction() as transaction:
            if not _is_first(transaction, row):
                return False, ""
            new = conclude(transaction)
            if row.reason:
                new += transaction.append([close_item(row, decode_record(record), "the step has taken it")], SOURCE).new
            installation.publish.hand_over(transaction, new, SOURCE)
    except NOT_OF_AN_EVENT:
        raise
    except Exception as error:
        reason = describe_failure(error)
        if not row.reason:
            _open(installation, replace(row, reason=reason), decode_record(record))
        return False, reason
    reach("aside.after_commit")
    installation.publish.send(SOURCE)
    reach("aside.after_send")
    with installation.store.transaction() as transaction:
        is_ours = _is_first(transaction, row)
        transaction.give_back(row.step, row.key, [row.event_id], "taken")
    return is_ours, ""


def _is_first(transaction: StoreTransaction, row: SetAside) -> bool:
    """Nobody has given it back, or found a reason of its own for it, since it was listed."""
    return transaction.lock_set_aside(row.step, row.key)[:1] == [row]


def _open(installation: Opened, noted: SetAside, event: Event) -> None:
    """What only waited behind another and cannot be taken either is work of its own now."""
    with installation.store.transaction() as transaction:
        transaction.give_reason(noted)
        installation.publish.hand_over(transaction, transaction.append([open_item(noted, event)], SOURCE).new, SOURCE)
    installation.publish.send(SOURCE)


def _make_runner(installation: Opened, step: str) -> TakesAgain:
    if step == InterchangeWriter.name:
        return InterchangeWriter(installation.store, installation.writer)
    (found,) = (each for each in STEPS if each.name == step)
    return StepRunner(found, installation.store, installation.reference)


def _list_waiting(installation: Opened, noted: SetAside) -> list[SetAside]:
    return group_by_key(installation.store.list_set_aside()).get((noted.step, noted.key), [])
