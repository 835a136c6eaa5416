"""How events are keyed: by patient account, or by remittance."""

from typing import Annotated

from pydantic import StringConstraints

from schemas.event import Body
from schemas.identifiers import AccountKey

PatientControlNumber = Annotated[str, StringConstraints(min_length=1, max_length=50)]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{16}[STA-H]?$")]  # docs/decisions: claim-id ...


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
