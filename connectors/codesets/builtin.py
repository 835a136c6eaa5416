"""ICD-10-CM out of the box: the tabular list inside the PyPI package simple-icd-10-cm, read as a file.

The package itself is never imported: that costs 1.7 s and 185 MB at every start.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from connectors.codesets.icd10cm import KIND, NOTES_KIND, read_tabular
from connectors.codesets.reading import CodeFile
from connectors.codesets.set_file import LoadedSet, SetFile, SetFileError, write_set

SOURCE = "simple-icd-10-cm"
READER = 2  # raise it when the tabular list is read otherwise: every installation then builds its tables anew


def find_packaged_tabular() -> Path | None:
    """The tabular list of the installed package, or None without the package."""
    spec = find_spec("simple_icd_10_cm")
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent / "data").glob("*tabular*.xml"))
    return found[-1] if found else None


def ensure_builtin_icd10cm(folder: Path) -> None:
    """Build the packaged release under `folder` unless it stands there; named by the sha256 of its source."""
    source = find_packaged_tabular()
    if source is None:
        return
    data = source.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if all(_is_current(folder / f"{kind}.{sha256[:16]}.set") for kind in (KIND, NOTES_KIND)):
        return
    for parsed in read_tabular(CodeFile(source.name, lambda: source.open("rb"))):
        about = LoadedSet(
            parsed.kind, parsed.version, parsed.effective_from, parsed.effective_to, parsed.rows,
            f"{SOURCE}: {source.name}", sha256,
        )  # fmt: skip
        write_set(folder, about, parsed.layout | {"reader": READER}, parsed.payload)


def _is_current(path: Path) -> bool:
    """Whether a table is there, whole, and written by this reader."""
    try:
        return path.exists() and SetFile(path).layout.get("reader") == READER
    except SetFileError:
        return False
