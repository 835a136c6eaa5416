"""The payer's typist: segments as tuples of elements to the bytes of an interchange.

An answer uses the delimiters of the interchange that it answers, so that text echoed from there can never break it.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from connectors.practice_payer.envelope import Header
from connectors.practice_payer.models import Party

Elements = tuple[str, ...]
ANSWERS_OF_ONE_INTERCHANGE = 1000  # room for control numbers: TA1, 999, 277CA and an 835 for each payer


@lru_cache(maxsize=8192)
def format_cents(cents: int) -> str:
    """Cents as an X12 amount (type R): no leading zeros, no trailing ones. 1250 is 12.5, -6 is -.06, 0 is 0."""
    sign, whole, fraction = "-" if cents < 0 else "", *divmod(abs(cents), 100)
    tail = f".{fraction:02d}".rstrip("0").rstrip(".")
    return f"{sign}{whole or ('' if tail else '0')}{tail}"


def format_day(day: date) -> str:
    return day.strftime("%Y%m%d")


def write_name(entity: str, party: Party, qualifier: str = "", identifier: str = "") -> Elements:
    """An NM1 of a person or an organisation."""
    names = (party.last_name, party.first_name, party.middle_name, "", party.suffix)
    return ("NM1", entity, party.entity_type, *names, qualifier if identifier else "", identifier)


def write_interchange(
    header: Header, index: int, sent_on: date, functional: Elements, sets: Iterable[list[Elements]]
) -> bytes:
    """The answer to `header` with control number `index` of its answers: one group of transaction sets.

    `functional` is (GS01, GS02, GS03, GS08); a set is ST01, ST03 and what follows up to SE, which is added here.
    """
    control_number = _control_number(header, index)
    group_number = str(int(control_number))
    kind, sender, receiver, version = functional
    segments: list[Elements] = [
        ("GS", kind, sender, receiver, format_day(sent_on), header.clock_text, group_number, "X", version)
    ]
    count = 0
    for count, body in enumerate(sets, 1):
        number = f"{count:04d}"
        st = body[0]
        segments.append(("ST", st[0], number, st[1]))
        segments += body[1:]
        segments.append(("SE", str(len(body) + 1), number))
    segments.append(("GE", str(count), group_number))
    return _write(header, control_number, sent_on, segments, 1)


def write_note(header: Header, index: int, ta1: Elements) -> bytes:
    """An interchange of a TA1 alone."""
    return _write(header, _control_number(header, index), header.sent_on, [ta1], 0)


def _control_number(header: Header, index: int) -> str:
    return f"{(header.control_value * ANSWERS_OF_ONE_INTERCHANGE + index) % 10**9:09d}"


def _write(header: Header, control_number: str, sent_on: date, segments: list[Elements], groups: int) -> bytes:
    element, component, repetition, terminator = header.delimiters
    usage = header.usage if header.usage in ("P", "T") else "T"
    isa = (
        "ISA", "00", " " * 10, "00", " " * 10, header.receiver_qualifier[:2].ljust(2), header.receiver[:15].ljust(15),
        header.sender_qualifier[:2].ljust(2), header.sender[:15].ljust(15), sent_on.strftime("%y%m%d"),
        header.clock_text, repetition or "U", "00501", control_number, "0", usage, component,
    )  # fmt: skip
    end = terminator if terminator in "\r\n" else terminator + "\n"
    lines = [element.join(isa)]
    lines += [element.join(segment).rstrip(element) for segment in segments]
    lines += [element.join(("IEA", str(groups), control_number)), ""]
    return end.join(lines).encode()
