"""What every reader of an official file shares: its errors with line and column, its result, dates and decoding."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, BinaryIO

MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
WHOLE_FILE_BYTES_MAX = 200_000_000
LINE_CHARACTERS_MAX = 200_000
_ISO_OR_US = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})$|(\d{1,2})[/-](\d{1,2})[/-](\d{4})$", re.ASCII)


class CodeFileError(Exception):
    """An official file that is refused: what, line and column (from 1), why, what to do. Nothing changed."""

    def __init__(self, source: str, why: str, line: int = 0, column: int = 0) -> None:
        place = f", line {line}" + (f", column {column}" if column else "") if line else ""
        super().__init__(f"{source}{place}: {why}")
        self.source, self.line, self.column = source, line, column


@dataclass(frozen=True, slots=True)
class ParsedSet:
    """One set read from an official file, ready to be written."""

    kind: str
    version: str
    effective_from: date
    effective_to: date | None
    rows: int
    layout: dict[str, Any]
    payload: Iterable[bytes]
    part: str = ""


@dataclass(frozen=True)
class CodeFile:
    """One official file: the name that its publisher gave it (inside a zip: the member's) and how to open its bytes."""

    name: str
    open: Callable[[], BinaryIO]

    def fail(self, why: str, line: int = 0, column: int = 0) -> CodeFileError:
        return CodeFileError(self.name, why, line, column)

    def read(self) -> bytes:
        with self.open() as file:
            data = file.read(WHOLE_FILE_BYTES_MAX + 1)
        if len(data) > WHOLE_FILE_BYTES_MAX:
            raise self.fail(f"more than {WHOLE_FILE_BYTES_MAX // 1_000_000} MB: not a file of this kind")
        return data

    def head(self) -> str:
        """The first 6,000 characters, by which the kind of a file is recognised."""
        with self.open() as file:
            return _decode(file.read(6000))

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line number from 1 and text without its line end, one at a time. CMS text files are Latin-1.

        Every official file ends with a line end: one that does not was cut.
        """
        raw, number = b"\n", 0
        with self.open() as file:
            for number, raw in enumerate(iter(lambda: file.readline(LINE_CHARACTERS_MAX), b""), 1):
                if len(raw) == LINE_CHARACTERS_MAX:
                    raise self.fail("a line without an end: not a text file of this kind", number)
                yield number, raw.rstrip(b"\r\n").decode("latin-1")
        if not raw.endswith(b"\n"):
            raise self._cut(number, len(raw))

    def rows(self, *, by_hand: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Comma-separated rows with the line each one ends on; a quoted cell may hold line ends.

        A file made `by_hand` need not end with a line end; an official one that does not was cut.
        """
        last = "\n"

        def remember_last(lines: Iterable[str]) -> Iterator[str]:
            nonlocal last
            for line in lines:
                last = line
                yield line

        with self.open() as file:
            text = io.TextIOWrapper(file, encoding="latin-1", newline="")
            reader = csv.reader(remember_last(text), strict=True)
            try:
                for row in reader:
                    if reader.line_num == 1 and row:
                        row[0] = row[0].removeprefix("\u00ef\u00bb\u00bf")  # a UTF-8 mark read as Latin-1
                    yield reader.line_num, row
            except csv.Error as error:
                raise self.fail(f"not comma-separated text ({error}); is it cut short?", reader.line_num) from error
        if not by_hand and not last.endswith(("\n", "\r")):
            raise self._cut(reader.line_num, len(last))

    def _cut(self, line: int, column: int) -> CodeFileError:
        why = (
            "the last line has no end, so the file was cut short: download it again (or add a line end if it is whole)"
        )
        return self.fail(why, line, column)

    def dated(self, text: str, line: int, column: int) -> date:
        """A date that must be there."""
        found = parse_file_date(text)
        if found is None:
            raise self.fail("a date is needed here, such as 20261001", line, column)
        return found

    def dated_or_none(self, text: str, line: int, column: int) -> date | None:
        """A date, or nothing (`*` is CMS's "no data")."""
        return None if text.strip() in ("", "*") else self.dated(text, line, column)


def _decode(data: bytes) -> str:
    return data.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf")


def parse_file_date(text: str) -> date | None:
    """YYYYMMDD, YYYY-MM-DD (a time after it ignored) or M/D/YYYY as a date; None for anything else."""
    match = _ISO_OR_US.match(text.strip().split(" ")[0].split("T")[0])
    if not match:
        return None
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 4, 5)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def find_quarter(name: str) -> date | None:
    """The first day of the quarter that a CMS file name states: `2026_OCT`, `Eff_10-01-2026`, `V2026Q4`, `2026D`."""
    if match := re.search(r"(\d{2})-(\d{2})-(20\d{2})", name):
        return parse_file_date(f"{match[1]}/{match[2]}/{match[3]}")
    if match := re.search(r"(20\d{2})[-_ ]?Q([1-4])", name, re.IGNORECASE):
        return date(int(match[1]), 3 * int(match[2]) - 2, 1)
    if match := re.search(r"(20\d{2})[-_ ]?(JAN|APR|JUL|OCT)", name, re.IGNORECASE):
        return date(int(match[1]), MONTHS[match[2].lower()], 1)
    if match := re.search(r"(JAN|APR|JUL|OCT)[A-Z]*[-_ ]?(20\d{2})", name, re.IGNORECASE):
        return date(int(match[2]), MONTHS[match[1].lower()], 1)
    return None


def quarter_end(first_day: date) -> date:
    """The last day of the three months that begin on a day."""
    month = first_day.month + 3
    return date(first_day.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)


def quarter_version(first_day: date) -> str:
    return f"{first_day.year} Q{(first_day.month + 2) // 3}"


def iso_or_empty(day: date | None) -> str:
    return day.isoformat() if day else ""
