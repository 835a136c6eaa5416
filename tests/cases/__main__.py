"""`python -m tests.cases FILE...` prints what revcycle makes of cases, in the form that stands under "Expected"."""

import sys
import tempfile
from pathlib import Path

from streams.installation import open_installation
from tests.cases.book import read_case
from tests.cases.running import run_as_told
from tests.cases.telling import describe

for name in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as folder:
        reference = open_installation(Path(folder) / "reference").reference
        case = read_case(Path(name))
        told = describe(case, run_as_told(case, case.steps, Path(folder) / "case", reference))
    print(f"{name}\n" + "\n".join(f"    {line}" for line in told.splitlines()))
