"""What people do, and which roles may do it: one table of act x role, whatever the door.

Who does what in a billing office is the organisation's to say; `[roles]` of revcycle.toml gives an act other roles, and
`[people]` gives each person theirs (45 CFR 164.312(a): access by role).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import Frozen

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
RoleNames = Annotated[tuple[str, ...], Field(strict=False)]
CodingAct = Literal["correct", "query", "answer", "override"]
Act = Literal[
    CodingAct,
    "work",
    "correct_claim",
    "appeal",
    "write_off",
    "approve_write_off",
    "apply_payment",
    "admit_remittance",
    "match_deposit",
    "take_payment",
    "return_payment",
    "refund_payment",
    "move_payment",
    "set_clock_back",
    "drop_event",
]
CODING: RoleNames = ("coder", "coding_lead")
MONEY: RoleNames = ("biller", "payments", "supervisor")
EVERYBODY: RoleNames = (
    *("front_desk", "provider", *CODING, *MONEY),
    *("compliance", "operations"),
)


class Roles(Frozen):
    """Which roles may do what. An auditor reads all, and does nothing here."""

    correct: RoleNames = (*CODING, "biller", "provider")
    query: RoleNames = (*CODING, "compliance")
    answer: RoleNames = ("provider", *CODING)
    override: RoleNames = ("coding_lead", "compliance")
    work: RoleNames = EVERYBODY  # take, note, resolve, reopen
    correct_claim: RoleNames = ("biller", "supervisor")  # replace or void what the payer has
    appeal: RoleNames = ("biller", "supervisor", *CODING, "provider")
    write_off: RoleNames = ("biller", "supervisor")
    approve_write_off: RoleNames = ("supervisor", "compliance")
    apply_payment: RoleNames = MONEY  # to a claim, or off it
    admit_remittance: RoleNames = MONEY
    match_deposit: RoleNames = MONEY
    take_payment: RoleNames = ("front_desk", *MONEY)
    return_payment: RoleNames = MONEY
    refund_payment: RoleNames = MONEY
    move_payment: RoleNames = MONEY
    set_clock_back: RoleNames = ("operations", "supervisor")
    drop_event: RoleNames = ("operations", "supervisor")

    def list_for(self, act: Act) -> tuple[str, ...]:
        """The roles that may do an act."""
        found: tuple[str, ...] = getattr(self, act)
        return found

    @property
    def names(self) -> frozenset[str]:
        """Every role that there is: of an act here, or of one without `[roles]`; and who only looks."""
        return frozenset(role for roles in (self, Roles()) for _, named in roles for role in named) | {"auditor"}


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, why, when and in which role; `role` is empty where the installation says it, or names nobody."""

    who: str
    why: str
    at: datetime
    role: str = ""
