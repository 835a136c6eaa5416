"""What kinds of events share: how they are keyed, and what every action of a person says."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.base import PHI, Identifier, Plain
from schemas.bounds import NO_CONTROLS, NO_NUL
from schemas.event import Body
from schemas.identifiers import PATIENT_CONTROL_NUMBER, AccountKey
from schemas.roles import Act, Role

PatientControlNumber = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=NO_CONTROLS)]
OurNumber = Annotated[str, StringConstraints(pattern=rf"^{PATIENT_CONTROL_NUMBER.pattern}$")]  # one that we gave
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{16}[STA-H]?$")]  # docs/decisions: claim-id ...


TradingPartner = Annotated[Plain, Field(min_length=1, max_length=80)]  # ISA06 or ISA08; names its files
Person = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=NO_CONTROLS)]
# Free text of a person: they may name the patient in it.
Reason = Annotated[
    str, StringConstraints(max_length=2000, strip_whitespace=True, pattern=NO_NUL), Field(json_schema_extra=PHI)
]


class ByPerson(Body):
    """Who did it, in which role, and why; `act` says what for schemas.roles. The id of the action is made where it is
    done, so that a retry is the same action. `needs_why`: whether it means nothing without a reason."""

    act: ClassVar[Act]
    needs_why: ClassVar[bool] = True
    action_id: Identifier
    who: Person
    why: Reason = ""
    role: Role | Literal[""] = ""  # none where the installation names no people

    def identity(self) -> tuple[str | int, ...]:
        return (self.action_id,)


class OfAccount(Body):
    """About one patient at this organisation: keyed by account, so that everything about them keeps its order."""

    account_key: AccountKey

    @property
    def key(self) -> str:
        return self.account_key


class OfPartner(Body):
    """On its way to or from a trading partner: keyed by it, until claims go back to their accounts."""

    trading_partner: TradingPartner

    @property
    def key(self) -> str:
        return self.trading_partner


class OfRemittance(Body):
    """About one remittance: keyed by its identity (domain rules, section 1), never by file name or ISA13."""

    remittance_id: Identifier

    @property
    def key(self) -> str:
        return self.remittance_id
