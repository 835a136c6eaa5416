"""What one row of each table must be. Tables hold no patient data, so a message may show the cell."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from connectors.reference.csv_rows import CellError
from schemas.encounter import CodeSystem
from schemas.money import ZERO, parse_money
from schemas.reference import AdjustmentClassRow, ChargeMasterRow, ContractRow, DiagnosisMapRow, LocalityRow

AdjustmentClass = Literal[
    "contractual", "sequestration", "patient_share", "memo", "informational", "denial", "review"
]  # domain rules, section 5
CODE_SYSTEMS: tuple[CodeSystem, ...] = get_args(CodeSystem)
BILLED_SYSTEMS: tuple[CodeSystem, ...] = ("CPT", "HCPCS")
BILLED_CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-V][0-9]{4}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
REVENUE_CODE = re.compile(r"([0-9]{4})?")
ICD10CM = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
GROUP = re.compile(r"CO|PR|OA|PI|CR|\*")  # CAS01; CR stands in older files
CARC_OR_ANY = re.compile(r"[0-9A-Z]{1,5}|\*")
CONTRACT_METHODS: tuple[Literal["flat", "percent_of_charge", "percent_of_medicare"], ...] = (
    "flat",
    "percent_of_charge",
    "percent_of_medicare",
)
CONTRACT_PROCEDURE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-V][0-9]{4}|\*")
CONTRACT_MODIFIER = re.compile(r"([0-9A-Z]{2})?")
NUMBER = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?", re.ASCII)


def read_charge_master_row(cells: Mapping[str, str]) -> ChargeMasterRow:
    """A row of charge_master.csv; modifiers are separated by spaces."""
    modifiers = tuple(cells["modifiers"].split())
    if len(modifiers) > 4 or not all(MODIFIER.fullmatch(modifier) for modifier in modifiers):
        raise CellError(
            "modifiers", f"'{cells['modifiers'][:40]}' is not modifiers", "write up to four, such as '25 59'"
        )
    charge_amount = None
    if cells["charge_amount"]:
        try:
            charge_amount = parse_money(cells["charge_amount"])
        except ValueError as error:
            raise CellError("charge_amount", str(error), "write a price such as 125.00, or leave it empty") from error
        if charge_amount < 0:
            raise CellError("charge_amount", "a negative price", "write a price such as 125.00, or leave it empty")
    return ChargeMasterRow(
        system=take_system(cells, "system", CODE_SYSTEMS),
        code=take_text(cells, "code", 60),
        billed_system=take_system(cells, "billed_system", BILLED_SYSTEMS),
        billed_code=take_match(cells, "billed_code", BILLED_CODE, "a CPT or HCPCS code such as 99213 or G0439"),
        modifiers=modifiers,
        revenue_code=take_match(cells, "revenue_code", REVENUE_CODE, "four digits such as 0510, or nothing"),
        charge_amount=charge_amount,
        description=take_text(cells, "description", 200, required=False),
    )


def read_diagnosis_map_row(cells: Mapping[str, str]) -> DiagnosisMapRow:
    """A row of diagnosis_map.csv; the ICD-10-CM code may carry its dot."""
    icd10cm = take_match(cells, "icd10cm", ICD10CM, "an ICD-10-CM code such as E119 or E11.9")
    return DiagnosisMapRow(
        system=take_system(cells, "system", CODE_SYSTEMS),
        code=take_text(cells, "code", 60),
        icd10cm=icd10cm.replace(".", ""),
        description=take_text(cells, "description", 200, required=False),
    )


def read_adjustment_class(cells: Mapping[str, str]) -> AdjustmentClassRow:
    """A row of adjustment_classes.csv; `*` in group or reason matches any."""
    classes: tuple[str, ...] = get_args(AdjustmentClass)
    if cells["adjustment_class"] not in classes:
        what = f"'{cells['adjustment_class'][:40]}' is not a class"
        raise CellError("adjustment_class", what, "write one of " + ", ".join(classes))
    return AdjustmentClassRow(
        group=take_match(cells, "group", GROUP, "CO, PR, OA, PI, CR or *"),
        reason=take_match(cells, "reason", CARC_OR_ANY, "a CARC such as 45 or B7, or *"),
        adjustment_class=cells["adjustment_class"],
    )


def take_system(cells: Mapping[str, str], column: str, allowed: tuple[CodeSystem, ...]) -> CodeSystem:
    for system in allowed:
        if cells[column] == system:
            return system
    raise CellError(column, f"'{cells[column][:40]}' is not a code system here", "write one of " + ", ".join(allowed))


def take_match(cells: Mapping[str, str], column: str, pattern: re.Pattern[str], wanted: str) -> str:
    if not pattern.fullmatch(cells[column]):
        raise CellError(column, f"'{cells[column][:40]}' does not fit", f"write {wanted}")
    return cells[column]


def take_text(cells: Mapping[str, str], column: str, max_length: int, *, required: bool = True) -> str:
    text = cells[column]
    if (required and not text) or len(text) > max_length or not text.isprintable():
        raise CellError(column, "empty, too long or with control characters", f"write 1 to {max_length} characters")
    return text


def read_contract(cells: Mapping[str, str]) -> ContractRow:
    """A row of contracts.csv: what a payer agreed to allow."""
    method = cells["method"]
    for known in CONTRACT_METHODS:
        if method == known:
            break
    else:
        raise CellError("method", f"'{method[:40]}' is no method", "write one of " + ", ".join(CONTRACT_METHODS))
    if known == "percent_of_medicare" and not cells["locality"]:
        raise CellError("locality", "empty, and Medicare's fee depends on it", "name a locality of localities.csv")
    return ContractRow(
        payer=take_text(cells, "payer", 200),
        procedure=take_match(cells, "procedure", CONTRACT_PROCEDURE, "a CPT or HCPCS code, or *"),
        modifier=take_match(cells, "modifier", CONTRACT_MODIFIER, "a modifier of two characters, or nothing"),
        method=known,
        value=_take_number(cells, "value"),
        effective=_take_date(cells, "effective"),
        termination=_take_date(cells, "termination") if cells["termination"] else None,
        locality=take_text(cells, "locality", 200, required=False),
        threshold_amount=_take_amount(cells, "threshold_amount") if cells["threshold_amount"] else ZERO,
    )


def read_locality(cells: Mapping[str, str]) -> LocalityRow:
    """A row of localities.csv: the geographic indices of a Medicare locality."""
    return LocalityRow(
        locality=take_text(cells, "locality", 200),
        effective=_take_date(cells, "effective"),
        work=_take_number(cells, "work"),
        practice_expense=_take_number(cells, "practice_expense"),
        malpractice=_take_number(cells, "malpractice"),
    )


def _take_number(cells: Mapping[str, str], column: str) -> Decimal:
    text = cells[column]
    if not NUMBER.fullmatch(text):
        raise CellError(
            column, f"'{text[:40]}' is not a number", "write digits with at most four decimals, such as 105.5"
        )
    return Decimal(text)


def _take_amount(cells: Mapping[str, str], column: str) -> Decimal:
    try:
        return parse_money(cells[column])
    except ValueError as error:
        raise CellError(column, "not an amount", str(error)) from None


def _take_date(cells: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(cells[column])
    except ValueError:
        raise CellError(column, f"'{cells[column][:40]}' is not a date", "write it as 2026-01-31") from None
