"""`revcycle work appeal|write-off`: an appeal with its packet, a write-off with its approval."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from connectors.archive import write_durably
from connectors.documents.packet import LETTER, read_documents
from connectors.documents.typesetting import describe_substitutes, set_document
from schemas.errors import ActRefusedError, RefusedError
from schemas.events import AppealFiled, AttachedDocument, DenialWrittenOff, WriteOffPosted
from schemas.findings import Finding
from schemas.money import ZERO, format_money
from schemas.roles import By
from streams.actions.door import Done, begin, identify_person, require_done
from streams.installation import Opened
from streams.reports.denials import collect_facts, find_denial
from streams.reports.worklist import WorkItem, find_item

ANSWER_DAYS = 60  # a decision is asked for when none came by then


class FiledAppeal(WorkItem):
    """The item of an appeal that is filed, the folder of its packet, and what its letter could not show."""

    folder: str
    findings: tuple[Finding, ...]


def write_off_denial(installation: Opened, wanted: str, by: By, approved_by: str, amount: Decimal | None) -> WorkItem:
    """Accepts a denial, or part of it, as a loss; returns the item as it stands then. Raises RefusedError."""
    item = find_item(installation, wanted)
    identify_person(installation, "approve_write_off", By(approved_by, by.why, by.at))
    begun = begin(installation, DenialWrittenOff, by, item.id, approved_by, amount)
    if done := begun.find_done():
        _require_written_off(done)
        return find_item(installation, item.id)
    found = find_denial(installation, item.id)
    left = find_open_amount(installation, item)
    if not left:
        raise RefusedError(f"nothing of this denial is left to write off: `revcycle work show {item.id[:8]}` says why")
    asked = left if amount is None else amount
    if not 0 < asked <= left:
        raise RefusedError(
            f"{format_money(asked)} is not between 0.01 and the {format_money(left)} that are left of it"
        )
    done = begun.finish(
        item.encounter_id,
        account_key=found.denied.account_key,
        item_id=item.id,
        claim_id=item.claim_id,
        encounter_id=item.encounter_id,
        line_key=found.line_key,
        amount=asked,
        approved_by=approved_by,
    )
    _require_written_off(done)
    return find_item(installation, item.id)


def _require_written_off(done: Done) -> None:
    """Raises ActRefusedError where less was written off than was asked for: a payment may have come between."""
    asked = require_done(done).event.body
    assert isinstance(asked, DenialWrittenOff)
    moved = sum((body.amount for body in done.facts if isinstance(body, WriteOffPosted)), ZERO)
    if moved != asked.amount:
        raise ActRefusedError(
            f"recorded, but only {format_money(moved)} of {format_money(asked.amount)} was written off, which is all "
            f"that was open -> see what stands: `revcycle claim {asked.claim_id}`"
        )


def find_open_amount(installation: Opened, item: WorkItem) -> Decimal:
    """What is left of a denial: what its item was opened for, without what was written off of it since."""
    rows = installation.store.connection.execute(
        "SELECT body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type = ? AND sequence > "
        "(SELECT sequence FROM event WHERE event_id = ?)",
        (item.id, WriteOffPosted.type, item.opened_by),
    ).fetchall()
    written_off = sum((WriteOffPosted.model_validate_json(bytes(body)).amount for (body,) in rows), ZERO)
    return max((item.amount or ZERO) - written_off, ZERO)


def file_appeal(installation: Opened, wanted: str, by: By, attachments: Sequence[Path]) -> FiledAppeal:
    """Writes the packet into `appeals/`, then says that the appeal is filed; returns the item with the packet's folder,
    and a finding where the letter holds characters that no font has.

    Raises DocumentError for a letter that cannot be made, and RefusedError where the item is no denial, or there is no
    level left to appeal to.
    """
    item = find_item(installation, wanted)
    begun = begin(installation, AppealFiled, by, item.id, *sorted(path.name for path in attachments))
    if done := begun.find_done():
        filed = require_done(done).event.body
        assert isinstance(filed, AppealFiled)
        folder = _name_folder(installation, filed.item_id, filed.level)
        return FiledAppeal(**dict(find_item(installation, item.id)), folder=str(folder), findings=())
    found = find_denial(installation, item.id)
    level = item.appeal_level
    if not level:
        raise RefusedError(f"this denial is not appealed: {item.next_action}")
    documents = read_documents(attachments)
    who, why, now = begun.by.who, begun.by.why, begun.by.at
    letter = set_document("appeal", collect_facts(found, who, why, [name for name, _ in documents], now), now)
    folder = _name_folder(installation, item.id, level)
    for name, data in ((LETTER, letter.pdf), *documents):
        installation.archive.keep(data)
        write_durably(folder / name, data)
    begun.finish(
        item.encounter_id or item.id,
        account_key=found.denied.account_key,
        item_id=item.id,
        claim_id=item.claim_id,
        line_key=found.line_key,
        days_since_denial=max((now.date() - (found.denied.payment_date or now.date())).days, 0),
        level=level,
        level_name=item.appeal_name,
        filed_on=now.date(),
        answer_due_on=now.date() + timedelta(days=ANSWER_DAYS),
        packet=installation.archive.keep(letter.pdf),
        attachments=tuple(AttachedDocument(name=name, sha256=installation.archive.keep(x)) for name, x in documents),
    )
    findings = tuple(describe_substitutes(letter, str(folder / LETTER)))
    return FiledAppeal(**dict(find_item(installation, item.id)), folder=str(folder), findings=findings)


def _name_folder(installation: Opened, item_id: str, level: int) -> Path:
    return installation.data / "appeals" / f"{item_id[:8]}-level-{level}"
