"""The outbox: 837 and 276 files to send. An interchange is sent when its file stands here, fsynced, and not before."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.archive import Archive, move_durably, write_durably
from schemas.errors import ConfigurationError
from schemas.event import Event, derive_events
from schemas.events import InquiryBuilt, InterchangeBuilt, InterchangeWritten
from schemas.reference import Submitter
from schemas.status_inquiry import write_inquiry
from schemas.submission import name_file, write_interchange
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim, read_837p

STAGED = ".staged"  # how the name of a file ends that has not got its own yet
AGAIN = "again"  # in the outbox: files whose claims went out before


@dataclass(frozen=True)
class OutboxFile:
    """An 837 or 276 ready to be written: its name and bytes, the patient control numbers of its claims, and the event
    that says that it stands in the outbox."""

    name: str
    data: bytes
    numbers: tuple[str, ...]
    written: Event


class OutboxWriter:
    """Writes each interchange as a file; `reach` marks the points where a test may kill the process.

    A file gets its name by a rename, once: what an uploader has taken away must not come back. So it is staged first,
    hidden; whoever has noted that may give it its name, and nobody can do that twice.
    """

    def __init__(self, folder: Path, archive: Archive, submitter: Submitter, reach: Callable[[str], None]) -> None:
        self.folder = folder
        self.archive = archive
        self.submitter = submitter
        self.reach = reach

    def prepare(self, event: Event) -> OutboxFile | None:
        """The file of an InterchangeBuilt (837) or an InquiryBuilt (276), archived; None for others.

        The bytes are rebuilt from the event; those of an 837 must have the sha256 that the event names.
        """
        built = event.body
        if isinstance(built, InterchangeBuilt):
            kind, numbers = "837", tuple(x.summary.patient_control_number for x in built.claims)
            data = write_interchange(built.claims, built.control_number, built.built_at, self.submitter)
        elif isinstance(built, InquiryBuilt):
            kind, numbers = "276", ()
            data = write_inquiry(self._find_claims(built), built.control_number, built.built_at, self.submitter)
        else:
            return None
        sha256 = self.archive.keep(data)
        if isinstance(built, InterchangeBuilt) and sha256 != built.sha256:
            raise ConfigurationError(
                f"interchange {built.control_number} is not what was decided: the submitter's settings changed between "
                "the cut and the file; restore them, then give it back with `revcycle aside retry`"
            )
        name = name_file(built.trading_partner, built.control_number, kind)
        written = InterchangeWritten(
            trading_partner=built.trading_partner,
            control_number=built.control_number,
            sha256=sha256,
            file_name=name,
        )
        (said,) = derive_events(event, "outbox_writer", (written,), event.decided_by)
        return OutboxFile(name, data, numbers, said)

    def stands(self, file: OutboxFile) -> bool:
        """Whether the file stands in the outbox. Raises ConfigurationError when another one has its name."""
        path = self.folder / file.name
        if not path.exists():
            return False
        if path.read_bytes() != file.data:
            raise ConfigurationError(
                f"{path} holds another interchange under this control number, so the claims of this one stand in no "
                "file: move that file away (it is from another installation or was edited), then give this one "
                "back with `revcycle aside retry`"
            )
        return True

    def stage(self, file: OutboxFile, owner: str) -> str:
        """Writes the file under a hidden name of this owner's, and returns that name."""
        staged_name = f".{file.name}.{owner}{STAGED}"
        write_durably(self.folder / staged_name, file.data)
        self.reach("outbox.after_temporary")
        return staged_name

    def give_name(self, staged_name: str, file: OutboxFile) -> None:
        """The staged file becomes the one to send; where it is not any more, it became so before."""
        if (self.folder / staged_name).exists():
            move_durably(self.folder / staged_name, self.folder / file.name)
        self.reach("outbox.after_rename")

    def keep_back(self, file: OutboxFile) -> Path:
        """Puts a file where no uploader takes it: a person decides whether it is sent."""
        path = self.folder / AGAIN / file.name
        write_durably(path, file.data)
        return path

    def clear(self, file: OutboxFile) -> None:
        """Removes what a process that died had staged of a file that is said to be written."""
        for staged in self.folder.glob(f".{file.name}.*{STAGED}"):
            staged.unlink(missing_ok=True)

    def _find_claims(self, built: InquiryBuilt) -> list[tuple[ProfessionalClaim, str]]:
        """The claims of an inquiry as they were sent, from the 837s in the archive."""
        wanted = {asked.patient_control_number: asked.payer_claim_control_number for asked in built.claims}
        return [
            (found.claim, wanted[found.claim.patient_control_number])
            for sha256 in sorted({asked.document for asked in built.claims})
            for found in read_837p(self.archive.read(sha256))
            if found.claim.patient_control_number in wanted
        ]
