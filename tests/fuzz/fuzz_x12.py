"""The fuzz target of the X12 readers: whatever the bytes, only documented errors, and claims that survive writing.

pip install atheris
python tests/fuzz/fuzz_x12.py tests/fuzz/corpus -max_total_time=600
"""

import datetime
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connectors.clearinghouse.inbound import read_inbound_file
from schemas.x12.acknowledge import acknowledge
from schemas.x12.acknowledgements import read_acknowledgements
from schemas.x12.errors import X12Error
from schemas.x12.identify import identify
from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x270_271_005010x279a1 import read_eligibility, write_eligibility
from schemas.x12.x276_277_005010x212 import read_status, write_status
from schemas.x12.x277ca_005010x214 import read_277ca, write_277ca
from schemas.x12.x835_005010x221a1 import read_835, write_835
from schemas.x12.x837i_005010x223a2 import InstitutionalInterchange, read_837i, write_837i
from schemas.x12.x837p_005010x222a1 import ProfessionalInterchange, read_837p, write_837p
from schemas.x12.x999_005010x231a1 import read_999, write_999
from tests.receiving import make_receipt

DAY = datetime.date(2026, 11, 20)
NOW = datetime.datetime(2026, 11, 20, 14, 5, tzinfo=datetime.UTC)
IDENTITY = (1, NOW, "P", "ZZ", "C1", "ZZ", "R1", "CLINIC", "BO", "5555550100", "CLEARING")
HEADER = InterchangeHeader("PAYER", "CLINIC", DAY, datetime.time(14, 5), 1)


def read_everything(data: bytes) -> None:
    """Every reader over the same bytes; raises only what a bug raises."""
    identify(data)
    validate(data)  # never raises: what is wrong is a finding
    read_inbound_file(data, make_receipt(data))
    for reader in (
        parse_to_dict,
        lambda source: acknowledge(source, DAY),
        lambda source: list(read_acknowledgements(source)),
        write_back,
        lambda source: list(read_835(source, strict=True)),
    ):
        try:
            reader(data)
        except X12Error as error:
            assert error.what and error.remedy
    try:
        remittances = list(read_835(data))
        written = write_835(HEADER, remittances)
    except X12Error:
        return
    again = list(read_835(written))
    assert [[claim.paid_amount for claim in r.claims] for r in again] == [
        [claim.paid_amount for claim in r.claims] for r in remittances
    ]


def write_back(data: bytes) -> None:
    """What was read of claims and inquiries is written, or refused with the element named."""
    professional = ProfessionalInterchange(*IDENTITY, claims=tuple(read.claim for read in read_837p(data)))
    institutional = InstitutionalInterchange(*IDENTITY, claims=tuple(read.claim for read in read_837i(data)))
    writers: tuple[Callable[[], bytes], ...] = (
        lambda: write_837p(professional),
        lambda: write_837i(institutional),
        lambda: write_eligibility(HEADER, read_eligibility(data)),
        lambda: write_status(HEADER, read_status(data)),
        lambda: write_999(HEADER, read_999(data)),
        lambda: write_277ca(HEADER, read_277ca(data)),
    )
    for write in writers:
        try:
            write()
        except X12Error as error:
            assert error.what and error.remedy and "bug" not in error.remedy, error


def main() -> None:
    import atheris  # type: ignore[import-untyped]

    atheris.instrument_all()
    atheris.Setup(sys.argv, read_everything)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
