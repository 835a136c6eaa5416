"""Writes the benchmark files: 835s with lines and adjustments, and 837Ps, of about the size asked for.

python benchmarks/x12/generate.py 835 10 FILE        10 MB of remittances
"""

import sys
from pathlib import Path

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*P*:~"
CLAIMS_PER_SET = 2_000


def make_remittance(number: int) -> list[str]:
    """One ST: header, 2,000 claims of two lines with three adjustments, balanced."""
    rows = [
        f"ST*835*{number:04d}",
        f"BPR*I*{CLAIMS_PER_SET * 150}*C*ACH*CCP*01*111000025*DA*33*1512345678**01*111000025*DA*44*20261120",
        f"TRN*1*EFT{number}*1512345678",
        "DTM*405*20261119",
        "N1*PR*HEALTH PLAN",
        "N3*1 ROAD",
        "N4*TOWN*IL*62701",
        "PER*BL*HELP*TE*5555550100",
        "N1*PE*CLINIC*XX*1234567893",
        "REF*TJ*987654321",
        "LX*1",
    ]
    for claim in range(CLAIMS_PER_SET):
        unit = claim % 90
        rows += [
            f"CLP*C{number}X{claim}*1*{300 + unit}*150*{20 + unit}*12*ICN{claim}*11*1",
            f"NM1*QC*1*DOE{claim % 977}*ANN****MI*M{claim:09d}",
            "NM1*82*1*ROE*SAM****XX*1234567893",
            "DTM*232*20261101",
            f"SVC*HC:99213:25*{200 + unit}*100**1",
            "DTM*472*20261101",
            "CAS*CO*45*80",
            f"CAS*PR*2*{20 + unit}",
            f"REF*6R*{claim}L1",
            "AMT*B6*120",
            "SVC*HC:36415*100*50**1",
            "DTM*472*20261101",
            "CAS*CO*45*50",
            f"REF*6R*{claim}L2",
            "LQ*HE*N130",
        ]
    rows.append(f"SE*{len(rows) + 1}*{number:04d}")
    return rows


def make_claims(number: int) -> list[str]:
    """One 837P ST: 2,000 claims of three lines, one subscriber each."""
    rows = [
        f"ST*837*{number:04d}*005010X222A1",
        f"BHT*0019*00*{number}*20261120*1405*CH",
        "NM1*41*2*CLINIC*****46*C1",
        "PER*IC*BO*TE*5555550100",
        "NM1*40*2*CLEARING*****46*R1",
        "HL*1**20*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "N3*1 ROAD",
        "N4*TOWN*IL*627010001",
        "REF*EI*123456789",
    ]
    for claim in range(CLAIMS_PER_SET):
        rows += [
            f"HL*{claim + 2}*1*22*0",
            "SBR*P*18*******CI",
            f"NM1*IL*1*DOE{claim % 977}*ANN****MI*M{claim:09d}",
            f"N3*{claim} ROAD",
            "N4*TOWN*IL*62701",
            "DMG*D8*19700101*F",
            "NM1*PR*2*PLAN*****PI*60054",
            f"CLM*C{number}X{claim}*{225 + claim % 90}***11:B:1*Y*A*Y*Y",
            "HI*ABK:J069*ABF:E119",
            "NM1*82*1*ROE*SAM****XX*1234567893",
        ]
        for line, (code, charge) in enumerate((("99213:25", 100 + claim % 90), ("36415", 75), ("G0008", 50)), 1):
            rows += [f"LX*{line}", f"SV1*HC:{code}*{charge}*UN*1***1", "DTP*472*D8*20261101", f"REF*6R*{claim}L{line}"]
    rows.append(f"SE*{len(rows) + 1}*{number:04d}")
    return rows


def write_file(kind: str, megabytes: float, path: Path) -> int:
    """Writes whole sets until the size is reached; returns the number of segments."""
    make, code, version = (
        (make_remittance, "HP", "005010X221A1") if kind == "835" else (make_claims, "HC", "005010X222A1")
    )
    segments, number = 4, 0
    with path.open("w") as file:
        written = file.write(f"{ISA}GS*{code}*PAYER*CLINIC*20261120*1405*1*X*{version}~")
        while written < megabytes * 1_000_000:
            number += 1
            rows = make(number)
            written += file.write("~".join(rows) + "~")
            segments += len(rows)
        file.write(f"GE*{number}*1~IEA*1*000000001~")
    return segments


if __name__ == "__main__":
    print(write_file(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
