"""HL7 v2 messages: a message into segments whose parts are read by number.

A part is split when it is asked for: 20 times as fast as the hl7 library's parser, which builds every level of every
field first (its `unescape` also logs what it cannot read). That library judges in the tests.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from connectors.ehr.versions import ORDER_OF_ARRIVAL, order_instant
from schemas.money import parse_money

MAX_BYTES = 64 * 1024 * 1024
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_TEXT = 2000
MAX_REPETITIONS = 200
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
BATCH_SEGMENTS = frozenset({"FHS", "BHS", "BTS", "FTS"})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
# DTM: year to day is what a date needs; the time and offset order versions.
_TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:\.\d{1,4})?)?([+-]\d{4})?", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
# MSH-18 (table 0211, and what is seen beside it) as Python names it; without it UTF-8, of which ASCII is a part.
CHARACTER_SETS = {
    "": "utf-8", "ASCII": "utf-8", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "ISO IR100": "latin-1", "ISO-8859-1": "latin-1", "WINDOWS-1252": "cp1252", "CP1252": "cp1252",
    "GB 18030-2000": "gb18030", "KS X 1001": "euc-kr", "BIG-5": "big5",
}  # fmt: skip


class Hl7Error(ValueError):
    """A part of a message that cannot be read: segment and field, what is wrong, how to mend it. Quotes no value."""

    def __init__(self, where: str, what: str, remedy: str = "send the field as HL7 v2 defines it") -> None:
        super().__init__(f"{where}: {what}")
        self.where, self.what, self.remedy = where, what, remedy


class Segment:
    """One segment; parts are counted from 1 as the standard counts them, and what is absent reads as ''."""

    def __init__(self, fields: list[str], message: "Message", number: int) -> None:
        self._fields = fields
        self._message = message
        self.number = number  # which of its kind, from 1
        self.id = fields[0]

    def where(self, field: int) -> str:
        """The place of a field for messages, such as FT1[2]-11."""
        return f"{self.id}[{self.number}]-{field}"

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """One part, unescaped and on one line; HL7's two double quotes, which delete a value, read as absent."""
        raw = self._fields[field] if len(self._fields) > field else ""
        for separator, place in zip(self._message.inner_separators, (repetition, component, subcomponent), strict=True):
            parts = raw.split(separator, place)
            raw = parts[place - 1] if len(parts) >= place else ""
        if len(raw) > MAX_TEXT:
            raise Hl7Error(self.where(field), f"longer than {MAX_TEXT} characters")
        text = _CONTROLS.sub(" ", self._message.unescape(raw)).strip()
        return "" if text == '""' else text

    def repetitions(self, field: int) -> range:
        """The numbers of a field's repetitions."""
        text = self._fields[field] if len(self._fields) > field else ""
        count = text.count(self._message.inner_separators[0]) + 1
        if count > MAX_REPETITIONS:
            raise Hl7Error(self.where(field), f"more than {MAX_REPETITIONS} repetitions")
        return range(1, count + 1)

    def date(self, field: int) -> date | None:
        """The day of a date or timestamp; a year or month alone reads as absent."""
        text = self.text(field)
        if len(text) < 8:
            return None
        return _read_timestamp(text, self.where(field)).date()

    def number_at(self, field: int) -> Decimal | None:
        """A quantity."""
        text = self.text(field)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise Hl7Error(self.where(field), "not a quantity")
        return Decimal(text)

    def amount(self, field: int, factor: Decimal = Decimal(1)) -> Decimal | None:
        """A composite price (CP) in dollars, times a factor; it has to come out in whole cents."""
        text = self.text(field)
        if not text:
            return None
        if self.text(field, 1, 2) not in ("", "USD"):
            raise Hl7Error(self.where(field), "not US dollars", "send the charge in USD")
        try:
            return parse_money(parse_money(text) * factor)
        except ValueError as error:
            raise Hl7Error(self.where(field), str(error), "send dollars and cents") from None


