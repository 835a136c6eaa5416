"""A connection to Postgres, and how long either side of it bears that the other says nothing."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from schemas.errors import ConfigurationError, DoubledEntryError, PassingConflictError, TransportError

CONNECT_SECONDS = 10
# A server or a network that says nothing: within half a minute both sides know that the other is gone, and the server
# ends what a lost or frozen client left open, with its locks.
KEEPALIVES: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4}
UNACKNOWLEDGED_MS = 30_000
SESSION = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30s",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
}
# Another transaction was in the way, and a second try of the whole batch finds the way clear.
PASSING_ERRORS = (errors.SerializationFailure, errors.DeadlockDetected)


def connect(url: str, session: Mapping[str, str]) -> psycopg.Connection[Any]:
    """Connects, with the server's parameters of SESSION and `session` for this connection. Raises ConfigurationError
    for what is no address, and TransportError."""
    try:
        raw: psycopg.Connection[Any] = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=1,
            tcp_user_timeout=UNACKNOWLEDGED_MS,
            **KEEPALIVES,
        )
        raw.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given(name, value)",
            [list(x) for x in zip(*{**SESSION, **session}.items(), strict=True)],
        )
    except psycopg.ProgrammingError:
        raise ConfigurationError(f"the store's address is not a Postgres URL: {_without_secret(url)}") from None
    except psycopg.OperationalError as error:
        raise TransportError(f"Postgres does not answer: {first_line(error)}") from error
    return raw


def first_line(error: Exception) -> str:
    """A server's first line names the trouble; those after it may quote a row."""
    return str(error).partition("\n")[0]


def _without_secret(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//...@", url)


class PostgresConnection:
    """psycopg behind the questions of `connectors.stores.common`: `?` marks a parameter."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._numbers = count()

    def execute(self, query: str, parameters: Any = (), /) -> psycopg.Cursor[Any]:
        with named_failures():
            return self.raw.execute(_translate(query), parameters or None)

    def stream(self, query: str, parameters: Any = (), /) -> psycopg.ServerCursor[Any]:
        """A plain cursor brings the whole answer at once; one of the server needs a name, and a transaction or WITH
        HOLD."""
        is_idle = self.raw.info.transaction_status == TransactionStatus.IDLE
        cursor = self.raw.cursor(name=f"stream_{next(self._numbers)}", withhold=is_idle)
        with named_failures():
            return cursor.execute(_translate(query), parameters or None)

    def executemany(self, query: str, rows: Any, /) -> None:
        with self.raw.cursor() as cursor:
            cursor.executemany(_translate(query), rows)


def _translate(query: str) -> bytes:
    return query.replace("%", "%%").replace("?", "%s").encode() if "?" in query else query.encode()


@contextmanager
def named_failures() -> Iterator[None]:
    """A server that is away, full or restarting is transport trouble, never a bug of ours."""
    try:
        yield
    except errors.UniqueViolation as error:
        # The same event over two partitions at once passes, but its entries are written only by the one that is first.
        if error.diag.table_name in ("entry", "entry_line"):
            raise DoubledEntryError(f"unique key of {error.diag.table_name}") from error
        raise PassingConflictError(type(error).__name__) from error
    except PASSING_ERRORS as error:
        raise PassingConflictError(type(error).__name__) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise TransportError(f"Postgres broke off: {first_line(error)}") from error
