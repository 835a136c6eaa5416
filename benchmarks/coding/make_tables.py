"""Full-size CMS tables of synthetic codes, in the official layouts: what the coding benchmark loads and judges by.

No real CPT code or word stands in them beyond the shape of a code.
"""

import random
from pathlib import Path

PTP_ROWS = 4_500_000
CODES = 12_000


def make_codes(seed: int = 1) -> list[str]:
    """Five-digit codes of the CPT shape, sorted."""
    return [f"{number:05d}" for number in sorted(random.Random(seed).sample(range(10000, 99200), CODES))]


def write_ptp(folder: Path, codes: list[str], rows: int = PTP_ROWS, version: str = "v323r0") -> list[Path]:
    """The four files of the practitioner table: about one pair in thirty deleted, some re-added."""
    dice = random.Random(2)
    paths = []
    per_code = rows // len(codes)
    for part in range(4):
        path = folder / f"ccipra-{version}-f{part + 1}.TXT"
        with path.open("w", newline="") as file:
            file.write("synthetic\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n")
            file.write("Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n" + "\t\t\t\t\t\t\r\n" * 3)
            for column1 in codes[part * len(codes) // 4 : (part + 1) * len(codes) // 4]:
                lines = []
                for column2 in dice.sample(codes, per_code):
                    deleted = "20240630" if dice.random() < 0.03 else "*"
                    indicator = "019"[dice.choices((0, 1, 2), (30, 65, 5))[0]]
                    lines.append(f"{column1}\t{column2}\t\t20150101\t{deleted}\t{indicator}\tMisuse of codes\r\n")
                file.writelines(lines)
        paths.append(path)
    return paths


def write_mue(folder: Path, codes: list[str]) -> Path:
    dice = random.Random(3)
    path = folder / "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    with path.open("w", newline="") as file:
        file.write('"A notice\nof two lines"\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,')
        file.write("MUE Adjudication Indicator,MUE Rationale\n")
        for code in codes:
            indicator = dice.choice(
                ("1 Line Edit", "2 Date of Service Edit: Policy", "3 Date of Service Edit: Clinical")
            )
            file.write(f"{code},{dice.choice((1, 1, 2, 4, 10))},{indicator},Clinical: Data\n")
    return path


def write_pfs(folder: Path, codes: list[str]) -> Path:
    dice = random.Random(4)
    path = folder / "PPRRVU2026_Oct_nonQPP.csv"
    with path.open("w", newline="") as file:
        title = ",,2026 National Physician Fee Schedule Relative Value File October Release" + "," * 29
        file.write(title + "\n" + ("," * 31 + "\n") * 8 + "HCPCS,MOD,DESCRIPTION,CODE" + "," * 28 + "\n")
        for code in codes:
            days = dice.choice(("000", "010", "090", "XXX", "XXX", "XXX"))
            cells = [code, "", "", "A", *[""] * 9, "0", days, "", "", "", "0", dice.choice("0123"), *[""] * 12]
            file.write(",".join(cells) + "\n")
    return path
