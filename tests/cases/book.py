"""The case book: named situations as a biller would tell them, each put through the whole pipeline as a real 835.

A case is a Markdown file in this folder. Indented blocks are read, the rest is prose. How to write one: README.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from schemas.events import ClaimPayer, ClaimSubmitted, ClaimSummary, SubmittedLine
from schemas.identifiers import (
    claim_id_of,
    make_account_key,
    make_encounter_id,
    make_patient_control_number,
    sha256_hex,
)
from schemas.ledger import DocumentPlace
from schemas.reference import Installation
from schemas.x12.x835_005010x221a1 import (
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceParty,
    RemittanceService,
)
from tests.cases.acts import VERBS, Act, read_policy

FOLDER = Path(__file__).parent
PAYER = re.compile(r"(.+?) \((\w+)\)")
ADJUSTMENT = re.compile(r"(CO|PR|OA|PI)-(\w+) (-?[\d.]+)")
OURS = re.compile(r"[A-Z](/\w+)?")  # the letter of a claim, and its version or payer
ZERO = Decimal("0.00")


class CaseError(Exception):
    """A case that cannot be read: file, line, and what is wrong with it."""


@dataclass
class Step:
    """What happens next: a claim is sent, a file with remittances arrives, or somebody acts."""

    claim: ClaimSubmitted | None = None
    remittances: list[Remittance] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    act: Act | None = None


@dataclass
class Case:
    """One file of the book."""

    path: Path
    title: str
    steps: list[Step]
    expected: str
    order_matters: bool
    names: dict[str, str]  # patient control number without its version -> the letter of the claim
    policy: dict[str, object]  # settings that differ from those of a new installation


def list_cases() -> list[Path]:
    """Every case of the book, by name."""
    return sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


def read_case(path: Path) -> Case:
    """Raises CaseError for a line that it does not understand."""
    text = path.read_text(encoding="utf-8")
    title, *_ = text.splitlines()
    told, _, expected = text.partition("## Expected\n")
    reader = _Reader(path)
    for number, line in enumerate(told.splitlines(), 1):
        if line.startswith("    "):
            try:
                reader.take(line[4:].rstrip())
            except (ValueError, IndexError, KeyError, AttributeError) as error:
                raise CaseError(f"{path.name}:{number}: {line.strip()!r} is not understood ({error})") from error
    reader.finish()
    block = "\n".join(line[4:].rstrip() for line in expected.splitlines() if line.startswith("    "))
    order_matters = "order matters" in told.casefold()
    return Case(path, title.removeprefix("# "), reader.steps, block, order_matters, reader.letters, reader.policy)


def read_claim(letter: str, charge_amount: Decimal, payers: Sequence[tuple[str, str]]) -> ClaimSubmitted:
    """A claim of one line, as the book would tell it."""
    reader = _Reader(Path("a claim"))
    told = ", ".join(f"{name} ({identifier})" for name, identifier in payers)
    reader.take(f"claim {letter} {charge_amount} to {told}")
    reader.take(f"  L0001 99213 2026-03-02 x1 {charge_amount}")
    reader.finish()
    claim = reader.steps[0].claim
    assert claim is not None
    return claim


class _Reader:
    """Indentation says what a line is about: a claim or remittance, its claims, their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.steps: list[Step] = []
        self.letters: dict[str, str] = {}
        self.payers: dict[str, tuple[ClaimPayer, ...]] = {}
        self.policy: dict[str, object] = {}
        self._bank: list[str] | None = None
        self._summary: dict[str, object] | None = None
        self._lines: list[SubmittedLine] = []
        self._remittance: dict[str, object] | None = None
        self._claims: list[RemittanceClaim] = []
        self._plb: list[ProviderAdjustment] = []
        self._made: dict[str, Remittance] = {}
        self._name = ""
        self._joins = False

    def take(self, line: str) -> None:
        words = line.split()
        if not words:
            return
        if not line.startswith(" "):
            self.finish()
            if words[0] == "claim":
                self._start_claim(words[1], line)
            elif words[0] == "policy":
                self.policy.update(read_policy(words))
            elif words[0] == "bank":
                self._bank_kind, self._bank = words[1], []
            elif words[0] in VERBS:
                numbers = tuple(self.number(word) for word in words if word in self.payers)
                self.steps.append(Step(act=Act(tuple(words), numbers)))
            elif words[0] == "again":
                name = words[1]
                self.steps.append(Step(remittances=[self._made[name]], names=[name]))
            else:
                self._start_remittance(words, line)
        elif self._bank is not None:
            self._bank.append(line.strip())
        elif self._summary is not None:
            self._add_line(words)
        elif words[0] == "PLB":
            reference = words[words.index("ref") + 1] if "ref" in words else ""
            npi, year_end = "1234567893", date(2026, 12, 31)
            self._plb.append(ProviderAdjustment(words[1], reference, Decimal(words[2]), npi, year_end))
        elif line.startswith("    "):
            self._add_service(line.strip())
        else:
            self._add_claim(line.strip())

    def finish(self) -> None:
        if self._bank is not None:
            self.steps.append(Step(act=Act(("bank", self._bank_kind), lines=tuple(self._bank))))
            self._bank = None
        if self._summary is not None:
            self._finish_claim()
        if self._remittance is not None:
            self._finish_remittance()

    # --- claims: "claim A 100.00 to LAKESHORE HEALTH (PAY1), SECOND MUTUAL (PAY2)"

    def _start_claim(self, name: str, line: str) -> None:
        letter, _, version = name.partition("/")
        told = line.partition(" to ")[2].split(", ")
        payers = tuple(ClaimPayer(payer_name=m[1], payer_id=m[2]) for text in told if (m := PAYER.fullmatch(text)))
        payers = payers or self.payers[letter]
        self.payers[letter] = payers
        number = self.number(name)
        self.letters[claim_id_of(number)] = letter
        self._summary = {
            "account_key": number[:10],
            "encounter_id": make_encounter_id("ehr", f"visit-{letter}"),
            "claim_id": claim_id_of(number),
            "patient_control_number": number,
            "payer_id": payers[0].payer_id,
            "payer_name": payers[0].payer_name,
            "charge_amount": Decimal(line.split()[2]),
            "further_payers": payers[1:],
            "frequency": "8" if "void" in line.split() else "7" if int(version or 1) > 1 else "1",
        }

    def number(self, name: str) -> str:
        """The patient control number of `A`, `A/2` (its second version), `A/S` (to the second payer)."""
        letter, _, version = name.partition("/")
        account = make_account_key(Installation().secret, "ehr", f"patient-{letter}")
        digits = version.rstrip("STV") or "1"
        number = make_patient_control_number(account, make_encounter_id("ehr", f"visit-{letter}"), 1, int(digits))
        return number + version.lstrip("0123456789")

    def _add_line(self, words: list[str]) -> None:
        procedure, *modifiers = words[1].split("-")
        self._lines.append(
            SubmittedLine(
                line_control_number=words[0],
                procedure=procedure,
                modifiers=tuple(modifiers),
                units=Decimal(words[3].removeprefix("x")),
                charge_amount=Decimal(words[4]),
                service_date=date.fromisoformat(words[2]),
            )
        )

    def _finish_claim(self) -> None:
        assert self._summary is not None
        summary = ClaimSummary.model_validate({**self._summary, "lines": tuple(self._lines)})
        total = sum((line.charge_amount for line in self._lines), ZERO)
        if summary.frequency != "8" and total != summary.charge_amount:
            raise CaseError(f"{self.path.name}: the lines of a claim of {summary.charge_amount} come to {total}")
        self.steps.append(
            Step(
                ClaimSubmitted(
                    account_key=summary.account_key,
                    encounter_id=summary.encounter_id,
                    trading_partner="CLEARINGHOUSE",
                    control_number=1,
                    document=DocumentPlace(sha256=sha256_hex(summary.patient_control_number.encode())),
                    summary=summary,
                )
            )
        )
        self._summary, self._lines = None, []

    # --- remittances: "R1 2026-03-20 60.00 from LAKESHORE HEALTH (PAY1)", "and R2 ..." in the same file

    def _start_remittance(self, words: list[str], line: str) -> None:
        self._joins = words[0] == "and"
        if self._joins:
            words = words[1:]
        self._name = words[0]
        (payer,) = PAYER.findall(line.partition(" from ")[2])
        trace = words[words.index("trace") + 1] if "trace" in words else f"EFT-{words[0]}"
        amount = Decimal(words[2])
        self._remittance = {
            "handling_code": "I",
            "payment_amount": amount,
            "credit_debit": "C",
            "payment_method": "ACH" if amount > 0 else "NON",
            "payment_date": date.fromisoformat(words[1]),
            "trace_number": trace,
            "payer_name": payer[0],
            "payer_identifier": payer[1],
            "payee_name": "CLINIC",
            "payee_identifier_qualifier": "XX",
            "payee_identifier": "1234567893",
        }

    def _add_claim(self, text: str) -> None:
        """`A status 1 100.00 paid 60.00`, then what stands at claim level: adjustments, icn, remarks, crossover."""
        words = text.split()
        name = words[0]
        after = {word: words[place + 1] for place, word in enumerate(words[:-1])}
        crossover = PAYER.search(text.partition(" crossover ")[2])
        parties: tuple[RemittanceParty, ...] = ()
        if crossover:
            parties = (RemittanceParty("TT", crossover[1], "", "", "", "PI", crossover[2], "2"),)
        remarks = tuple(after["remarks"].split(",")) if "remarks" in after else ()
        self._claims.append(
            RemittanceClaim(
                patient_control_number=self.number(name) if OURS.fullmatch(name) else name,
                status_code=words[2],
                charge_amount=Decimal(words[3]),
                paid_amount=Decimal(words[5]),
                patient_responsibility_amount=ZERO,
                filing_indicator="12",
                payer_claim_control_number=after.get("icn", f"ICN-{name.replace('/', '')}"),
                adjustments=_read_adjustments(text),
                parties=parties,
                outpatient=("", "", *remarks) if remarks else (),
                remarks=remarks,
                assigned_number="1",
            )
        )

    def _add_service(self, text: str) -> None:
        """`L0001 99213-25 100.00 paid 60.00 CO-45 20.00`; `-` for no REF*6R; units, billed (SVC06), on, remarks."""
        words = text.split()
        procedure, *modifiers = words[1].split("-")
        after = {word: words[place + 1] for place, word in enumerate(words[:-1])}
        service = RemittanceService(
            procedure_qualifier="HC",
            procedure=procedure,
            modifiers=tuple(modifiers),
            charge_amount=Decimal(words[2]),
            paid_amount=Decimal(words[4]),
            units=Decimal(after.get("units", "1")),
            submitted_procedure=f"HC:{after['billed']}" if "billed" in after else "",
            service_date=date.fromisoformat(after.get("on", "2026-03-02")),
            line_control_number="" if words[0] == "-" else words[0],
            adjustments=_read_adjustments(text),
            remarks=tuple(after["remarks"].split(",")) if "remarks" in after else (),
        )
        claim = self._claims.pop()
        self._claims.append(replace(claim, services=(*claim.services, service)))

    def _finish_remittance(self) -> None:
        made = Remittance(
            **self._remittance,  # type: ignore[arg-type]
            control_number="0001",
            claims=tuple(_with_patient_share(claim) for claim in self._claims),
            provider_adjustments=tuple(self._plb),
        )
        self._made[self._name] = made
        if self._joins:
            self.steps[-1].remittances.append(made)
            self.steps[-1].names.append(self._name)
        else:
            self.steps.append(Step(remittances=[made], names=[self._name]))
        self._remittance, self._claims, self._plb = None, [], []


def _read_adjustments(text: str) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(group, reason, Decimal(amount)) for group, reason, amount in ADJUSTMENT.findall(text))


def _with_patient_share(claim: RemittanceClaim) -> RemittanceClaim:
    """CLP05 is the sum of PR adjustments; it takes no part in balancing."""
    share = sum((item.amount for item in claim.all_adjustments if item.group == "PR"), ZERO)
    return replace(claim, patient_responsibility_amount=ZERO if claim.is_reversal else share)


def orders_of(case: Case) -> list[Sequence[Step]]:
    """The case as told, and unless it says that order matters: remittances before claims, and all backwards."""
    if case.order_matters:
        return [case.steps]
    claims = [step for step in case.steps if step.claim]
    others = [step for step in case.steps if not step.claim]
    return [case.steps, [*others, *claims], list(reversed(case.steps)), [*others[::-1], *claims]]
