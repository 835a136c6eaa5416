"""A store by its address: what stands behind `--store`."""

from pathlib import Path

from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError

SQLITE = "sqlite:///"


def open_store(settings: Settings) -> PostgresStore | SqliteStore:
    """`postgresql://user@host/database` for any number of workers, `sqlite:///path` for one."""
    address = settings.store.get_secret_value()
    if not address:
        raise ConfigurationError("on Kafka a store is needed too: give --store postgresql://user@host/database")
    if address.startswith(SQLITE):
        return SqliteStore(Path(address.removeprefix(SQLITE)))
    return PostgresStore(address)
