"""`codes load` and `codes list`: official files, zipped or not, recognised by what is in them and kept as sets."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from connectors.codesets import articles, cms_tables, hcpcs, icd10cm, ncci, snomed_map, user_files
from connectors.codesets.installed import FOLDER, open_set_files
from connectors.codesets.reading import CodeFile, CodeFileError, ParsedSet
from connectors.codesets.set_file import LoadedSet, SetFile, SetFileError, write_set
from connectors.files import FileRefusal, check_regular
from connectors.leftovers import remove_leftovers

RECOGNISED = (
    "ICD-10-CM order, codes or tabular file, HCPCS II, NCCI PTP, MUE, add-on codes, physician fee schedule, coverage "
    "articles, NLM SNOMED CT map, or your CPT, place-of-service, CARC or RARC list"
)
MEMBERS_MAX = 500
MEMBER_BYTES_MAX = 2_000_000_000
_TABLE_SUFFIXES = (".txt", ".csv", ".xml")
# Cut or damaged; encrypted (RuntimeError); packed in a way that zipfile does not know.
UNREADABLE_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)
_SMALLER_MEANS_HALF = 2  # a set with less than half the rows of its neighbour is taken for a half file


def load_file(path: Path, data_dir: Path) -> list[LoadedSet]:
    """Load one official file, zip or folder; see `load_files`."""
    return load_files([path], data_dir)


def load_files(paths: Sequence[Path], data_dir: Path) -> list[LoadedSet]:
    """Recognise and load official files. All are read before the first set is kept: a refused file changes nothing.

    Raises CodeFileError with file, line and column. A zip's members that are no tables (readme, PDF) are passed over.
    """
    loaded: list[tuple[LoadedSet, ParsedSet]] = []
    relations: dict[str, CodeFile] = {}
    for path in paths:
        members = list(_members(path))
        recognised = 0
        for file in members:
            if (base := file.name.rsplit("/", 1)[-1].lower()) in articles.NAMES:
                relations[base] = file
                recognised += 1
            elif parsed_sets := _read(file):
                recognised += 1
                sha256 = _hash([file])
                loaded.extend((_about(parsed, file.name, sha256), parsed) for parsed in parsed_sets)
        if not recognised:
            raise CodeFileError(path.name, f"not one of the official files: {RECOGNISED}")
    if relations:
        sha256 = _hash([relations[name] for name in sorted(relations)])
        for parsed in articles.read_articles(relations):
            loaded.append((_about(parsed, "current_article", sha256), parsed))
    remove_leftovers(data_dir / FOLDER)
    known = _list_whole_sets(data_dir)
    for about, _ in loaded:
        _require_whole(about, known)
    for about, parsed in loaded:
        write_set(data_dir / FOLDER, about, parsed.layout, parsed.payload)
    return [about for about, _ in loaded]


def list_sets(data_dir: Path) -> list[LoadedSet]:
    """Every loaded set: kind, version, effective dates, rows, source, sha256; by kind, oldest first."""
    found = [file.about for files in open_set_files(data_dir).values() for file in files]
    return sorted(found, key=lambda about: (about.kind, about.effective_from, about.part, about.sha256))


def _list_whole_sets(data_dir: Path) -> list[LoadedSet]:
    """Those that can be read: one that cannot is mended by loading it again, and so cannot be in the way of that."""
    whole = []
    for path in (data_dir / FOLDER).glob("*.set"):
        with suppress(SetFileError):
            whole.append(SetFile(path).about)
    return whole


def _members(path: Path) -> Iterator[CodeFile]:
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in _TABLE_SUFFIXES:
                _require_file(file)
                yield CodeFile(file.name, _Opener(file))
        return
    _require_file(path)
    if path.suffix.lower() == ".zip":
        yield from _zip_members(path)
    else:
        yield CodeFile(path.name, _Opener(path))


def _require_file(path: Path) -> None:
    try:
        check_regular(path.stat())
    except FileRefusal as refusal:
        raise CodeFileError(path.name, f"{refusal.what}: {refusal.remedy}") from None


class _Opener:
    """Opens a file, or one member of a zip, as often as it is read."""

    def __init__(self, path: Path, member: str = "") -> None:
        self.path, self.member = path, member

    def __call__(self) -> BinaryIO:
        if not self.member:
            return self.path.open("rb")
        archive = zipfile.ZipFile(self.path)
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, archive.open(self.member)), 1 << 16))


def _zip_members(path: Path) -> Iterator[CodeFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.lower().endswith(_TABLE_SUFFIXES)]
            broken = archive.testzip() if len(members) <= MEMBERS_MAX and _fits(members) else None
    except UNREADABLE_ZIP as error:
        why = f"not a whole zip file that anybody can read ({error}): download it again, without a password"
        raise CodeFileError(path.name, why) from error
    if len(members) > MEMBERS_MAX or not _fits(members):
        raise CodeFileError(path.name, f"more than {MEMBERS_MAX} members or 2 GB in one: not an official file")
    if broken:
        raise CodeFileError(path.name, f"{broken} is damaged: download it again")
    for info in members:
        yield CodeFile(info.filename.rsplit("/", 1)[-1], _Opener(path, info.filename))


def _fits(members: list[zipfile.ZipInfo]) -> bool:
    return all(info.file_size <= MEMBER_BYTES_MAX for info in members)


def _read(file: CodeFile) -> list[ParsedSet]:
    """The sets of one file, or none when its beginning is not that of an official table."""
    head = file.head()
    first = head.split("\n", 1)[0]
    if "<ICD10CM.tabular" in head:
        return icd10cm.read_tabular(file)
    if ncci.is_ptp(head):
        return ncci.read_ptp(file)
    if cms_tables.is_mue(head):
        return cms_tables.read_mue(file)
    if cms_tables.is_pfs(head):
        return cms_tables.read_pfs(file)
    if snomed_map.is_snomed_map(head):
        return snomed_map.read_snomed_map(file)
    if user_files.is_user_file(head):
        return user_files.read_user_file(file)
    if cms_tables.is_add_on(file.name, head):
        return cms_tables.read_add_on(file)
    if hcpcs.is_hcpcs(head):
        return hcpcs.read_hcpcs(file)
    if icd10cm.is_order_line(first):
        return icd10cm.read_order_file(file)
    if icd10cm.is_codes_line(first):
        return icd10cm.read_codes_file(file)
    return []


def _about(parsed: ParsedSet, source: str, sha256: str) -> LoadedSet:
    return LoadedSet(
        parsed.kind,
        parsed.version,
        parsed.effective_from,
        parsed.effective_to,
        parsed.rows,
        source,
        sha256,
        parsed.part,
    )


def _hash(files: Sequence[CodeFile]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open() as opened:
            while chunk := opened.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _require_whole(about: LoadedSet, known: list[LoadedSet]) -> None:
    """A file cut at a line's end looks well-formed: its neighbour of another quarter tells."""
    for other in known:
        if (other.kind, other.part) == (about.kind, about.part) and about.rows * _SMALLER_MEANS_HALF < other.rows:
            raise CodeFileError(
                about.source,
                f"{about.rows} rows where {other.label} has {other.rows}: is the file cut short? "
                "If it is right, remove the older set first",
            )
