"""The records of a BAI2 file in their order: 01 file > 02 group > 03 account > 16 transaction, then 49, 98, 99.

A record is a line of comma-separated fields behind its code, with the continuations (88) after it. The trailers 49 of
an account, 98 of a group and 99 of a file have control totals: what stands outside of their reach is covered by none.
"""

import re
from dataclasses import dataclass

# What may stand behind a record; the first is 01, the last 99. An account without transactions, a group without
# accounts and a file without groups bring no money, and banks send them; another file may follow.
FOLLOWERS = {
    "01": ("02", "99"),
    "02": ("03", "98"),
    "03": ("16", "49"),
    "16": ("16", "49"),
    "49": ("03", "98"),
    "98": ("02", "99"),
    "99": ("01",),
}
CONTINUATION = "88"
AMOUNT = re.compile(r"[+-]?[0-9]{1,17}")
PADDING = b" \t\r\n\x1a\0"  # with it, programs of mainframes and of DOS fill up a file
LINES_MAX = 1_000_000


class BadFileError(ValueError):
    """What is wrong, at which line, and what to ask the bank for."""

    def __init__(self, line: int, what: str, ask_for: str = "the file again") -> None:
        super().__init__(what)
        self.line, self.what, self.ask_for = line, what, ask_for


@dataclass
class Record:
    """A record with its continuations: its first line's number, the texts behind the codes, its lines."""

    line: int
    code: str
    texts: list[str]
    lines: int = 1

    @property
    def fields(self) -> list[str]:
        """The cells behind the code, without space around them."""
        return [cell.strip() for cell in "".join(self.texts).removesuffix("/").split(",")]

    def go_on(self, rest: str) -> None:
        """Adds a continuation. A `/` ends the line's fields; text that ran over the line goes on."""
        if self.texts[-1].endswith("/"):
            self.texts[-1] = self.texts[-1][:-1] + ","
        elif self.code == "16":
            self.texts.append(" ")
        if rest:
            self.texts.append(rest)
        self.lines += 1


def split_records(data: bytes) -> list[Record]:
    """The records of one or several whole files. Raises BadFileError where one stands that may not stand there."""
    data = data.rstrip(PADDING)
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = data.decode("latin-1").splitlines()
    if b"\0" in data:
        raise BadFileError(1, "a NUL stands in the data")
    if len(lines) > LINES_MAX:
        raise BadFileError(LINES_MAX, f"more than {LINES_MAX} lines")
    records: list[Record] = []
    allowed = FOLLOWERS["99"]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        code, comma, rest = line.strip().partition(",")
        if code not in (*FOLLOWERS, CONTINUATION) or not comma:
            raise BadFileError(number, "not a BAI2 record: it begins with none of 01 02 03 16 49 88 98 99")
        if code == CONTINUATION:
            if not records:
                raise BadFileError(number, "a continuation (88) of nothing")
            records[-1].go_on(rest)
        elif code not in allowed:
            raise BadFileError(number, f"a record {code} where only {' or '.join(allowed)} may stand")
        else:
            allowed = FOLLOWERS[code]
            records.append(Record(number, code, [rest]))
    if not records or records[-1].code != "99":
        raise BadFileError(0, "the file's trailer (99) is missing: the file is cut short")
    return records


def read_cents(record: Record, text: str) -> int:
    """Integer cents, or a count. Raises BadFileError for anything but up to 17 digits with a sign."""
    if not AMOUNT.fullmatch(text):
        raise BadFileError(record.line, f"not a whole number of cents in a record {record.code}")
    return int(text)
