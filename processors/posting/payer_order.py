"""Whose turn it is: which payer of a claim made which adjudication, and who comes after whom."""

from collections.abc import Sequence

from processors.posting.adjudication import Adjudication, Identity
from schemas.claim_status import FORWARDED, RANK_BY_STATUS, RESPONSIBILITIES
from schemas.events import ClaimPayer
from schemas.identifiers import PATIENT_CONTROL_NUMBER


def turn_of(item: Adjudication) -> int | None:
    """Whose claim it answers: the SBR01 at the end of a later payer's number, else as CLP02 says; None: not said."""
    if PATIENT_CONTROL_NUMBER.fullmatch(item.patient_control_number):
        responsibility = item.patient_control_number[18:19]
        if responsibility and responsibility in RESPONSIBILITIES:
            return RESPONSIBILITIES.index(responsibility)
    return RANK_BY_STATUS.get(item.status_code)


def seat_payers(
    payers: Sequence[ClaimPayer], adjudications: Sequence[Adjudication]
) -> tuple[list[ClaimPayer], list[tuple[Adjudication, ...]]]:
    """Each adjudication to the payer that made it: by identifier or name, else by CLP02, else with its siblings.

    A payer that is not on the claim takes the turn that CLP02 names, or one behind the last.
    """
    holders = list(payers)
    seats: dict[Identity, int] = {}
    for item in adjudications:
        places = _find_named(payers, item)
        turn = turn_of(item)
        if len(places) == 1:
            seats[item.identity] = places[0]
        elif turn is not None and turn in places:
            seats[item.identity] = turn
    taken = {seats[item.identity]: item.payer_key for item in reversed(adjudications) if item.identity in seats}
    strangers = [item for item in adjudications if item.identity not in seats and turn_of(item) is not None]
    strangers.sort(key=lambda item: (turn_of(item) or 0, item.payer_key))
    for item in strangers:
        place = turn_of(item) or 0
        while place < len(payers) and taken.get(place, item.payer_key) != item.payer_key:
            place += 1
        if place >= len(payers):
            known = [at for at, key in taken.items() if at >= len(payers) and key == item.payer_key]
            place = known[0] if known else len(holders)
            if not known:
                holders.append(ClaimPayer(payer_id=item.payer_key, payer_name=item.payer_name))
        taken[place] = item.payer_key
        seats[item.identity] = place
    _seat_siblings(payers, adjudications, seats)
    _add_crossover(adjudications, seats, holders)
    by_turn = [tuple(item for item in adjudications if seats[item.identity] == place) for place in range(len(holders))]
    return holders, by_turn


def _seat_siblings(
    payers: Sequence[ClaimPayer], adjudications: Sequence[Adjudication], seats: dict[Identity, int]
) -> None:
    """A reversal, or a CLP02 that names no turn: where the payer's others of the same CLP07 are, else its first."""
    seated = [item for item in adjudications if item.identity in seats]
    for item in adjudications:
        if item.identity in seats:
            continue
        own = [other for other in seated if other.payer_key == item.payer_key]
        same = [other for other in own if other.payer_claim_control_number == item.payer_claim_control_number]
        alike = [other for other in same if other.signature == item.signature]
        places = [seats[other.identity] for other in alike or same or own]
        seats[item.identity] = min(places or _find_named(payers, item) or [0])


def _add_crossover(
    adjudications: Sequence[Adjudication], seats: dict[Identity, int], holders: list[ClaimPayer]
) -> None:
    """The payer that the last one forwarded to (NM1*TT) has the next turn, known to us before or not."""
    last = len(holders) - 1
    forwarded = [
        item.crossover
        for item in adjudications
        if item.crossover and item.status_code in FORWARDED and seats[item.identity] == last
    ]
    if forwarded and not any(_same_payer(forwarded[-1], holder) for holder in holders):
        holders.append(forwarded[-1])


def _find_named(payers: Sequence[ClaimPayer], item: Adjudication) -> list[int]:
    """The payers of the claim that the remittance names by identifier, else by name."""
    by_id = [place for place, payer in enumerate(payers) if payer.payer_id in item.payer_ids]
    if by_id:
        return by_id
    name = _fold(item.payer_name)
    return [place for place, payer in enumerate(payers) if _fold(payer.payer_name) == name]


def _same_payer(one: ClaimPayer, other: ClaimPayer) -> bool:
    return one.payer_id == other.payer_id or _fold(one.payer_name) == _fold(other.payer_name)


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())
