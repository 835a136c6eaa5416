"""A statement as PDF/UA-1, by typst: the template stands beside this file, the content goes in as JSON."""

import dataclasses
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst

from connectors.statements.html import day, dollars
from schemas.statement import Statement

TEMPLATE = Path(__file__).parent / "statement.typ"


class PdfWriter:
    """One compiler for many statements: fonts and template are read once."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(TEMPLATE, ignore_system_fonts=True)

    def render(self, statement: Statement) -> bytes:
        """The PDF; the same statement gives the same bytes. Raises typst.TypstError for a broken template."""
        content = json.dumps(_prepare(statement))
        midnight = datetime.combine(statement.issued_on, time(), tzinfo=UTC)
        data = self._compiler.compile(
            format="pdf", sys_inputs={"statement": content}, pdf_standards=["ua-1"], timestamp=midnight
        )
        assert isinstance(data, bytes)
        return data


def _prepare(statement: Statement) -> dict[str, Any]:
    """Amounts and dates as people read them; the template only lays out."""
    content: dict[str, Any] = _write(statement)
    for visit, written in zip(statement.visits, content["visits"], strict=True):
        for part, words in zip(visit.insurance, written["insurance"], strict=True):
            words["taken_off"] = dollars(-part.paid_amount)
        share = sum((part.amount for part in visit.patient_parts), Decimal("0.00"))
        written["share_amount"] = dollars(share)
        written["discount_taken_off"] = dollars(-visit.discount_amount) if visit.discount_amount else ""
        written["paid_taken_off"] = dollars(-visit.patient_paid_amount) if visit.patient_paid_amount else ""
    return content


def _write(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _write(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    if isinstance(value, Decimal):
        return dollars(value)
    return day(value) if isinstance(value, date) else value
