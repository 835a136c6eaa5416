"""Reference data of the processors' tests: the shipped tables and code sets, and remittances on a shelf."""

import pytest

from connectors.codesets import open_codesets
from connectors.reference import load_tables
from schemas.reference import Reference
from tests.processors.builders import Shelf


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What a fresh installation looks things up in."""
    tables = load_tables()
    return Reference(
        codesets=open_codesets(tmp_path_factory.mktemp("codesets")),
        remittances=Shelf(),
        charge_master=tables.charge_master,
        diagnosis_map=tables.diagnosis_map,
        adjustment_classes=tables.adjustment_classes,
        denial_routes=tables.denial_routes,
        payer_terms=tables.payer_terms,
        appeal_levels=tables.appeal_levels,
        rejection_routes=tables.rejection_routes,
    )
