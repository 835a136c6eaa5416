"""Findings of an X12 file by SNIP type: 1 syntax, 2 guide, 3 balances, and those of 4 and 5 that bear on our cycle.

Findings are values: all of them are collected, in the file's order within each transaction set, and nothing is changed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from schemas.x12.element_rules import check_elements
from schemas.x12.envelope import Envelope
from schemas.x12.errors import X12Error
from schemas.x12.findings import ERROR, WARNING, Finding, make_finding, mask_value
from schemas.x12.headers import TransactionSet
from schemas.x12.identify import name_kind
from schemas.x12.loops import Placed, StructureRules, place_segments, read_places
from schemas.x12.tokens import Segment
from schemas.x12.transactions import TRANSACTIONS, make_rules

FINDINGS_MAX = 10_000  # of one file: a file with more is hopeless, and memory is bounded
# Findings that a reader can live with; the others are errors.
WARNINGS = frozenset(
    (
        *("x12_element_unused", "x12_component_separator", "x12_guide_unknown", "x12_segment_order", "x12_hl_child"),
        *("remittance_patient_share", "remittance_bank_details", "claim_discharge_hour"),
    )
)
# Rules about codes and identifiers that test files are full of: errors in production (ISA15 = P), else warnings.
LENIENT_IN_TEST = frozenset(("npi", "claim_place_of_service", "claim_number_length"))
# Elements whose codes are safe to show; every other value, also a word in the place of a code, may identify a patient.
CODE = re.compile(r"(?=.{1,3}$|.*[0-9])[A-Z0-9:>.^-]{1,40}")
SHOWN = frozenset(
    ("CLM05", "HI01", "SV101", "SV103", "SV105", "SVC01", "CAS01", "CAS02", "DTP01", "DTP02", "REF01", "NM101")
)
GUIDE = re.compile(r"[0-9]{6}(X[0-9]{3}(A[0-9])?)?")  # GS08, such as 005010X221A1


def validate(source: bytes | BinaryIO, *, strict: bool = False) -> list[Finding]:
    """Every finding of a file; [] for a clean one. A file that is no X12 at all gives one finding, `x12_...`.

    With `strict` the warnings are errors too.
    """
    found: list[Finding] = []
    envelope = Envelope(source)
    try:
        for transaction in envelope:
            found.extend(validate_set(transaction))
            if len(found) > FINDINGS_MAX:
                break
    except X12Error as error:
        found.append(describe_error(error))
    found = [*envelope.findings, *found][:FINDINGS_MAX]
    return [_as_error(finding) for finding in found] if strict else found


def describe_error(error: X12Error) -> Finding:
    """An exception of the tokeniser as a finding."""
    where = f"segment {error.segment_index}, byte {error.offset}"
    return Finding(
        error.code,
        ERROR,
        "edi",
        where,
        error.what,
        error.remedy,
        segment_id=error.segment_id,
        segment_index=error.segment_index,
        element=error.element,
        offset=error.offset,
    )


def validate_set(transaction: TransactionSet, observe: Callable[[Placed], None] | None = None) -> list[Finding]:
    """The findings of one open transaction set, in order; those of its envelope last.

    `observe` is shown every segment with its loop, so that a second reading is not needed.
    """
    return list(_find(transaction, observe))


def _find(transaction: TransactionSet, observe: Callable[[Placed], None] | None) -> Iterator[Finding]:
    kind = name_kind(transaction.kind, transaction.implementation)
    row = TRANSACTIONS.get(kind)
    collector = _Collector(transaction, row.owner if row else "billing")
    if row is None or not transaction.group.version.startswith("005010"):
        guide = transaction.group.version if GUIDE.fullmatch(transaction.group.version) else "of no guide"
        what = f"no rules for {kind} {guide}: only the envelope was checked"
        collector.report("x12_guide_unknown", what, "", transaction.header)
        yield from collector.found
        for _ in transaction:
            pass
    else:
        root = read_places(row.grammar)
        structure = StructureRules(root, transaction.header, collector.report_loop)
        rules = make_rules(kind, collector.report)
        for placed in place_segments(root, iter(transaction)):
            segment = placed.segment
            collector.begin(segment, placed.loop)
            structure.take(placed)
            check_elements(segment, placed.use, collector.report_element)
            for rule in rules:
                rule.take(placed)
            if observe is not None:
                observe(placed)
            if collector.found:
                yield from collector.drain()
        for rule in (structure, *rules):
            rule.close()
        yield from collector.drain()
    yield from transaction.findings


class _Collector:
    """Turns what the rules report into findings, with the value masked."""

    def __init__(self, transaction: TransactionSet, owner: str) -> None:
        self.found: list[Finding] = []
        self._owner = owner
        self._control_number = transaction.control_number
        self._production = transaction.interchange.usage_indicator == "P"
        self._segment = transaction.header
        self._loop = ""
        self._separator_told = False
        self._count = 0

    def begin(self, segment: Segment, loop: str) -> None:
        self._segment, self._loop = segment, loop

    def drain(self) -> list[Finding]:
        found, self.found = self.found, []
        return found

    def report_loop(self, code: str, what: str, segment: Segment, position: int, loop: str, missing: str) -> None:
        self.report(code, what, "follow the implementation guide", segment, position, 0, loop)
        if missing and self._count <= FINDINGS_MAX:
            self.found[-1] = replace(self.found[-1], value=missing)

    def report_element(self, code: str, what: str, position: int, component: int) -> None:
        segment = self._segment
        if segment.composite(position)[1]:
            # One finding says it all; what the wrong separator makes of the components is noise.
            if not self._separator_told:
                self._separator_told = True
                what = "the component separator used is not the one that ISA16 declares"
                self.report(
                    "x12_component_separator", what, "declare the one you use", segment, position, 0, self._loop
                )
            return
        self.report(code, what, "correct the element by the guide", segment, position, component, self._loop)

    def report(
        self,
        code: str,
        what: str,
        remedy: str,
        segment: Segment,
        position: int = 0,
        component: int = 0,
        loop: str = "",
    ) -> None:
        self._count += 1
        if self._count > FINDINGS_MAX:
            return
        if self._count == FINDINGS_MAX:
            code, what, position = "x12_more", f"more than {FINDINGS_MAX} findings in this set", 0
        warning = code in WARNINGS or (code in LENIENT_IN_TEST and not self._production)
        value = segment[position] if position else ""
        shown = f"{segment.id}{position:02d}" in SHOWN
        self.found.append(
            make_finding(
                code,
                what,
                remedy,
                segment=segment,
                position=position,
                component=component,
                severity=WARNING if warning else ERROR,
                owner=self._owner,
                loop=loop,
                value=value[:40] if shown and CODE.fullmatch(value) else mask_value(value[:40]),
                control_number=self._control_number,
            )
        )


def _as_error(finding: Finding) -> Finding:
    return replace(finding, severity=ERROR)