class Message:
    """One message. Raises Hl7Error when the bytes are none."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_MESSAGE_BYTES:
            raise Hl7Error("message", f"larger than {MAX_MESSAGE_BYTES} bytes", "send one visit a message")
        # MSH-1 and MSH-2 name the separators; without all five of them nothing can be told apart. The sixth is that
        # of texts that were cut short (v2.7).
        encoding = data[4:10].split(data[3:4], 1)[0]
        if len(encoding) not in (4, 5) or len({*data[3:4], *encoding}) != len(encoding) + 1:
            raise Hl7Error("MSH-2", "not four or five different encoding characters", r"begin it with MSH|^~\&|")
        separators = [chr(byte) for byte in data[3:4] + encoding]
        field, component, repetition, escape, subcomponent = separators[:5]
        self._meanings = dict(zip("FSRETP", separators, strict=False))
        self._escaped = re.compile(f"{re.escape(escape)}([^{re.escape(escape)}]{{0,80}}){re.escape(escape)}")
        self.inner_separators = (repetition, component, subcomponent)
        counts: dict[str, int] = {}
        self.segments: list[Segment] = []
        for line in _decode(data).split("\r"):
            fields = line.split(field)
            kind = fields[0] = fields[0].strip()
            if kind and not _SEGMENT_NAME.fullmatch(kind):
                remedy = "end each segment with CR alone, and write a line break in a field as the escape .br"
                raise Hl7Error(f"behind segment {len(self.segments)}", "a line that is no segment", remedy)
            if kind == "MSH":
                fields.insert(1, field)  # MSH-1 is the separator itself
            if kind and kind not in BATCH_SEGMENTS:
                counts[kind] = counts.get(kind, 0) + 1
                self.segments.append(Segment(fields, self, counts[kind]))
        self.header = self.segments[0]

    @property
    def kind(self) -> str:
        """MSH-9 as type^event, such as DFT^P03; the event is EVN-1's where older versions give the type alone."""
        event = self.header.text(9, 2) or next((segment.text(1) for segment in self.of("EVN")), "")
        return f"{self.header.text(9)}^{event}".upper()

    def of(self, kind: str) -> Iterator[Segment]:
        """The segments of a kind, in order."""
        return (segment for segment in self.segments if segment.id == kind)

    def first(self, kind: str) -> Segment:
        """The first segment of a kind. Raises Hl7Error when there is none."""
        for segment in self.of(kind):
            return segment
        raise Hl7Error(kind, "the segment is missing", f"send the {kind} segment with the message")

    def unescape(self, text: str) -> str:
        """Text with its escape sequences resolved (HL7 v2 chapter 2.7)."""
        return self._escaped.sub(self._resolve, text)

    def _resolve(self, match: re.Match[str]) -> str:
        name = match[1]
        if name in self._meanings:
            return self._meanings[name]
        if re.fullmatch(r"X([0-9A-Fa-f]{2})+", name):
            return bytes.fromhex(name[1:]).decode("latin-1")
        return " "  # line breaks and highlighting

    def sent_at(self) -> str:
        """MSH-7 as a text that sorts; without an offset it is taken as UTC, since only the order counts."""
        text = self.header.text(7)
        if len(text) < 8:
            return ORDER_OF_ARRIVAL
        sent = _read_timestamp(text, "MSH-7")
        return order_instant((sent if sent.tzinfo else sent.replace(tzinfo=UTC)).isoformat())


def _read_timestamp(text: str, where: str) -> datetime:
    match = _TIMESTAMP.fullmatch(text)
    try:
        if match:
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
            zone = datetime.strptime(match[7], "%z").tzinfo if match[7] else None
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        pass
    raise Hl7Error(where, "not a date such as 20260331 or 20260331101500-0400")


def _decode(data: bytes) -> str:
    """The text of a message. Raises Hl7Error where it is not in the character set that MSH-18 names."""
    fields = data.split(b"\r", 1)[0].split(data[3:4])
    named = fields[17].split(data[5:6])[0].decode("ascii", "replace").strip().upper() if len(fields) > 17 else ""
    try:
        return data.decode(CHARACTER_SETS.get(named, "utf-8"))
    except UnicodeDecodeError:
        known = "the character set that MSH-18 names" if named in CHARACTER_SETS else "UTF-8; MSH-18 names no set known"
        raise Hl7Error("message", f"not in {known}", "name it in MSH-18 as table 0211 does, or send UTF-8") from None
