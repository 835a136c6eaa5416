"""What the case book looks things up in: the shipped tables and code sets, opened once."""

import pytest

from schemas.reference import Reference
from streams.installation import open_installation


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    opened = open_installation(tmp_path_factory.mktemp("installation"))
    opened.store.close()
    return opened.reference
