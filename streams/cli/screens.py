"""What several commands show, laid out for a terminal."""

from collections.abc import Iterable

from rich.table import Table

from streams.cli.common import spell_finding
from streams.reports.ledger import AccountBalance
from streams.reports.status import StatusReport
from streams.reports.timeline import TimelineEvent
from streams.terminal import console


def make_table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    return table


def show_status(report: StatusReport) -> None:
    """Counts, topics, work and trial balance."""
    for name, counts in (("encounters", report.encounters), ("claims", report.claims)):
        console.say(f"{name}: " + ", ".join(f"{count} {state}" for state, count in counts))
    table = make_table("Topics", "topic", "events", "lag", right=("events", "lag"))
    for topic in report.topics:
        table.add_row(topic.name, str(topic.events), str(topic.lag))
    console.say()
    console.print(table)
    work = report.work_items
    queues = ", ".join(f"{queue} {count}" for queue, count in work.by_queue.items())
    unread = f"dead letters: {report.dead_letters}; set aside: {report.set_aside}"
    console.say()
    console.say(f"open work: {work.open} ({queues or 'none'}); {unread}")
    if report.set_aside:
        console.say("events that a step cannot take wait, and all that comes under their keys: `revcycle aside list`")
    show_accounts(report.ledger.accounts)
    say_balanced(report.ledger.balanced)
    for warning in report.warnings:
        console.say(f"note: {warning}")


def say_balanced(is_balanced: bool) -> None:
    """Whether debits are credits."""
    console.say("balanced" if is_balanced else ("NOT BALANCED", "red"))


def show_accounts(accounts: Iterable[AccountBalance]) -> None:
    """A trial balance."""
    table = make_table("Ledger", "account", "debit", "credit", "balance", right=("debit", "credit", "balance"))
    for account in accounts:
        table.add_row(account.account, str(account.debit), str(account.credit), str(account.balance))
    console.say()
    console.print(table)


def show_timeline(timeline: Iterable[TimelineEvent]) -> None:
    """Events in order, each with what was found and the document that says it."""
    for event in timeline:
        console.say(f"{event.at[:16]}  {event.type:<24} {event.summary}")
        for finding in event.findings:
            console.say(f"{'':43}{spell_finding(finding)}")
        for item in event.uncoded:
            console.say(f'{"":43}{item.kind} not mapped: {item.system} {item.code} "{item.description}"')
            for candidate in item.candidates:
                text = f"{'=>' if candidate.is_chosen else '  '} {candidate.target:<8} {candidate.advice}"
                console.say(f"{'':45}{text}")
        for words in event.words:
            console.say(f'{"":43}"{words}"')
        place = event.document
        if place:
            segment = f", segment {place.segment}" if place.segment else ""
            console.say(f"{'':43}", (f"document {place.sha256[:12]}{segment}", "dim"))
