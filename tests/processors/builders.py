"""Valid facts by default: a test names only what it is about. Every date is fixed, every amount is text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from schemas.encounter import (
    Address,
    CodedDiagnosis,
    CodedEncounter,
    CodedLine,
    Coverage,
    Diagnosis,
    Patient,
    Provider,
    Service,
)
from schemas.events import (
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimRemitted,
    ClaimSubmitted,
    ClaimSummary,
    EncounterCoded,
    EncounterReceived,
    RemittanceReceived,
    SubmittedLine,
)
from schemas.identifiers import make_account_key, make_encounter_id, make_patient_control_number, sha256_hex
from schemas.ledger import DocumentPlace
from schemas.reference import Installation
from schemas.x12.x835_005010x221a1 import (
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceService,
)
from schemas.x12.x837p_005010x222a1 import (
    ClaimPerson,
    Party,
    Payer,
    PostalAddress,
    ProfessionalClaim,
    ProfessionalLine,
    Subscriber,
)

DAY = date(2026, 3, 2)
NPI = "1234567893"
PARTNER = Installation().submitter.receiver_id
ACCOUNT = make_account_key(Installation().secret, "ehr", "patient-1")
ENCOUNTER_ID = make_encounter_id("ehr", "visit-1")
PAYER = "LAKESHORE HEALTH"
FILE = DocumentPlace(sha256=sha256_hex(b"an archived file"), segment=4)
ADDRESS = Address(line1="1 Main Street", city="Springfield", state="IL", postal_code="627010001")
CLINIC = Provider(name="CLINIC", npi=NPI, tax_id="123456789", taxonomy="261QP2300X", address=ADDRESS)
PATIENT = Patient(
    id="patient-1", family_name="Doe", given_name="Ann", birth_date=date(1970, 1, 2), sex="F", address=ADDRESS
)
COVERAGE = Coverage(payer_id="PAY1", payer_name=PAYER, member_id="M1")


@dataclass(frozen=True)
class OpenOnShelf:
    """A remittance as a file would give it, claim by claim."""

    remittance: Remittance

    def __iter__(self) -> Iterator[RemittanceClaim]:
        return iter(self.remittance.claims)

    def finish(self, claims: tuple[RemittanceClaim, ...]) -> Remittance:
        return replace(self.remittance, claims=claims)


@dataclass(frozen=True)
class Shelf:
    """Remittances as the archive would give them."""

    remittances: dict[tuple[str, int], Remittance] = field(default_factory=dict)

    def open(self, sha256: str, index: int) -> "OpenOnShelf | None":
        found = self.remittances.get((sha256, index))
        return OpenOnShelf(found) if found else None

    def read_claims(self, sha256: str, index: int, first: int, count: int) -> Sequence[RemittanceClaim]:
        return self.remittances[sha256, index].claims[first : first + count]

    def receive(self, remittance: Remittance, remittance_id: str = "remittance-1") -> RemittanceReceived:
        """Puts one ST on the shelf, as a file of its own, and says that it arrived."""
        sha256 = sha256_hex(f"file {len(self.remittances)}".encode())
        self.remittances[sha256, 0] = remittance
        return RemittanceReceived(
            remittance_id=remittance_id, document=DocumentPlace(sha256=sha256, segment=2), transaction_index=0
        )


# --- encounters


def diagnosis(code: str = "E11.9", system: str = "ICD-10-CM", **changes: object) -> Diagnosis:
    return Diagnosis.model_validate({"system": system, "code": code, **changes})


def service(code: str = "99213", **changes: object) -> Service:
    values: dict[str, object] = {"line_id": "L1", "system": "CPT", "code": code, "charge_amount": "100.00"}
    return Service.model_validate({**values, "service_date_from": DAY, **changes})


def encounter(version: str = "1", **changes: object) -> EncounterReceived:
    values: dict[str, object] = {
        "source_system": "ehr",
        "source_id": "visit-1",
        "start_date": DAY,
        "patient": PATIENT,
        "coverages": (COVERAGE,),
        "billing_provider": CLINIC,
        "place_of_service": "11",
        "diagnoses": (diagnosis(),),
        "services": (service(),),
    }
    return EncounterReceived.model_validate({**values, "version": version, **changes})


def coded_line(number: int, charge_amount: str = "10.00") -> CodedLine:
    return CodedLine(
        number=number,
        line_id=f"L{number}",
        code_system="CPT",
        code="97110",
        units=Decimal(1),
        charge_amount=Decimal(charge_amount),
        service_date_from=DAY,
        service_date_to=DAY,
        diagnosis_pointers=(1,),
    )


def coded(lines: int = 1, revision: int = 1, **changes: object) -> EncounterCoded:
    """A coded encounter of so many lines of 10.00 each; changes are of the encounter in it."""
    values: dict[str, object] = {
        "source_system": "ehr",
        "source_id": "visit-1",
        "version": str(revision),
        "start_date": DAY,
        "patient": PATIENT,
        "coverages": (COVERAGE,),
        "billing_provider": CLINIC,
        "place_of_service": "11",
        "diagnoses": (CodedDiagnosis(code="E119"),),
        "lines": tuple(coded_line(number) for number in range(1, lines + 1)),
    }
    content = CodedEncounter.model_validate({**values, **changes})
    return EncounterCoded(account_key=ACCOUNT, encounter_id=ENCOUNTER_ID, revision=revision, encounter=content)


# --- claims


def number_claim(claim: int = 1, version: int = 1) -> str:
    """The patient control number of the claim of encounter `claim`, all of one patient."""
    return make_patient_control_number(ACCOUNT, make_encounter_id("ehr", f"visit-{claim}"), 1, version)


def summarize_claim(claim: int = 1, version: int = 1, charge_amount: str = "100.00", **changes: object) -> ClaimSummary:
    number = number_claim(claim, version)
    line = SubmittedLine(
        line_control_number="L0001",
        procedure="99213",
        units=Decimal(1),
        charge_amount=Decimal(charge_amount),
        service_date=DAY,
    )
    values: dict[str, object] = {
        "account_key": ACCOUNT,
        "encounter_id": make_encounter_id("ehr", f"visit-{claim}"),
        "claim_id": number[:16],
        "patient_control_number": number,
        "payer_id": "PAY1",
        "payer_name": PAYER,
        "charge_amount": Decimal(charge_amount),
        "lines": (line,),
    }
    return ClaimSummary.model_validate({**values, **changes})


def built(claim: int = 1, version: int = 1, revision: int | None = None) -> ClaimBuilt:
    """A claim ready for a file; by default each version follows from the revision of the same number."""
    number = number_claim(claim, version)
    address = PostalAddress(line1="1 Main Street", city="Springfield", state="IL", postal_code="627010001")
    content = ProfessionalClaim(
        patient_control_number=number,
        charge_amount=Decimal("100.00"),
        place_of_service="11",
        billing_provider=Party(name="CLINIC", npi=NPI, tax_id="123456789", address=address),
        subscriber=Subscriber(
            person=ClaimPerson(family_name="DOE", given_name="ANN", birth_date=date(1970, 1, 2), address=address),
            member_id="M1",
        ),
        payer=Payer(name=PAYER, identifier="PAY1"),
        diagnoses=("E119",),
        lines=(
            ProfessionalLine(
                line_control_number="L0001",
                procedure="99213",
                charge_amount=Decimal("100.00"),
                units=Decimal(1),
                service_date=DAY,
                diagnosis_pointers=(1,),
            ),
        ),
    )
    return ClaimBuilt(
        trading_partner=PARTNER,
        encounter_id=make_encounter_id("ehr", f"visit-{claim}"),
        revision=revision or version,
        summary=summarize_claim(claim, version),
        claim=content,
    )


def submitted(claim: int = 1, version: int = 1, **changes: object) -> ClaimSubmitted:
    summary = summarize_claim(claim, version, **changes)  # type: ignore[arg-type]
    return ClaimSubmitted(
        account_key=ACCOUNT,
        encounter_id=summary.encounter_id,
        trading_partner=PARTNER,
        control_number=1,
        document=FILE,
        summary=summary,
    )


def acknowledged(claim: int = 1, version: int = 1, outcome: str = "rejected") -> ClaimAcknowledged:
    return ClaimAcknowledged.model_validate(
        {
            "account_key": ACCOUNT,
            "patient_control_number": number_claim(claim, version),
            "source": "277CA",
            "sender": PARTNER,
            "outcome": outcome,
            "codes": ("A3:21",) if outcome == "rejected" else ("A2:20",),
            "document": FILE,
        }
    )


# --- remittances


def adjust(group: str, reason: str, amount: str) -> Adjustment:
    return Adjustment(group, reason, Decimal(amount), segment_index=9)


def claim_payment(
    paid: str,
    *adjustments: Adjustment,
    charge: str = "100.00",
    number: str = "",
    status: str = "1",
    remarks: tuple[str, ...] = (),
) -> RemittanceClaim:
    """A CLP with one line, which carries the adjustments."""
    line = RemittanceService(
        procedure_qualifier="HC",
        procedure="99213",
        modifiers=(),
        charge_amount=Decimal(charge),
        paid_amount=Decimal(paid),
        units=Decimal(1),
        line_control_number="L0001",
        adjustments=adjustments,
        remarks=remarks,
    )
    patient = sum((a.amount for a in adjustments if a.group == "PR"), Decimal("0.00"))
    return RemittanceClaim(
        patient_control_number=number or number_claim(),
        status_code=status,
        charge_amount=Decimal(charge),
        paid_amount=Decimal(paid),
        patient_responsibility_amount=patient,
        services=(line,),
        segment_index=7,
    )


def remittance(*claims: RemittanceClaim, plb: Mapping[str, str] | None = None, paid: str | None = None) -> Remittance:
    """An 835 ST that balances, unless `paid` (BPR02) says otherwise; `plb` is reason -> amount."""
    provider_adjustments = tuple(ProviderAdjustment(name, "", Decimal(amount)) for name, amount in (plb or {}).items())
    due = sum((claim.paid_amount for claim in claims), Decimal("0.00"))
    due -= sum((adjustment.amount for adjustment in provider_adjustments), Decimal("0.00"))
    made = Remittance(
        payment_amount=due if paid is None else Decimal(paid),
        payment_date=DAY,
        trace_number="EFT1",
        payer_name=PAYER,
        payer_identifier="PAY1",
        claims=claims,
        provider_adjustments=provider_adjustments,
        complete=True,
    )
    return replace(made, content_hash=sha256_hex(repr(made).encode()))


def remitted(claim: RemittanceClaim, index: int = 0, remittance_id: str = "remittance-1") -> ClaimRemitted:
    return ClaimRemitted(
        account_key=ACCOUNT,
        remittance_id=remittance_id,
        claim_index=index,
        payer_name=PAYER,
        payer_identifier="PAY1",
        payment_date=DAY,
        document=FILE,
        claim=claim,
    )
