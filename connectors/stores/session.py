"""A connection to Postgres, and how long either side of it bears that the other says nothing."""

import re
from collections.abc import Mapping
from typing import Any

import psycopg

from schemas.errors import ConfigurationError, TransportError

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
