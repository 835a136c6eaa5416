"""The fuzz target of the X12 readers: whatever the bytes, only documented errors, and claims that survive writing.

pip install atheris
python tests/fuzz/fuzz_x12.py tests/fuzz/corpus -max_total_time=600
"""

import datetime
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemas.x12.acknowledge import acknowledge
from schemas.x12.acknowledgements import read_acknowledgements
from schemas.x12.errors import X12Error
from schemas.x12.identify import identify
from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x835_005010x221a1 import read_835, write_835

DAY = datetime.date(2026, 11, 20)
HEADER = InterchangeHeader("PAYER", "CLINIC", DAY, datetime.time(14, 5), 1)


def read_everything(data: bytes) -> None:
    """Every reader over the same bytes; raises only what a bug raises."""
    identify(data)
    validate(data)  # never raises: what is wrong is a finding
    for reader in (
        parse_to_dict,
        lambda source: acknowledge(source, DAY),
        lambda source: list(read_acknowledgements(source)),
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


def main() -> None:
    import atheris  # type: ignore[import-untyped]

    atheris.instrument_all()
    atheris.Setup(sys.argv, read_everything)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
