"""What kinds of events share: how they are keyed, and what every action of a person says."""

from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import PHI
from schemas.event import Body
from schemas.identifiers import AccountKey

PatientControlNumber = Annotated[str, StringConstraints(min_length=1, max_length=50)]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{16}[STA-H]?$")]  # docs/decisions: claim-id ...


Person = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
# Free text of a person: they may name the patient in it.
Reason = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True), Field(json_schema_extra=PHI)]


class ByPerson(Body):
    """Who did it and why; the id of the action is minted where it is done, so that a retry is the same action."""

    action_id: str
    who: Person
    why: Reason = ""

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

    trading_partner: str

    @property
    def key(self) -> str:
        return self.trading_partner


class OfRemittance(Body):
    """About one remittance: keyed by its identity (domain rules, section 1), never by file name or ISA13."""

    remittance_id: str

    @property
    def key(self) -> str:
        return self.remittance_id
