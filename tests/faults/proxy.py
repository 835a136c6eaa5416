"""A TCP proxy that stalls, and one that loses an answer."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from tests.streams.kafka.workers import Workers

Address = tuple[str, int] | str  # the latter a Unix socket


def find_server(store: str) -> Address:
    """Where the Postgres of a URL listens."""
    parts = urlsplit(store)
    folder = parse_qs(parts.query).get("host", [""])[0]
    return f"{folder}/.s.PGSQL.{parts.port or 5432}" if folder else (str(parts.hostname), parts.port or 5432)


class Proxy:
    """TCP to one address; each piece may be held back for a while, or for ever. With `loses_answer_to`, once these have
    come from a client in this order, what the server says to them is lost with the connection, a single time."""

    def __init__(self, target: Address, loses_answer_to: Sequence[bytes] = ()) -> None:
        self.target = target
        self.silent = threading.Event()
        self.delay_seconds = 0.0
        self.loses_answer_to = loses_answer_to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        for each in (self._listener, *self._sockets):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            theirs = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
            try:
                theirs.connect(self.target)
            except OSError:  # nobody listens yet: so do we
                ours.close()
                continue
            self._sockets += [ours, theirs]
            lost = threading.Event()
            threading.Thread(target=self._ask, args=(ours, theirs, lost), daemon=True).start()
            threading.Thread(target=self._answer, args=(theirs, ours, lost), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        awaited = list(self.loses_answer_to)
        try:
            while data := client.recv(65_536):
                while awaited and awaited[0] in data:
                    data_after = data.partition(awaited.pop(0))[2]
                    if not awaited and self.loses_answer_to:
                        self.loses_answer_to = ()
                        lost.set()
                    elif awaited and awaited[0] not in data_after:
                        break
                self._wait()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side has closed: so will the other

    def _answer(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        try:
            while data := server.recv(65_536):
                if lost.is_set():
                    client.shutdown(socket.SHUT_RDWR)
                    return
                self._wait()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _wait(self) -> None:
        while self.silent.is_set():
            time.sleep(0.05)
        time.sleep(self.delay_seconds)


def through(workers: Workers, proxy: Proxy) -> Workers:
    """The same installation, with its store behind a proxy."""
    parts = urlsplit(workers.store)
    user = parts.username or "postgres"
    return replace(workers, store=f"postgresql://{user}@127.0.0.1:{proxy.port}{parts.path}", processes=[])
