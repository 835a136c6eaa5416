"""A database connection as both stores offer it."""

from typing import Any, Protocol


class Connection(Protocol):
    """A database connection as both stores offer it: `?` marks a parameter."""

    def execute(self, query: str, parameters: Any = (), /) -> Any:
        """Runs one statement and returns its cursor."""
        ...

    def stream(self, query: str, parameters: Any = (), /) -> Any:
        """Runs a question whose answer may be larger than memory: its rows come as the cursor is read."""
        ...

    def executemany(self, query: str, rows: Any, /) -> Any:
        """Runs one statement for each row of parameters."""
        ...
