"""A statement as one HTML page: no script, no outside resource, readable aloud."""

from datetime import date
from decimal import Decimal
from html import escape

from connectors.documents.plain_text import make_plain
from schemas.statement import Statement, StatementVisit

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
header { display: flex; justify-content: space-between; gap: 2rem; flex-wrap: wrap; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
.due { font-size: 1.25rem; font-weight: 600; border: 2px solid #1b4d6b; border-radius: 6px; padding: .8rem 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem 0; text-align: left; vertical-align: top; }
td:last-child, th:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.sum td { border-top: 1px solid #666; font-weight: 600; } td.why { color: #444; padding-left: 1rem; }
footer { margin-top: 3rem; font-size: .9rem; color: #444; }
"""


def dollars(amount: Decimal) -> str:
    """$1,234.50, and -$3.00 for what is taken off."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def day(value: date) -> str:
    """March 2, 2026."""
    return f"{value:%B} {value.day}, {value.year}"


def say(text: str) -> str:
    """Text of the outside: escaped, and in its own direction, so that a Hebrew name does not turn the rest around."""
    return f'<span dir="auto">{escape(make_plain(text))}</span>'


def render_html(statement: Statement) -> bytes:
    """The page, UTF-8."""
    s = statement
    practice = "<br>".join(map(say, (s.practice_name, *s.practice_address, s.practice_phone)))
    patient = "<br>".join(map(say, (s.patient_name, *s.patient_address)))
    pay = f" Pay at {say(s.pay_at)}." if s.pay_at else ""
    page = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Statement</title>
<style>{STYLE}</style></head>
<body>
<header><address>{practice}</address><p>Statement of {day(s.issued_on)}<br>Account {s.account_key}</p></header>
<p>{patient}</p>
<h1>What you owe</h1>
<p class="due">{dollars(s.due_amount)}, due {day(s.due_on)}</p>
<p>Your insurance has answered for these visits; this is your part.{pay}</p>
{"".join(map(_render_visit, s.visits))}
<footer><p>Questions, or something that does not look right? Call {say(s.practice_phone or "us")} and name account
{s.account_key}. If you cannot pay all of it at once, ask about paying in parts.</p></footer>
</body>
</html>
"""
    return page.encode()


def _render_visit(visit: StatementVisit) -> str:
    rows = [
        f"<tr><td>{day(line.service_date)}: {say(line.words)}</td><td>{dollars(line.charge_amount)}</td></tr>"
        for line in visit.lines
    ]
    if len(visit.lines) > 1:
        rows.append(f"<tr><td>All services</td><td>{dollars(visit.charge_amount)}</td></tr>")
    rows += [
        f"<tr><td>Paid by {say(part.payer_name)}</td><td>{dollars(-part.paid_amount)}</td></tr>"
        for part in visit.insurance
    ]
    if visit.discount_amount:
        text = "Taken off by agreement with your insurance; nobody owes this"
        rows.append(f"<tr><td>{text}</td><td>{dollars(-visit.discount_amount)}</td></tr>")
    share = sum((part.amount for part in visit.patient_parts), Decimal("0.00"))
    rows.append(f'<tr class="sum"><td>Your part</td><td>{dollars(share)}</td></tr>')
    rows += [
        f'<tr><td class="why">{say(part.words)}</td><td>{dollars(part.amount)}</td></tr>'
        for part in visit.patient_parts
    ]
    if visit.patient_paid_amount:
        rows.append(f"<tr><td>You paid</td><td>{dollars(-visit.patient_paid_amount)}</td></tr>")
    rows.append(f'<tr class="sum"><td>You owe for this visit</td><td>{dollars(visit.owed_amount)}</td></tr>')
    who = f" with {say(visit.provider_name)}" if visit.provider_name else ""
    table = "".join(rows)
    return f"<h2>Visit on {day(visit.visit_date)}{who}</h2>\n<table><tbody>{table}</tbody></table>\n"
