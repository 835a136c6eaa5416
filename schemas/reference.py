"""Reference data that decides: tables the user owns and settings of the installation, immutable for a digest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Annotated, Any, Literal, Protocol, Self, get_args

from pydantic import Field, field_validator, model_validator

from schemas.base import Frozen, ShortText
from schemas.bounds import Days
from schemas.codesets import CodeSets
from schemas.encounter import CodeSystem, Modifier
from schemas.identifiers import sha256_hex
from schemas.money import ZERO, Money
from schemas.payer_rules import RulePack
from schemas.person import find_name_fault, fold_name, is_same_person
from schemas.roles import Act, CodingAct, Roles
from schemas.x12.x835_005010x221a1 import Remittance, RemittanceClaim


class ChargeMasterRow(Frozen):
    """One local, SNOMED, LOINC or CVX code as the CPT/HCPCS line it is billed as, and its price."""

    system: CodeSystem
    code: ShortText
    billed_system: CodeSystem  # CPT or HCPCS
    billed_code: ShortText
    modifiers: tuple[Modifier, ...] = ()
    revenue_code: str = ""
    charge_amount: Money | None = None
    description: ShortText = ""


class DiagnosisMapRow(Frozen):
    """One SNOMED or local diagnosis code as ICD-10-CM (without the dot)."""

    system: CodeSystem
    code: ShortText
    icd10cm: ShortText
    description: ShortText = ""


class AdjustmentClassRow(Frozen):
    """What an adjustment is: one (group, CARC) to a class of domain rules section 5. `*` matches any."""

    group: str  # CAS01
    reason: str  # CARC
    adjustment_class: str  # contractual, sequestration, patient_share, memo, informational, denial, review


class DenialRouteRow(Frozen):
    """Where a denial goes: by CARC, and by RARC, group and payer where these decide; `*` or empty matches any."""

    group: str = "*"  # CAS01
    reason: str  # CARC
    remark: str = ""  # RARC
    payer: str = "*"  # the payer's identifier in its remittances
    category: ShortText
    root_cause: ShortText = ""
    team: ShortText
    next_action: ShortText
    deadline_days: int  # from the notice, where no appeal level of the plan decides
    appealable: bool
    edits: tuple[str, ...] = ()  # those of our own coding edits that would have caught it
    effective_from: date = date.min


class PayerTermsRow(Frozen):
    """What a payer's contract says about time; `*` matches any payer or claim filing indicator (SBR09, CLP06)."""

    payer: str
    filing_indicator: str
    plan: ShortText  # names the appeal levels that apply
    filing_days: int  # from the first date of service; 0 where years are counted
    filing_years: int = 0  # calendar years, to the same day; 0 where days are counted
    answer_days: int  # from submission to the remittance: the least that is waited for


class PayerEditRow(Frozen):
    """Whether an edit of docs/edits.md judges claims of a payer, whatever it is by itself; `*` matches any payer or
    claim filing indicator (SBR09)."""

    payer: str
    filing_indicator: str
    edit: str
    judged: bool


class AppealLevelRow(Frozen):
    """One level of appeal of a plan from a day on; `receipt` is presumed five days after the notice."""

    plan: str
    level: int
    name: ShortText
    deadline_days: int
    counted_from: Literal["notice", "receipt"]
    controversy_amount: Money | None = None  # the least amount in dispute
    effective_from: date


class RejectionRouteRow(Frozen):
    """Who mends a rejected claim: claim status category (`*` any) and claim status code of a 277CA."""

    category: str
    status_code: str
    team: ShortText
    owner: ShortText
    next_action: ShortText


