"""What only Postgres has to show: many workers at once, one making of the tables, and a server that is away."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.stores.postgres import PostgresStore
from schemas.errors import ConfigurationError, PassingConflictError, TransportError
from schemas.event import derive_events
from schemas.events import WorkItemOpened
from tests.connectors.stores.test_store import append, tick


def test_two_workers_on_one_key_add_up(postgres: str) -> None:
    """Each takes the state, adds one and writes it: without a lock on the missing row, one of the two would be lost."""
    stores = [PostgresStore(postgres) for _ in range(2)]

    def count(store: PostgresStore) -> None:
        for _ in range(50):
            with store.transaction() as transaction:
                before = int(transaction.load_states("step", ["key-b", "key-a"]).get("key-a", b"0"))
                transaction.save_states("step", {"key-a": str(before + 1).encode()})

    with ThreadPoolExecutor() as pool:
        list(pool.map(count, stores))
    with stores[0].transaction() as transaction:
        assert transaction.load_states("step", ["key-a"]) == {"key-a": b"100"}
    for store in stores:
        store.close()


def test_workers_that_start_together_make_the_tables_once(postgres: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(PostgresStore, [postgres] * 8))
    assert stores[0].connection.execute("SELECT count(*) FROM revcycle_schema").fetchone() == (1,)
    stores[0].connection.execute("UPDATE revcycle_schema SET version = 99")
    with pytest.raises(ConfigurationError, match="install that release here too"), stores[1].transaction():
        raise AssertionError("a newer program has the tables now")
    for store in stores:
        store.close()
    with pytest.raises(ConfigurationError, match="a newer revcycle has taken the store over"):
        PostgresStore(postgres)


def test_projections_of_many_workers_never_wait_in_a_circle(postgres: str) -> None:
    """The same rows, touched by every worker in another order: sorted by row, no transaction dies as a deadlock."""
    stores = [PostgresStore(postgres) for _ in range(4)]
    deadlocks: list[str] = []

    def open_items(worker: int) -> None:
        for round_ in range(15):
            numbers = random.Random(worker * 100 + round_).sample(range(30), 30)
            items = [
                WorkItemOpened(
                    item_id=f"item-{number}",
                    account_key="ABCDEFGHIJ",
                    queue="q",
                    owner="o",
                    priority=1,
                    reason="r",
                    next_action="a",
                )
                for number in numbers
            ]
            try:
                append(stores[worker], *derive_events(tick(1), f"{worker}-{round_}", items, ""))
            except PassingConflictError as error:
                deadlocks.append(str(error))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_items, range(4)))
    assert deadlocks == []
    for store in stores:
        store.close()


def test_a_postgres_that_is_away_is_transport_trouble_and_shows_no_password() -> None:
    with pytest.raises(TransportError, match="does not answer") as caught:
        PostgresStore("postgresql://biller:hunter2@127.0.0.1:1/revcycle")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="not a Postgres URL") as refused:
        PostgresStore("postgresql://biller:hunter2@host:not-a-port:x/revcycle?nonsense=1")
    assert "hunter2" not in str(refused.value)
