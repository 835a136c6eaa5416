"""A statement as PDF: amounts and dates as people read them; the template lays them out."""

import dataclasses
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from connectors.documents.typesetting import Typeset, set_document
from connectors.statements.html import day, dollars
from schemas.statement import Statement


def render_pdf(statement: Statement) -> Typeset:
    """The PDF; the same statement gives the same bytes. Raises DocumentError."""
    midnight = datetime.combine(statement.issued_on, time(), tzinfo=UTC)
    return set_document("statement", _prepare(statement), midnight)


def _prepare(statement: Statement) -> dict[str, Any]:
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
