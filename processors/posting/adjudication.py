"""What payers said of one claim: the CLPs as settlement keeps them, in integer cents by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from schemas.base import Frozen, PhiDate
from schemas.claim_status import REVERSAL
from schemas.events import ClaimPayer, DeniedAdjustment
from schemas.ledger import DocumentPlace

Identity = tuple[str, int]  # remittance id, place of the CLP in it


class RemittedService(Frozen):
    """One SVC; `settled_cents` is paid, written off, the patient's, or memo."""

    line_control_number: str = ""
    procedures: tuple[str, ...] = ()  # as adjudicated, as submitted
    modifiers: tuple[str, ...] = ()
    service_date: PhiDate | None = None
    charge_cents: int = 0
    paid_cents: int = 0
    settled_cents: int = 0
    denied_cents: int = 0


class Adjudication(Frozen):
    """One CLP, as far as settling its claim needs it; the amounts of a reversal are negative."""

    remittance_id: str
    claim_index: int
    patient_control_number: str  # CLP01
    status_code: str  # CLP02
    payer_ids: tuple[str, ...]  # TRN03 first, then what else the remittance calls the payer by
    payer_name: str
    filing_indicator: str = ""  # CLP06
    payer_claim_control_number: str = ""  # CLP07
    payment_date: date | None = None
    document: DocumentPlace  # at the CLP
    charge_cents: int
    paid_cents: int = 0
    contractual_cents: int = 0
    sequestration_cents: int = 0
    patient_cents: int = 0
    denied_cents: int = 0  # at claim level
    signature: str = ""  # charge, payment and adjustments; a reversal has the one of what it takes back
    is_qmb: bool = False
    crossover: ClaimPayer | None = None  # NM1*TT
    by_hand: bool = False  # a person applied it to this claim
    services: tuple[RemittedService, ...] = ()
    denials: tuple[DeniedAdjustment, ...] = ()

    @property
    def identity(self) -> Identity:
        return (self.remittance_id, self.claim_index)

    @property
    def is_reversal(self) -> bool:
        return self.status_code == REVERSAL

    @property
    def payer_key(self) -> str:
        return name_payer(self.payer_ids, self.payer_name)


def name_payer(payer_ids: Sequence[str], payer_name: str) -> str:
    """What accounts are split by when the payer is known from a remittance only: its identifier, else its name."""
    return next((identifier for identifier in payer_ids if identifier), payer_name)


def date_of(item: Adjudication) -> tuple[date, Identity]:
    """The one order in which adjudications count, whatever the order in which they came."""
    return (item.payment_date or date.min, item.identity)


class Amounts(NamedTuple):
    """Cents that leave a payer's receivable, in the order in which they may take of what is open."""

    paid: int = 0
    contractual: int = 0
    sequestration: int = 0
    patient: int = 0


@dataclass(frozen=True, slots=True)
class PayerTurn:
    """One payer's part of a claim after settlement; `excess` is what exceeds its open balance and is not posted."""

    payer: ClaimPayer
    adjudications: tuple[Adjudication, ...]
    applied: Amounts
    excess: Amounts
    open_cents: int
    borrowed_cents: int  # taken from what was still open with earlier payers
    forwarded: bool
    unmatched_reversals: tuple[Adjudication, ...]

    @property
    def key(self) -> str:
        return self.payer.payer_id or self.payer.payer_name


def pair_reversals(own: Sequence[Adjudication]) -> tuple[list[Adjudication], tuple[Adjudication, ...]]:
    """What still stands once every reversal has met what it takes back, by date; and the reversals that met nothing."""
    standing = [item for item in own if not _takes_back(item)]
    standing.sort(key=date_of)
    unmatched: list[Adjudication] = []
    for item in own:
        if _takes_back(item):
            met = next((other for other in standing if other.signature == item.signature), None)
            if met is None:
                unmatched.append(item)
            else:
                standing.remove(met)
    return standing, tuple(unmatched)


def _takes_back(item: Adjudication) -> bool:
    """A reversal, or a payer's negative payment that does not call itself one."""
    return item.is_reversal or item.paid_cents < 0