class ContractRow(Frozen):
    """What a payer agreed to allow for a procedure, from one day to another.

    `value` is dollars a unit (flat), or a percentage of the charge or of Medicare's fee in `locality`.
    """

    payer: ShortText  # as a remittance calls it: TRN03, N1*PR N104 or name; compared without case
    procedure: str  # CPT or HCPCS, or * for any that has no row of its own
    modifier: str = ""
    method: Literal["flat", "percent_of_charge", "percent_of_medicare"]
    value: Decimal
    effective: date
    termination: date | None = None
    locality: ShortText = ""
    threshold_amount: Money = ZERO  # a shortfall of no more than this is not pursued

    @property
    def rate(self) -> str:
        """What makes a row the only one of its payer."""
        return f"{self.procedure} {self.modifier} {self.effective}"


class LocalityRow(Frozen):
    """Geographic practice cost indices of a Medicare locality from a day on (CMS, GPCI file)."""

    locality: ShortText
    effective: date
    work: Decimal
    practice_expense: Decimal
    malpractice: Decimal


class OpenRemittance(Protocol):
    """A set that is being read: its claims in order, and the rest of it once they have been read."""

    def __iter__(self) -> Iterator[RemittanceClaim]: ...

    def finish(self, claims: tuple[RemittanceClaim, ...]) -> Remittance: ...


class RemittanceReader(Protocol):
    """The 835 transaction sets of a document, parsed; `index` counts from 0.

    Documents are immutable for their sha256, so reading one keeps a processor deterministic.
    """

    def open(self, sha256: str, index: int) -> OpenRemittance | None:
        """One set, to be read claim by claim and then finished; None where the document has no such set."""
        ...

    def read_claims(self, sha256: str, index: int, first: int, count: int) -> Sequence[RemittanceClaim]:
        """`count` claims of one set from the one at `first`, which counts from 0; fewer where it has no more."""
        ...


class Submitter(Frozen):
    """Who sends and who receives interchanges (ISA05-ISA08, 1000A, 1000B), and whether they are tests (ISA15)."""

    usage_indicator: Literal["P", "T"] = "T"  # ISA15 of what we send: P once it is for real
    sender_qualifier: str = "ZZ"
    sender_id: str = "REVCYCLETEST"
    name: ShortText = "REVCYCLE TEST SUBMITTER"
    contact_name: ShortText = "BILLING OFFICE"
    contact_phone: str = "5555550100"
    receiver_qualifier: str = "ZZ"
    receiver_id: str = "CLEARINGHOUSE"
    receiver_name: ShortText = "TEST CLEARINGHOUSE"


Names = Annotated[tuple[ShortText, ...], Field(strict=False)]


class BillingProvider(Frozen):
    """Identifiers of a billing provider for encounters that lack them; without a name, for every provider."""

    name: ShortText = ""  # as the EHR names it, in capitals or not
    npi: ShortText = ""
    tax_id: ShortText = ""
    taxonomy: ShortText = ""


class FollowUp(Frozen):
    """How long silence is waited for, in full days after the day on which we spoke."""

    interchange_days: Days = 1  # TA1 or 999
    acknowledgement_days: Days = 2  # 277CA
    repeat_days: Days = 30  # between status requests (276) for one claim
    filing_warning_days: Days = 30  # before timely filing ends


class Practice(Frozen):
    """Who writes to patients: stands on statements. Without a name, the billing provider of the encounter does."""

    name: ShortText = ""
    address: ShortText = ""
    phone: ShortText = ""
    pay_at: ShortText = ""  # where the patient can pay: a web page or an address


DECIDING: dict[str, Any] = dict.fromkeys(
    (
        *("is_test", "billing_providers", "people", "partners", "known_as"),
        *("follow_up", "deposit_days", "has_bank_files", "small_balance_amount"),
    ),
    True,
) | {"submitter": {"usage_indicator", "sender_id", "receiver_id"}, "roles": set(get_args(CodingAct))}


