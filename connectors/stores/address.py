"""A store by its address: what stands behind `--store`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from connectors.settings import Settings
from connectors.stores.common import SqlStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError

SQLITE = "sqlite:///"


def open_store(settings: Settings, session: Mapping[str, str] = MappingProxyType({})) -> SqlStore:
    """`postgresql://user@host/database` for any number of workers, `sqlite:///path` for one. `session`: Postgres's."""
    address = settings.store.get_secret_value()
    if not address:
        raise ConfigurationError("on Kafka a store is needed too: give --store postgresql://user@host/database")
    if address.startswith(SQLITE):
        return SqliteStore(Path(address.removeprefix(SQLITE)))
    from connectors.stores.postgres import PostgresStore  # its driver takes longer to load than a question takes

    return PostgresStore(address, session)


def open_worker_store(settings: Settings) -> SqlStore:
    """For what must not wait for ever: no statement takes longer than `store_seconds`."""
    return open_store(settings, {"statement_timeout": f"{settings.store_seconds:.0f}s"})
