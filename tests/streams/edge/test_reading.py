"""A document of every kind that its sender should not have sent, through ingest."""

from pathlib import Path

import pytest

from connectors.readers import READERS
from schemas.reference import Reference
from streams.edge.ingest import ingest_bytes
from streams.reports.dead_letters import report_dead_letters
from tests.builders import NOW, open_small
from tests.connectors.reader_examples import EXAMPLES, HOSTILE


@pytest.mark.parametrize("kind", [kind for reader in READERS for kind in reader.kinds])
def test_a_hostile_document_is_findings_and_one_dead_letter_and_the_next_one_is_read(
    kind: str, tmp_path: Path, reference: Reference
) -> None:
    installation = open_small(tmp_path, reference, in_memory=True)
    hostile = ingest_bytes(installation, HOSTILE[kind], "hostile", NOW)
    assert (hostile.kind, hostile.outcome, hostile.events) == (kind, "rejected", 0)
    assert all(finding.what and finding.remedy for finding in hostile.findings)
    assert len(report_dead_letters(installation).dead_letters) == 1
    assert ingest_bytes(installation, EXAMPLES[kind], "good", NOW).outcome == "accepted"