class Installation(Frozen):
    """The settings of one billing organisation. `secret` keys the HMAC that hides patient ids.

    `people` gives each person their role; where it is empty, the role that somebody names is taken at its word.
    """

    is_test: bool = True
    secret: bytes = b"a test installation keeps no secret"
    submitter: Submitter = Submitter()
    partners: Names = ()  # whose answers are taken (ISA06) beside the submitter's receiver's; everybody's if none
    known_as: Names = ()  # what partners call us beside our own ids: ISA08, GS03, NPI or tax id of a payee
    follow_up: FollowUp = FollowUp()
    billing_providers: Annotated[tuple[BillingProvider, ...], Field(strict=False)] = ()
    roles: Roles = Roles()
    people: Mapping[str, str] = Field(default_factory=dict)
    practice: Practice = Practice()
    deposit_days: Days = 7  # how long a deposit, or a remittance's money, may wait for its other half
    has_bank_files: bool = False  # whether the bank's files are loaded: else no remittance is missed in them
    small_balance_amount: Annotated[Money, Field(ge=0)] = ZERO  # patient balances up to this are written off

    @field_validator("people")
    @classmethod
    def _must_tell_people_apart(cls, people: Mapping[str, str]) -> Mapping[str, str]:
        for name in people:
            if fault := find_name_fault(name):
                raise ValueError(fault)
        for one, other in combinations(people, 2):
            if is_same_person(one, other):
                raise ValueError(f"{one} and {other} look like one person: write their names out")
        return people

    @model_validator(mode="after")
    def _must_know_roles(self) -> Self:
        known = self.roles.names
        for name, role in self.people.items():
            if role not in known:
                raise ValueError(
                    f"people.{name}: no such role; give one of {', '.join(sorted(known))}, or add it under [roles]"
                )
        return self

    def role_of(self, who: str) -> str | None:
        """The role that `people` gives somebody, however they typed their name."""
        wanted = fold_name(who)
        return next((role for name, role in self.people.items() if fold_name(name) == wanted), None)

    def refuse_person(self, act: Act, who: str, role: str) -> str | None:
        """Why somebody may not do this in this role, or None. Where `people` is empty, a role is taken at its word, and
        who names none is not asked for it; an act about coding carries one always."""
        if fault := find_name_fault(who):
            return fault
        if self.people:
            known = self.role_of(who)
            if known is None:
                return "the person is not among [people] of revcycle.toml"
            if known != role:
                return f"[people] of revcycle.toml gives the person the role {known}, not {role or 'none'}"
        elif not role:
            return None
        allowed = self.roles.list_for(act)
        return None if role in allowed else f"the role {role} may not {act}; {', '.join(allowed)} may"

    @property
    def digest(self) -> str:
        """Of what decides here: whether this is a test, who bills and answers, who may do what, and the policies of
        patients' and banks' money. The secret takes no part."""
        return sha256_hex(self.model_dump_json(include=DECIDING).encode())


@dataclass(frozen=True)
class Reference:
    """Everything a processor may look up; `versions` names what was in use and travels in each event."""

    codesets: CodeSets
    remittances: RemittanceReader
    installation: Installation = field(default_factory=Installation)
    charge_master: Mapping[tuple[str, str], ChargeMasterRow] = field(default_factory=dict)
    diagnosis_map: Mapping[tuple[str, str], DiagnosisMapRow] = field(default_factory=dict)
    adjustment_classes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    denial_routes: Mapping[str, tuple[DenialRouteRow, ...]] = field(default_factory=dict)  # by CARC
    payer_terms: Mapping[tuple[str, str], PayerTermsRow] = field(default_factory=dict)
    payer_edits: Mapping[tuple[str, str], tuple[PayerEditRow, ...]] = field(default_factory=dict)  # by payer, SBR09
    appeal_levels: tuple[AppealLevelRow, ...] = ()
    rejection_routes: Mapping[tuple[str, str], RejectionRouteRow] = field(default_factory=dict)
    contracts: Mapping[str, tuple[ContractRow, ...]] = field(default_factory=dict)  # by payer in lower case
    localities: Mapping[str, tuple[LocalityRow, ...]] = field(default_factory=dict)  # newest first
    payer_rules: RulePack = field(default_factory=lambda: RulePack(version="none"))
    versions: Mapping[str, str] = field(default_factory=dict)
