"""The user's tables: prices, diagnosis map, adjustment classes, denial and rejection routes, payer terms ...

Each ships with the package as `tables/<name>.csv`. A file of the same name in `<data folder>/tables/` extends the
shipped one, and its rows win where both have the same key. A table with a mistake is refused whole, with every
mistake named by file, line and column: a half-read price list would bill half the prices.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from connectors.config_files import list_config
from connectors.files import show_name
from connectors.reference.csv_rows import Key, RowModel, TableError, TableSpec, read_rows
from connectors.reference.payer_row_rules import (
    read_appeal_level,
    read_denial_route,
    read_payer_edit,
    read_payer_terms,
    read_rejection_route,
)
from connectors.reference.row_rules import (
    read_adjustment_class,
    read_charge_master_row,
    read_contract,
    read_diagnosis_map_row,
    read_locality,
)
from schemas.base import Frozen
from schemas.findings import Finding
from schemas.reference import (
    AppealLevelRow,
    ChargeMasterRow,
    ContractRow,
    DenialRouteRow,
    DiagnosisMapRow,
    LocalityRow,
    PayerEditRow,
    PayerTermsRow,
    RejectionRouteRow,
)

SHIPPED_FOLDER = Path(__file__).parent / "tables"
DatedModel = TypeVar("DatedModel", ContractRow, LocalityRow)

CHARGE_MASTER = TableSpec(
    name="charge_master",
    required=("system", "code", "billed_system", "billed_code"),
    optional=("modifiers", "revenue_code", "charge_amount", "description"),
    key=("system", "code"),
    read=read_charge_master_row,
)
DIAGNOSIS_MAP = TableSpec(
    name="diagnosis_map",
    required=("system", "code", "icd10cm"),
    optional=("description",),
    key=("system", "code"),
    read=read_diagnosis_map_row,
)
ADJUSTMENT_CLASSES = TableSpec(
    name="adjustment_classes",
    required=("group", "reason", "adjustment_class"),
    optional=(),
    key=("group", "reason"),
    read=read_adjustment_class,
)
DENIAL_ROUTES = TableSpec(
    name="denial_routes",
    required=("reason", "category", "team", "next_action", "deadline_days", "appealable"),
    optional=("group", "remark", "payer", "root_cause", "edits", "effective_from"),
    key=("reason", "remark", "group", "payer", "effective_from"),
    read=read_denial_route,
)
CONTRACTS = TableSpec(
    name="contracts",
    required=("payer", "procedure", "method", "value", "effective"),
    optional=("modifier", "termination", "locality", "threshold_amount"),
    key=("payer", "rate"),
    read=read_contract,
)
LOCALITIES = TableSpec(
    name="localities",
    required=("locality", "effective", "work", "practice_expense", "malpractice"),
    optional=(),
    key=("locality", "effective"),
    read=read_locality,
)
PAYER_TERMS = TableSpec(
    name="payer_terms",
    required=("payer", "filing_indicator", "plan", "filing_days", "answer_days"),
    optional=("filing_years",),
    key=("payer", "filing_indicator"),
    read=read_payer_terms,
)
PAYER_EDITS = TableSpec(
    name="payer_edits",
    required=("payer", "filing_indicator", "edit", "judged"),
    optional=(),
    key=("payer", "filing_indicator", "edit"),
    read=read_payer_edit,
)
APPEAL_LEVELS = TableSpec(
    name="appeal_levels",
    required=("plan", "level", "name", "deadline_days", "counted_from", "effective_from"),
    optional=("controversy_amount",),
    key=("plan", "level", "effective_from"),
    read=read_appeal_level,
)
REJECTION_ROUTES = TableSpec(
    name="rejection_routes",
    required=("category", "status_code", "team", "owner", "next_action"),
    optional=(),
    key=("category", "status_code"),
    read=read_rejection_route,
)
SPECS = (
    CHARGE_MASTER,
    DIAGNOSIS_MAP,
    ADJUSTMENT_CLASSES,
    DENIAL_ROUTES,
    PAYER_TERMS,
    PAYER_EDITS,
    APPEAL_LEVELS,
    REJECTION_ROUTES,
    CONTRACTS,
    LOCALITIES,
)
TABLE_NAMES = tuple(spec.name for spec in SPECS)


@dataclass(frozen=True)
class Tables:
    """The tables by key, as `schemas.reference.Reference` takes them, and the digest of each.

    `adjustment_classes` is keyed (group, CARC) with `*` for any, the narrower key to be asked first; `denial_routes`
    is keyed by CARC.
    """

    charge_master: Mapping[tuple[str, str], ChargeMasterRow]
    diagnosis_map: Mapping[tuple[str, str], DiagnosisMapRow]
    adjustment_classes: Mapping[tuple[str, str], str]
    denial_routes: Mapping[str, tuple[DenialRouteRow, ...]]
    payer_terms: Mapping[tuple[str, str], PayerTermsRow]
    payer_edits: Mapping[tuple[str, str], tuple[PayerEditRow, ...]]
    appeal_levels: tuple[AppealLevelRow, ...]
    rejection_routes: Mapping[tuple[str, str], RejectionRouteRow]
    contracts: Mapping[str, tuple[ContractRow, ...]]
    localities: Mapping[str, tuple[LocalityRow, ...]]
    digests: Mapping[str, str]


def load_tables(data_dir: Path | None = None) -> Tables:
    """The shipped tables, extended by `data_dir/tables/*.csv`. Raises TableError naming every mistake, and
    ConfigurationError for what cannot be read. Hidden names are left alone."""
    folder = None if data_dir is None else data_dir / "tables"
    _refuse_unknown_files(folder)
    charge_master = _merge_rows(CHARGE_MASTER, folder)
    diagnosis_map = _merge_rows(DIAGNOSIS_MAP, folder)
    adjustment_classes = _merge_rows(ADJUSTMENT_CLASSES, folder)
    denial_routes = _merge_rows(DENIAL_ROUTES, folder)
    payer_terms = _merge_rows(PAYER_TERMS, folder)
    payer_edits = _merge_rows(PAYER_EDITS, folder)
    appeal_levels = _merge_rows(APPEAL_LEVELS, folder)
    rejection_routes = _merge_rows(REJECTION_ROUTES, folder)
    contracts = _merge_rows(CONTRACTS, folder)
    localities = _merge_rows(LOCALITIES, folder)
    by_reason: dict[str, list[DenialRouteRow]] = {}
    for route in denial_routes.values():
        by_reason.setdefault(route.reason, []).append(route)
    return Tables(
        charge_master=_by_pair(charge_master),
        diagnosis_map=_by_pair(diagnosis_map),
        adjustment_classes={key: row.adjustment_class for key, row in _by_pair(adjustment_classes).items()},
        denial_routes=MappingProxyType({reason: tuple(rows) for reason, rows in by_reason.items()}),
        payer_terms=_by_pair(payer_terms),
        payer_edits=_group_payer_edits(payer_edits.values()),
        appeal_levels=tuple(appeal_levels.values()),
        rejection_routes=_by_pair(rejection_routes),
        contracts=_group_rows(contracts, lambda row: row.payer.lower()),
        localities=_group_rows(localities, lambda row: row.locality),
        digests=MappingProxyType(
            {
                "charge_master": _digest_rows(charge_master),
                "diagnosis_map": _digest_rows(diagnosis_map),
                "adjustment_classes": _digest_rows(adjustment_classes),
                "denial_routes": _digest_rows(denial_routes),
                "contracts": _digest_rows(contracts),
                "localities": _digest_rows(localities),
                "payer_terms": _digest_rows(payer_terms),
                "payer_edits": _digest_rows(payer_edits),
                "appeal_levels": _digest_rows(appeal_levels),
                "rejection_routes": _digest_rows(rejection_routes),
            }
        ),
    )


def _by_pair(rows: Mapping[Key, RowModel]) -> Mapping[tuple[str, str], RowModel]:
    return MappingProxyType({(key[0], key[1]): row for key, row in rows.items()})


def _merge_rows(spec: TableSpec[RowModel], folder: Path | None) -> dict[Key, RowModel]:
    rows = read_rows(spec, SHIPPED_FOLDER / f"{spec.name}.csv")
    if folder is not None and (own := folder / f"{spec.name}.csv") in list_config(folder, ".csv"):
        rows.update(read_rows(spec, own))
    return rows


def _group_rows(
    rows: Mapping[Key, DatedModel], name_of: Callable[[DatedModel], str]
) -> Mapping[str, tuple[DatedModel, ...]]:
    """Effective-dated rows under their name, the newest first."""
    groups: dict[str, list[DatedModel]] = {}
    for row in sorted(rows.values(), key=lambda row: row.effective, reverse=True):
        groups.setdefault(name_of(row), []).append(row)
    return MappingProxyType({name: tuple(group) for name, group in groups.items()})


def _group_payer_edits(rows: Iterable[PayerEditRow]) -> Mapping[tuple[str, str], tuple[PayerEditRow, ...]]:
    groups: dict[tuple[str, str], list[PayerEditRow]] = {}
    for row in rows:
        groups.setdefault((row.payer, row.filing_indicator), []).append(row)
    return MappingProxyType({key: tuple(group) for key, group in groups.items()})


def _refuse_unknown_files(folder: Path | None) -> None:
    """A misspelt file name would otherwise leave the shipped table in force without a word."""
    if folder is None:
        return
    strangers = sorted(
        show_name(Path(path.name)) for path in list_config(folder, ".csv") if path.stem not in TABLE_NAMES
    )
    if strangers:
        raise TableError(
            tuple(
                Finding(
                    code="unknown_table",
                    severity="reject",
                    owner="operations",
                    where=f"tables/{name}"[:200],
                    what="no table has this name",
                    remedy="rename it to one of " + ", ".join(f"{known}.csv" for known in TABLE_NAMES),
                )
                for name in strangers
            )
        )


def _digest_rows(rows: Mapping[Key, Frozen]) -> str:
    """sha256 of the rows in key order: the same table in another row order is the same table."""
    canonical = [rows[key].model_dump(mode="json") for key in sorted(rows)]
    return hashlib.sha256(json.dumps(canonical, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
