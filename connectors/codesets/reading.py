"""What every reader of an official file shares: its errors with line and column, its result, dates and decoding."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_ISO_OR_US = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})$|(\d{1,2})/(\d{1,2})/(\d{4})$")


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


@dataclass(frozen=True, slots=True)
class CodeFile:
    """The bytes of one official file and the name that its publisher gave it (inside a zip: the member's)."""

    name: str
    data: bytes

    def fail(self, why: str, line: int = 0, column: int = 0) -> CodeFileError:
        return CodeFileError(self.name, why, line, column)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line number from 1 and text without its line end. CMS text files are Latin-1 or UTF-8 with a mark."""
        yield from enumerate(self.text().splitlines(), 1)

    def text(self) -> str:
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.data.decode("latin-1")

    def head(self) -> str:
        """The first 4,000 characters, by which the kind of a file is recognised."""
        return CodeFile(self.name, self.data[:4000]).text()


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


def quarter_end(first_day: date) -> date:
    """The last day of the three months that begin on a day."""
    month = first_day.month + 3
    return date(first_day.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)
