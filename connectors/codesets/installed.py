"""The code sets of one installation: every loaded release of every kind, opened for reading."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from connectors.codesets import articles, cms_tables, hcpcs, icd10cm, ncci, rows, snomed_map, user_files
from connectors.codesets.builtin import ensure_builtin_icd10cm
from connectors.codesets.places import PLACES
from connectors.codesets.releases import Releases, in_use
from connectors.codesets.set_file import LoadedSet, SetFile
from schemas.codesets import (
    AddOnCode,
    Article,
    CodeReference,
    DatedCode,
    FeeScheduleRow,
    Icd10Code,
    Icd10Notes,
    MapRow,
    Mue,
    MueSetting,
    PtpEdit,
    Setting,
)

FOLDER = "codes"
# What status and doctor call each set, in the order in which they name those that are missing.
TITLES = {
    icd10cm.KIND: "ICD-10-CM",
    icd10cm.NOTES_KIND: "ICD-10-CM tabular notes",
    hcpcs.KIND: "HCPCS Level II",
    hcpcs.MODIFIER_KIND: "HCPCS modifiers",
    user_files.CPT_KIND: "CPT (your licensed file)",
    ncci.PRACTITIONER_KIND: "NCCI PTP practitioner",
    ncci.OUTPATIENT_KIND: "NCCI PTP outpatient hospital",
    "mue_practitioner": "MUE practitioner",
    "mue_outpatient": "MUE outpatient hospital",
    cms_tables.ADD_ON_KIND: "NCCI add-on codes",
    cms_tables.PFS_KIND: "physician fee schedule",
    articles.KIND: "coverage articles",
}
# Of those who bill so alone: nobody is told that these are missing.
_FURTHER_TITLES = {
    "mue_dme": "MUE DME supplier",
    "mue_medicaid_practitioner": "MUE Medicaid practitioner",
    "mue_medicaid_outpatient": "MUE Medicaid outpatient hospital",
    "mue_medicaid_dme": "MUE Medicaid DME supplier",
}
_PTP_KINDS: dict[Setting, str] = {"practitioner": ncci.PRACTITIONER_KIND, "outpatient": ncci.OUTPATIENT_KIND}
MUE_SETTINGS: tuple[MueSetting, ...] = get_args(MueSetting)
_MEMORY_ENTRIES = 50_000


def open_set_files(data_dir: Path) -> dict[str, list[SetFile]]:
    """Every loaded set of an installation by kind, in the order of their files' names."""
    files: dict[str, list[SetFile]] = {}
    for path in sorted((data_dir / FOLDER).glob("*.set")):
        file = SetFile(path)
        files.setdefault(file.about.kind, []).append(file)
    return files


def open_codesets(data_dir: Path) -> "InstalledCodeSets":
    """The code sets of an installation; builds the packaged ICD-10-CM release under it the first time (1 s)."""
    ensure_builtin_icd10cm(data_dir / FOLDER)
    return InstalledCodeSets(open_set_files(data_dir))


