"""How much of each fault: REVCYCLE_FAULTS is few of them (in every test run), all of them, or all in long doses."""

import os

import pytest

DOSE = os.environ.get("REVCYCLE_FAULTS", "few")
LONG = DOSE == "long"
SEED = int(os.environ.get("REVCYCLE_FAULTS_SEED", "20261125"))
ENCOUNTERS = 1_000 if LONG else 250
MANY_ENCOUNTERS = 6_000 if LONG else ENCOUNTERS  # some 100,000 events, for the faults that are asked so much
SESSION_SECONDS = 3.0
TROUBLE_SECONDS = 300.0 if LONG else 40.0  # at most: the cycle may end before

# These take half a minute or more each, and are seldom the first to see a mistake.
long_dose = pytest.mark.skipif(DOSE == "few", reason="one of the slow faults: `make faults`")
