"""A payer to practise with: 837P bytes in; TA1, 999, 277CA and 835 bytes out.

It is pure, and shares nothing with the project's own claim writing, remittance reading and posting but the X12
tokeniser: a mistake there meets an independent opinion here. It remembers nothing between interchanges, so a replaced
claim (CLM05-3 = 7) is adjudicated as if alone, and a void (8) takes back what the same content would have been paid.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from connectors.practice_payer.acknowledgements import (
    CLAIM_STATUS_DAYS,
    SetResult,
    is_accepted,
    write_277ca,
    write_999,
    write_ta1,
)
from connectors.practice_payer.adjudication import judge_claim
from connectors.practice_payer.claims import read_claims
from connectors.practice_payer.envelope import NO_ERROR, FunctionalGroup, Header, Interchange, read_interchanges
from connectors.practice_payer.models import Judgement, Submission
from connectors.practice_payer.remittance import PRODUCTION_DAYS, write_remittance
from connectors.practice_payer.writing import Elements, write_interchange, write_note

AnswerKind = Literal["TA1", "999", "277CA", "835"]


class Answer(NamedTuple):
    """One file of the payer; `name` is a file name without folder, unique among the answers to an interchange."""

    kind: AnswerKind
    name: str
    data: bytes


Accepted = list[tuple[Submission, list[Judgement]]]


def answer_interchange(data: bytes, seed: int, *, remittance: bool = True) -> tuple[Answer, ...]:
    """The payer's answers to a file of 837P interchanges, in the order in which a payer sends them.

    Each claim's fate is a function of `seed` and its content alone. Every date is the interchange's plus fixed days.
    `remittance=False` stops at the 277CA. Never raises for bad bytes: these get a TA1 or 999 that rejects them.
    """
    return tuple(answer for interchange in read_interchanges(data) for answer in _answer(interchange, seed, remittance))


def _answer(interchange: Interchange, seed: int, remittance: bool) -> Iterator[Answer]:
    header = interchange.header
    stem = f"{header.control_value:09d}"
    yield Answer("TA1", f"{stem}.TA1", write_note(header, 0, write_ta1(header, interchange.note_code)))
    if interchange.note_code != NO_ERROR:
        return
    receipts: list[list[Elements]] = []
    accepted: Accepted = []
    for group in interchange.groups:
        receipt, submissions = _receive_group(header, group)
        receipts.append(receipt)
        accepted += [(s, [judge_claim(claim, seed) for claim in s.claims]) for s in submissions]
    first = interchange.groups[0]
    parties = (first.receiver, first.sender)  # the answers go the other way
    functional = ("FA", *parties, "005010X231A1")
    yield Answer("999", f"{stem}.999", write_interchange(header, 1, header.sent_on, functional, receipts))
    statuses = _write_claim_statuses(header, accepted)
    if statuses:
        status_day = header.sent_on + timedelta(days=CLAIM_STATUS_DAYS)
        functional = ("HN", *parties, "005010X214")
        yield Answer("277CA", f"{stem}.277CA", write_interchange(header, 2, status_day, functional, statuses))
    if remittance:
        yield from _pay(header, parties, accepted, seed)


def _receive_group(header: Header, group: FunctionalGroup) -> tuple[list[Elements], list[Submission]]:
    """The 999 of a group, and the submissions in it that go on to adjudication."""
    results: list[SetResult] = []
    submissions = []
    for transaction in group.sets:
        unread = group.error_codes or transaction.error_codes
        submission = Submission() if unread else read_claims(transaction, header.sent_on)
        result = (transaction, submission.errors)
        results.append(result)
        if not group.error_codes and is_accepted(result):
            submissions.append(submission)
    return write_999(header, group, results), submissions


def _write_claim_statuses(header: Header, accepted: Accepted) -> list[list[Elements]]:
    sets = []
    for submission, judgements in accepted:
        for group in _group_by_payer(judgements):
            sets.append(write_277ca(header, submission, group[0].claim.payer, group))
    return sets


def _pay(header: Header, parties: tuple[str, str], accepted: Accepted, seed: int) -> Iterator[Answer]:
    """One 835 file for each payer with a claim that was not rejected."""
    adjudicated = [j for _, judgements in accepted for j in judgements if j.rejection is None]
    production_day = header.sent_on + timedelta(days=PRODUCTION_DAYS)
    for index, group in enumerate(_group_by_payer(adjudicated), 1):
        payer = group[0].claim.payer
        sets = write_remittance(header, payer, group, seed)
        functional = ("HP", *parties, "005010X221A1")
        name = f"{header.control_value:09d}.{index:02d}-{re.sub('[^A-Za-z0-9]+', '', payer.identifier)[:20]}.835"
        yield Answer("835", name, write_interchange(header, 2 + index, production_day, functional, sets))


def _group_by_payer(judgements: list[Judgement]) -> list[list[Judgement]]:
    groups: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        groups.setdefault(judgement.claim.payer.identifier, []).append(judgement)
    return list(groups.values())
