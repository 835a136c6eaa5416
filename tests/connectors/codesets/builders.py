"""Small official files: the layouts of domain rules section 7 with synthetic codes and words of our own."""

import zipfile
from pathlib import Path

PTP_PREAMBLE = [
    "notice\t\t\t\t\t\t", "Column1/Column2 Edits\t\t\t\t\t\t", 
    "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale",
    "\t\t\t\t\t\t", "\t\t\t\t\t\t", "\t\t\t\t\t\t",
]  # fmt: skip


def write_lines(path: Path, *lines: str, encoding: str = "latin-1") -> Path:
    path.write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")
    return path


def zip_up(path: Path, *members: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.pdf", b"%PDF no table")
        for member in members:
            archive.write(member, f"folder/{member.name}")
    return path


def order_lines(*extra: str, without: str = "") -> list[str]:
    """An order file that is long enough to be whole: header A00, A000-A009, and 31,000 fillers."""
    codes = [("A00", "0")] + [(f"A00{n}", "1") for n in range(10)]
    codes += [(f"B{n:05d}", "1") for n in range(31_000)]
    rows = [
        f"{number:05d} {code:<7} {flag} {'short ' + code:<60} long {code}"
        for number, (code, flag) in enumerate(codes, 1)
        if code != without
    ]
    return [*rows, *extra]


def write_order(folder: Path, year: int = 2027, without: str = "") -> Path:
    return write_lines(folder / f"icd10cm_order_{year}.txt", *order_lines(without=without))


def hcpcs_line(code: str, record: str = "3", added: str = "20200101", ended: str = "") -> str:
    """One line of the fixed-width file: 293 characters."""
    line = f"{code:<5}00010{record}{'long words':<80}{'short words':<28}".ljust(268)
    return f"{line}{added:<8}{added:<8}{ended:<8}N"


def write_hcpcs(folder: Path, *extra: str, name: str = "HCPC2026_OCT_ANWEB.txt") -> Path:
    fillers = [hcpcs_line(f"A{n:04d}") for n in range(1000)]
    return write_lines(folder / name, *fillers, *extra)


def write_ptp(folder: Path, *rows: str, name: str = "ccipra-v323r0-f1.TXT") -> Path:
    return write_lines(folder / name, *PTP_PREAMBLE, *rows)


def write_mue(folder: Path, *rows: str, title: str = "Practitioner Services") -> Path:
    name = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    head = [
        '"A notice',
        'of two lines"',
        f'"HCPCS/\r\nCPT Code",{title} MUE Values,MUE Adjudication Indicator,Rationale',
    ]
    return write_lines(folder / name, *head, *rows)


def write_pfs(folder: Path, *rows: str) -> Path:
    title = ",,2026 National Physician Fee Schedule Relative Value File October Release" + "," * 29
    head = [title, *["," * 31] * 8, "HCPCS,MOD,DESCRIPTION,CODE" + "," * 28]
    return write_lines(folder / "PPRRVU2026_Oct_nonQPP.csv", *head, *rows)


def pfs_row(code: str, modifier: str = "", status: str = "A", days: str = "000", not_in_office: str = "") -> str:
    cells = [""] * 32
    cells[0], cells[1], cells[3], cells[13], cells[14], cells[7] = code, modifier, status, "1", days, not_in_office
    cells[18], cells[19] = "2", "1"
    return ",".join(cells)


def write_articles(folder: Path) -> Path:
    """Article 57743 of contractor 05102: group 1 alone, group 2 only together with group 1."""
    key, named = "57743,4", "article_id,article_version"
    tables = {
        "article": (",title,article_eff_date,article_end_date,last_updated", ",Title,2020-01-01 00:00:00,,2026-10-01"),
        "article_x_hcpc_code": (",hcpc_code_id", ",83036"),
        "article_x_icd10_covered": (",icd10_code_id,icd10_covered_group", ",E11.65,1", ",I10,2"),
        "article_x_icd10_noncovered": (",icd10_code_id", ",Z00.00"),
        "article_x_icd10_covered_group": (
            ",icd10_covered_group,paragraph", ",1,Group 1 codes", ",2,Report together with a code of Group 1",
        ),
        "article_x_contractor": (",contractor_id", ",9"),
    }  # fmt: skip
    members = [
        write_lines(folder / f"{name}.csv", named + header, *(key + row for row in rows))
        for name, (header, *rows) in tables.items()
    ]
    members.append(write_lines(folder / "contractor.csv", "contractor_id,contractor_number", "9,05102"))
    return zip_up(folder / "current_article.zip", *members)
