"""The releases of one set side by side, and which of them judges a date of service."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from connectors.codesets.set_file import KeyedRows, LoadedSet, SetFile

Row = list[Any]
T = TypeVar("T")

_MEMORY_ROWS = 50_000  # rows kept after their first look-up; the table starts again when it is full


class Releases(Generic[T]):
    """Look-ups by key and date over every loaded release of a set, newest last.

    A date before the first release is judged by the first, a date after the last by the last; `gap_on` says so.
    """

    def __init__(self, files: list[SetFile], build: Callable[[str, Row, LoadedSet], T]) -> None:
        files = sorted(files, key=lambda f: (f.about.effective_from, f.about.version, f.about.sha256))
        newest = {file.about.effective_from: file for file in files}  # one for each first day
        self.rows = [KeyedRows(file) for file in newest.values()]
        self._starts = list(newest)
        self._build = build
        self._memory: dict[tuple[str, int], T | None] = {}

    def index_on(self, on: date) -> int:
        """Which release judges a date: the last that has begun, else the first."""
        index = len(self._starts) - 1
        while index > 0 and self._starts[index] > on:
            index -= 1
        return index

    def get(self, key: str, on: date) -> T | None:
        """The row of a key in the release that judges a date."""
        if not self._starts:
            return None
        index = self.index_on(on) if len(self._starts) > 1 else 0
        memory = self._memory
        try:
            return memory[key, index]
        except KeyError:
            row = self.rows[index].get(key)
            value = None if row is None else self._build(key, row, self.rows[index].about)
            if len(memory) >= _MEMORY_ROWS:
                memory.clear()
            memory[key, index] = value
            return value

    def get_elsewhere(self, key: str) -> tuple[T, LoadedSet] | None:
        """The row of a key in the newest release that has it, for telling "not in force" from "unknown"."""
        for rows in reversed(self.rows):
            row = rows.get(key)
            if row is not None:
                return self._build(key, row, rows.about), rows.about
        return None

    def gap_on(self, on: date) -> LoadedSet | None:
        """The release that judges a date which no loaded release reaches, or None when one does."""
        if not self._starts:
            return None
        about = self.rows[self.index_on(on)].about
        reaches = about.effective_from <= on and (about.effective_to is None or on <= about.effective_to)
        return None if reaches else about


def in_use(files: Mapping[str, list[SetFile]]) -> dict[str, str]:
    """Set name -> "version/sha256 prefix" of each release in use, joined by "+", oldest first."""
    return {
        kind: "+".join(
            f"{file.about.label.replace(' ', '-')}/{file.about.sha256[:12]}"
            for file in sorted(group, key=lambda f: (f.about.effective_from, f.about.part, f.about.sha256))
        )
        for kind, group in sorted(files.items())
    }
