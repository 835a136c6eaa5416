"""A finding: what is wrong at one place of an X12 file, whose work it is and how to mend it."""

from dataclasses import dataclass

from schemas.x12.dictionary import show_place
from schemas.x12.tokens import Segment

ERROR, WARNING = "error", "warning"
FINDINGS_MAX = 10_000  # of one transaction set, or of the envelopes of a file: a file may have a million alike
SHOWN = 2  # characters at the end of a value that a masked value still shows


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding contract (code, severity, owner, where, what, remedy) with the X12 position beside it.

    `segment_index` counts the file's segments from 1 and `offset` is in bytes; `value` is masked where it may be PHI.
    """

    code: str
    severity: str  # error: the transaction set cannot be relied on; warning: it can
    owner: str  # edi, billing or payment_posting: the team that acts
    where: str  # for people: "ST 0001, loop 2110, SVC03 (segment 27)"
    what: str
    remedy: str
    loop: str = ""
    segment_id: str = ""
    segment_index: int = 0
    element: str = ""
    value: str = ""
    offset: int = 0
    transaction_control_number: str = ""


def keep_finding(findings: list[Finding], found: Finding) -> None:
    """Adds a finding while there are not too many; an error also where the warnings alone are."""
    if len(findings) < (FINDINGS_MAX if found.severity == WARNING else 2 * FINDINGS_MAX):
        findings.append(found)


def make_finding(
    code: str,
    what: str,
    remedy: str,
    *,
    segment: Segment | None = None,
    position: int = 0,
    component: int = 0,
    severity: str = ERROR,
    owner: str = "edi",
    loop: str = "",
    value: str = "",
    control_number: str = "",
) -> Finding:
    """A finding at `segment`, element `position` (0 = the whole segment), with `where` spelled out."""
    segment_id = segment.id if segment else ""
    index = segment.index if segment else 0
    element = f"{segment_id}{position:02d}" if position and segment else ""
    if element and component:
        element += f"-{component}"
    place = show_place(segment_id, element) if segment else ""
    parts = [f"ST {control_number}" if control_number else "", f"loop {loop}" if loop else "", place]
    where = ", ".join(part for part in parts if part) or "file"
    return Finding(
        code=code,
        severity=severity,
        owner=owner,
        where=f"{where} (segment {index})" if index else where,
        what=what,
        remedy=remedy,
        loop=loop,
        segment_id=segment_id,
        segment_index=index,
        element=element,
        value=value,
        offset=segment.offset if segment else 0,
        transaction_control_number=control_number,
    )


def mask_value(value: str) -> str:
    """A value that may identify a patient, as it may be shown: its length and last characters only."""
    return "*" * max(len(value) - SHOWN, 0) + value[-SHOWN:] if len(value) > 2 * SHOWN else "*" * len(value)
