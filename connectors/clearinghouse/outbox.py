"""The outbox: 837 and 276 files to send. An interchange is sent when its file stands here, fsynced, and not before."""

from collections.abc import Callable
from pathlib import Path

from connectors.archive import Archive, write_durably
from schemas.errors import ConfigurationError
from schemas.event import Event, derive_events
from schemas.events import InquiryBuilt, InterchangeBuilt, InterchangeWritten
from schemas.reference import Submitter
from schemas.status_inquiry import write_inquiry
from schemas.store import Record
from schemas.submission import name_file, write_interchange
from schemas.wire import decode_record
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim, read_837p


class OutboxWriter:
    """Writes each interchange as a file; `reach` marks the points where a test may kill the process."""

    def __init__(self, folder: Path, archive: Archive, submitter: Submitter, reach: Callable[[str], None]) -> None:
        self.folder = folder
        self.archive = archive
        self.submitter = submitter
        self.reach = reach

    def write(self, record: Record) -> Event | None:
        """Writes the file of an InterchangeBuilt (837) or an InquiryBuilt (276) and returns the InterchangeWritten to
        publish; None for others.

        The bytes are rebuilt from the event; those of an 837 must have the sha256 that the event names.
        """
        if record.type not in (InterchangeBuilt.type, InquiryBuilt.type):
            return None
        event = decode_record(record)
        built = event.body
        if isinstance(built, InterchangeBuilt):
            data = write_interchange(built.claims, built.control_number, built.built_at, self.submitter)
        else:
            assert isinstance(built, InquiryBuilt)
            data = write_inquiry(self._find_claims(built), built.control_number, built.built_at, self.submitter)
        sha256 = self.archive.keep(data)
        if isinstance(built, InterchangeBuilt) and sha256 != built.sha256:
            raise RuntimeError(
                f"interchange {built.control_number} is not what was decided: the submitter's settings changed between "
                "the cut and the file; restore them, then start again"
            )
        kind = "837" if isinstance(built, InterchangeBuilt) else "276"
        path = self.folder / name_file(built.trading_partner, built.control_number, kind)
        if not path.exists():
            write_durably(path, data, self.reach)
        elif path.read_bytes() != data:
            raise ConfigurationError(
                f"{path} holds another interchange under this control number, so the claims of this one stand in no "
                "file: move that file away (it is from another installation or was edited), then start again"
            )
        written = InterchangeWritten(
            trading_partner=built.trading_partner,
            control_number=built.control_number,
            sha256=sha256,
            file_name=path.name,
        )
        return derive_events(event, "outbox_writer", (written,), event.decided_by)[0]

    def _find_claims(self, built: InquiryBuilt) -> list[tuple[ProfessionalClaim, str]]:
        """The claims of an inquiry as they were sent, from the 837s in the archive."""
        wanted = {asked.patient_control_number: asked.payer_claim_control_number for asked in built.claims}
        return [
            (found.claim, wanted[found.claim.patient_control_number])
            for sha256 in sorted({asked.document for asked in built.claims})
            for found in read_837p(self.archive.read(sha256))
            if found.claim.patient_control_number in wanted
        ]
