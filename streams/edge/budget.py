"""The time that a reader may take for one file.

Every reader is linear in the size of its input, and a test holds them to it; this is for the fault of a reader that no
test knows yet. What counts is the processor's time, so that a busy, frozen or sleeping machine refuses no good file.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

SECONDS = 30.0
SECONDS_PER_MB = 5.0  # the slowest reader of a good file takes 1.5 on a small machine
LOOK_SECONDS = 0.5


class OverBudgetError(Exception):
    """Raised in a reader, wherever it stands, that has taken more than its time."""


class ReadingBudget:
    """`with budget:` around each piece of the reading of one file, all in one thread; together they may take its time.

    Python can interrupt the main thread only, and workers read in another: so the exception is set from a thread that
    looks on (PyThreadState_SetAsyncExc). It is set at most once, and none is left over after the block.
    """

    def __init__(self, size: int) -> None:
        self.seconds = SECONDS + SECONDS_PER_MB * size / 1_000_000
        self.spent = 0.0

    def __enter__(self) -> None:
        self._reader = threading.get_ident()
        self._look = _watch_processor(self._reader)
        self._began = self._look()
        self._over = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._look_on, args=(self._over,), name="reading budget", daemon=True).start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over.set()
        _interrupt(self._reader, None)
        self.spent += self._look() - self._began

    def _look_on(self, over: threading.Event) -> None:
        while not over.wait(LOOK_SECONDS):
            if self.spent + self._look() - self._began > self.seconds:
                with self._lock:
                    if not over.is_set():
                        _interrupt(self._reader, OverBudgetError)
                return


def _watch_processor(thread: int) -> Callable[[], float]:
    """The seconds of processor time of a thread, this one, as any other may ask for; of the process where the system
    does not tell threads apart."""
    if sys.platform != "linux":
        return time.process_time
    clock = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(clock)


def _interrupt(thread: int, error: type[Exception] | None) -> None:
    """Has a thread raise this at its next instruction; None takes back what it has not raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )
