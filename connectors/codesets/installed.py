"""The code sets of one installation: every loaded release of every kind, opened for reading."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from connectors.codesets import icd10cm
from connectors.codesets.builtin import ensure_builtin_icd10cm
from connectors.codesets.releases import Releases, Row, in_use
from connectors.codesets.set_file import LoadedSet, SetFile
from schemas.codesets import Icd10Code

FOLDER = "codes"


def open_set_files(data_dir: Path) -> dict[str, list[SetFile]]:
    """Every loaded set of an installation by kind, in the order of their files' names."""
    files: dict[str, list[SetFile]] = {}
    for path in sorted((data_dir / FOLDER).glob("*.set")):
        file = SetFile(path)
        files.setdefault(file.about.kind, []).append(file)
    return files


class InstalledCodeSets:
    """The `CodeSets` port over the files of one installation. Files are opened at the start and never change."""

    def __init__(self, files: Mapping[str, list[SetFile]]) -> None:
        self._files = files
        self._digests = in_use(files)
        self._icd10cm = Releases(files.get(icd10cm.KIND, []), _icd10_code)

    def icd10cm(self, code: str, on: date) -> Icd10Code | None:
        """A code or header as the release judging `on` has it, else as another release has it, with in_force False."""
        found = self._icd10cm.get(code, on)
        return found or self._icd10_elsewhere(code)

    def _icd10_elsewhere(self, code: str) -> Icd10Code | None:
        for rows in reversed(self._icd10cm.rows):
            row = rows.get(code)
            if row is not None:
                about = rows.about
                return Icd10Code(
                    code, bool(row[0]), row[1], about.version, False, about.effective_from, about.effective_to
                )
        return None

    def is_loaded(self, kind: str) -> bool:
        return kind in self._files

    def warnings(self, on: date) -> tuple[str, ...]:
        gap = self._icd10cm.gap_on(on)
        return (_gap_sentence("ICD-10-CM", gap, on),) if gap else ()

    def not_loaded(self) -> tuple[str, ...]:
        return () if icd10cm.KIND in self._files else ("not checked: ICD-10-CM not loaded",)

    def digests(self) -> Mapping[str, str]:
        return self._digests


def _icd10_code(code: str, row: Row, about: LoadedSet) -> Icd10Code:
    return Icd10Code(
        code, bool(row[0]), row[1], about.version, True, about.effective_from, about.effective_to,
        tuple(row[2].split()), row[3],
    )  # fmt: skip


def _gap_sentence(name: str, used: LoadedSet, on: date) -> str:
    fiscal_year = on.year + (on.month >= 10)
    return f"{name} FY{fiscal_year} not loaded for services of {on.isoformat()[:7]}: {used.version} used"


def open_codesets(data_dir: Path) -> InstalledCodeSets:
    """The code sets of an installation; builds the packaged ICD-10-CM release under it the first time (1 s)."""
    ensure_builtin_icd10cm(data_dir / FOLDER)
    return InstalledCodeSets(open_set_files(data_dir))
