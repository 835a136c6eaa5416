"""What a line must carry beside its code: the NDC of a drug, the CLIA number of a laboratory."""

from collections.abc import Iterator

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter
from processors.payers.kinds import PayerKind
from schemas.code_ranges import is_between
from schemas.findings import Finding

_MEDICAID: frozenset[PayerKind] = frozenset(["medicaid"])
_DRUGS = (("J0120", "J9999"), ("Q5101", "Q5199"))
_LABORATORY = (("80047", "89398"), ("0001U", "0999U"))
# Of the 80000 series, those for which CMS asks for no certificate: consultations, skin tests, measurements on the body,
# preservation (CMS, codes excluded from CLIA edits; the list is revised each year).
_NO_LABORATORY_TEST = (
    ("80500", "80506"), ("81050", "81050"), ("82075", "82075"), ("83013", "83014"), ("83987", "83987"),
    ("86077", "86079"), ("86485", "86580"), ("86910", "86910"), ("86950", "86950"), ("86960", "86960"),
    ("88125", "88125"), ("88240", "88241"), ("88720", "88741"), ("89049", "89049"), ("89220", "89220"),
    ("89337", "89337"),
)  # fmt: skip
_DONE_ELSEWHERE = frozenset(["26", "90"])  # only read here; referred to another laboratory
_NDC_LENGTH = 11

NDC_MISSING = Edit(
    "ndc_missing", "hold", "biller",
    "{code} is a drug billed to Medicaid, and the line has no 11-digit NDC.",
    "Add the NDC from the package, as 5-4-2 digits without hyphens.",
    "42 CFR 447.520; X12 005010X222A1 2410 LIN03",
    _MEDICAID,
)  # fmt: skip
CLIA_MISSING = Edit(
    "clia_missing", "hold", "biller",
    "{code} is a laboratory test billed to Medicare, and the encounter has no CLIA number.",
    "Add the CLIA number of the laboratory that did the test, or 90 for a referred one.",
    "42 CFR 493.1809; Medicare Claims Processing Manual ch. 16 s. 70.2 and 70.9",
    MEDICARE,
)  # fmt: skip


def check_drugs(case: EditedEncounter) -> Iterator[Finding]:
    """Drugs billed to Medicaid need their NDC; other payers ask for it in their own rules."""
    for line in case.lines:
        ndc = line.line.ndc
        has_ndc = len(ndc) == _NDC_LENGTH and ndc.isascii() and ndc.isdigit()
        if is_between(line.code, *_DRUGS) and not has_ndc:
            yield NDC_MISSING.breach(line.where, code=line.code)


def check_laboratory(case: EditedEncounter) -> Iterator[Finding]:
    """Laboratory tests on professional Medicare claims need the CLIA number (REF*X4)."""
    if case.encounter.clia_number.strip():
        return
    for line in case.lines:
        is_test = is_between(line.code, *_LABORATORY) and not is_between(line.code, *_NO_LABORATORY_TEST)
        if is_test and _DONE_ELSEWHERE.isdisjoint(line.modifier_set):
            yield CLIA_MISSING.breach(line.where, code=line.code)


CHECKS = (Check(check_drugs, (NDC_MISSING,)), Check(check_laboratory, (CLIA_MISSING,), form="professional"))