class InstalledCodeSets:
    """The `CodeSets` port over the files of one installation. Files are opened once and never change."""

    def __init__(self, files: Mapping[str, list[SetFile]]) -> None:
        def of(kind: str) -> list[SetFile]:
            return files.get(kind, [])

        self._kinds = frozenset(files) | {user_files.PLACE_KIND}
        self._digests = in_use(files)
        self._icd10cm = Releases(of(icd10cm.KIND), rows.to_icd10_code)
        self._icd10cm_notes = Releases(of(icd10cm.NOTES_KIND), rows.to_icd10_notes)
        self._dated = {
            kind: Releases(of(kind), rows.to_dated_code)
            for kind in (
                hcpcs.KIND, hcpcs.MODIFIER_KIND, user_files.CPT_KIND, user_files.PLACE_KIND,
                user_files.CARC_KIND, user_files.RARC_KIND,
            )
        }  # fmt: skip
        self._ptp = {setting: ncci.PtpEdits(of(kind)) for setting, kind in _PTP_KINDS.items()}
        self._mue = {setting: Releases(of(f"mue_{setting}"), rows.to_mue) for setting in MUE_SETTINGS}
        self._pfs = Releases(of(cms_tables.PFS_KIND), rows.to_fee_schedule_row)
        self._add_ons = Releases(of(cms_tables.ADD_ON_KIND), rows.to_add_on_rows)
        self._article_names = Releases(of(articles.KIND), rows.to_names)
        self._articles = Releases(of(articles.KIND), rows.to_article)
        self._snomed_map = Releases(of(snomed_map.KIND), rows.to_map_rows)
        self._joined_notes: dict[tuple[str, int], Icd10Notes | None] = {}
        self._exclusions: dict[tuple[str, str, int], CodeReference | None] = {}
        self._warnings: dict[date, tuple[str, ...]] = {}

    def icd10cm(self, code: str, on: date) -> Icd10Code | None:
        found = self._icd10cm.get(code, on)
        if found is None and (elsewhere := self._icd10cm.get_elsewhere(code)):
            return replace(elsewhere[0], in_force=False)
        return found

    def icd10cm_notes(self, code: str, on: date) -> Icd10Notes | None:
        index = self._icd10cm_notes.index_on(on)
        try:
            return self._joined_notes[code, index]
        except KeyError:
            levels = (self._icd10cm_notes.get(code[:length], on) for length in range(len(code), 2, -1))
            joined = rows.join_notes([notes for notes in levels if notes])
            if joined and joined.is_manifestation and self._icd10cm_notes.get(code, on) is None:
                joined = replace(joined, is_manifestation=False)
            if len(self._joined_notes) >= _MEMORY_ENTRIES:
                self._joined_notes.clear()
            self._joined_notes[code, index] = joined
            return joined

    def excludes1(self, one: str, other: str, on: date) -> CodeReference | None:
        key = (one, other, self._icd10cm_notes.index_on(on))
        try:
            return self._exclusions[key]
        except KeyError:
            found = None
            for noted, against in ((one, other), (other, one)):
                notes = self.icd10cm_notes(noted, on)
                if found is None and notes:
                    # A range that holds the noted code itself separates blocks, not the codes inside its own.
                    found = next(
                        (ref for ref in notes.excludes1 if ref.matches(against) and not ref.matches(noted)), None
                    )
            if len(self._exclusions) >= _MEMORY_ENTRIES:
                self._exclusions.clear()
            self._exclusions[key] = found
            return found

    def hcpcs(self, code: str, on: date) -> DatedCode | None:
        return self._dated_code(hcpcs.KIND, code, on)

    def modifier(self, code: str, on: date) -> DatedCode | None:
        return self._dated_code(hcpcs.MODIFIER_KIND, code, on)

    def cpt(self, code: str, on: date) -> DatedCode | None:
        return self._dated_code(user_files.CPT_KIND, code, on)

    def place_of_service(self, code: str, on: date) -> DatedCode | None:
        if self._dated[user_files.PLACE_KIND].rows:
            return self._dated_code(user_files.PLACE_KIND, code, on)
        return PLACES.get(code)

    def words(self, kind: Literal["carc", "rarc"], code: str, on: date) -> DatedCode | None:
        return self._dated_code(kind, code, on)

    def _dated_code(self, kind: str, code: str, on: date) -> DatedCode | None:
        releases = self._dated[kind]
        found = releases.get(code, on)
        if found is None and (elsewhere := releases.get_elsewhere(code)):
            row, about = elsewhere  # dropped since, or not yet there: in force no longer than that release reached
            return replace(row, effective_from=row.effective_from or about.effective_from,
                           effective_to=row.effective_to or about.effective_to)  # fmt: skip
        return found

    def ptp(self, setting: Setting, column1: str, column2: str, on: date) -> PtpEdit | None:
        return self._ptp[setting].find(column1, column2, on)

    def mue(self, setting: MueSetting, code: str, on: date) -> Mue | None:
        return self._mue[setting].get(code, on)

    def fee_schedule(self, code: str, modifier: str, on: date) -> FeeScheduleRow | None:
        return self._pfs.get(f"{code}:{modifier}", on)

    def add_on(self, code: str, on: date) -> AddOnCode | None:
        found = self._add_ons.get(code, on)
        return rows.join_add_on(code, found, on) if found else None

    def articles(self, procedure: str, on: date) -> tuple[Article, ...]:
        names = self._article_names.get(f"procedure {procedure}", on) or ()
        found = (self._articles.get(name, on) for name in names)
        return tuple(
            article
            for article in found
            if article
            and (article.effective_from is None or article.effective_from <= on)
            and (article.effective_to is None or on <= article.effective_to)
        )

    def snomed_map(self, concept_id: str, on: date) -> tuple[MapRow, ...]:
        return self._snomed_map.get(concept_id, on) or ()

    def loaded(self) -> frozenset[str]:
        return self._kinds

    def warnings(self, on: date) -> tuple[str, ...]:
        if on not in self._warnings:
            if len(self._warnings) >= _MEMORY_ENTRIES:
                self._warnings.clear()
            self._warnings[on] = tuple(self._gaps(on))
        return self._warnings[on]

    def _gaps(self, on: date) -> list[str]:
        found = []
        if gap := self._icd10cm.gap_on(on):
            fiscal_year = on.year + (on.month >= 10)
            found.append(f"ICD-10-CM FY{fiscal_year} not loaded: {gap.version} used for services of {on:%Y-%m}")
        quarterly = {
            hcpcs.KIND: self._dated[hcpcs.KIND].gap_on(on),
            **{kind: _overrun(self._ptp[setting], on) for setting, kind in _PTP_KINDS.items()},
            **{f"mue_{setting}": self._mue[setting].gap_on(on) for setting in MUE_SETTINGS},
            cms_tables.ADD_ON_KIND: self._add_ons.gap_on(on),
            cms_tables.PFS_KIND: self._pfs.gap_on(on),
        }
        for kind, about in quarterly.items():
            if about:
                title = TITLES.get(kind) or _FURTHER_TITLES[kind]
                found.append(f"{title} of {on:%Y-%m} not loaded: {about.version} used")
        return found

    def not_loaded(self) -> tuple[str, ...]:
        missing = [f"not checked: {title} not loaded" for kind, title in TITLES.items() if kind not in self._kinds]
        for setting, kind in _PTP_KINDS.items():
            if parts := self._ptp[setting].missing_parts():
                version = self._ptp[setting].tables[0].about.version
                missing.append(f"not checked in full: {TITLES[kind]} {version} lacks {', '.join(parts)}")
        return tuple(missing)

    def digests(self) -> Mapping[str, str]:
        return self._digests


def _overrun(edits: ncci.PtpEdits, on: date) -> LoadedSet | None:
    """The loaded quarter of a PTP table when a date lies beyond it; earlier dates stand in its rows."""
    for table in edits.tables:
        if table.about.effective_to and on > table.about.effective_to:
            return table.about
    return None
