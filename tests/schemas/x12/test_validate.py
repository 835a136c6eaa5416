"""What validation finds: a table of mutations of sound files, each found at its place, beside what two others find."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from schemas.x12.validate import validate

Wrap = Callable[..., bytes]
Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]
CLAIM_FILE = (
    "BHT*0019*00*77*20261120*1405*CH",
    "NM1*41*2*CLINIC*****46*C1",
    "PER*IC*BO*TE*5555550100",
    "NM1*40*2*CLEARING*****46*R1",
    "HL*1**20*1",
    "PRV*BI*PXC*207Q00000X",
    "NM1*85*2*CLINIC*****XX*1234567893",
    "N3*1 ROAD",
    "N4*TOWN*IL*627010001",
    "REF*EI*123456789",
    "HL*2*1*22*0",
    "SBR*P*18*******CI",
    "NM1*IL*1*DOE*ANN****MI*M1",
    "N3*2 ROAD",
    "N4*TOWN*IL*62701",
    "DMG*D8*19700101*F",
    "NM1*PR*2*PLAN*****PI*60054",
    "CLM*ABC*150***11:B:1*Y*A*Y*Y",
    "HI*ABK:J069*ABF:E119",
    "NM1*82*1*ROE*SAM****XX*1234567893",
    "LX*1",
    "SV1*HC:99213:25*100*UN*1***1:2",
    "DTP*472*D8*20261101",
    "REF*6R*L1",
    "LX*2",
    "SV1*HC:G0008*50*UN*1***1",
    "DTP*472*D8*20261101",
    "REF*6R*L2",
)
REMITTANCE_FILE = (
    "BPR*I*150*C*ACH*CCP*01*111000025*DA*33*1512345678**01*111000025*DA*44*20261120",
    "TRN*1*EFT1*1512345678",
    "DTM*405*20261119",
    "N1*PR*PLAN",
    "N3*1 ROAD",
    "N4*TOWN*IL*62701",
    "PER*BL*HELP*TE*5555550100",
    "N1*PE*CLINIC*XX*1234567893",
    "REF*TJ*987654321",
    "LX*1",
    "CLP*ABC*1*200*150*20*12*ICN1*11*1",
    "CAS*CO*45*10",
    "NM1*QC*1*DOE*ANN",
    "SVC*HC:99213*200*160**1",
    "DTM*472*20261101",
    "CAS*PR*2*20",
    "CAS*CO*253*20",
)


@dataclass(frozen=True)
class Mutation:
    """One fault: `right` becomes `wrong`; we find `code` at `element`. `others`: p = pyx12 finds it too, x = x12sdk."""

    name: str
    file: str
    right: str
    wrong: str
    code: str
    element: str
    others: str


MUTATIONS = (
    Mutation("wrong segment count", "837", "SE*30*", "SE*31*", "x12_segment_count", "SE01", "px"),
    Mutation("SE02 is not ST02", "837", "SE*30*0001", "SE*30*0002", "x12_set_control_number", "SE02", "p"),
    Mutation("IEA02 is not ISA13", "837", "IEA*1*000000001", "IEA*1*000000002", "x12_iea_control_number", "IEA02", "p"),
    Mutation("bad place of service", "837", "11:B:1", "88:B:1", "claim_place_of_service", "CLM05-1", "p"),
    Mutation("claim total is not its lines", "837", "CLM*ABC*150", "CLM*ABC*151", "claim_total", "CLM02", "x"),
    Mutation(
        "missing filing indicator", "837", "SBR*P*18*******CI", "SBR*P*18", "claim_filing_indicator", "SBR09", "x"
    ),
    Mutation("pointer to no diagnosis", "837", "***1:2", "***1:3", "claim_pointer", "SV107-2", ""),
    Mutation("replacement without reference", "837", "11:B:1", "11:B:7", "claim_original_reference", "CLM05-3", ""),
    Mutation("bad NPI", "837", "SAM****XX*1234567893", "SAM****XX*1234567890", "npi", "NM109", ""),
    Mutation(
        "wrong date qualifier",
        "837",
        "DTP*472*D8*20261101~REF*6R*L1",
        "DTP*435*D8*20261101~REF*6R*L1",
        "x12_qualifier",
        "DTP01",
        "px",
    ),
    Mutation("no service date", "837", "DTP*472*D8*20261101~REF*6R*L1~", "REF*6R*L1~", "x12_segment_missing", "", "px"),
    Mutation("missing billing address", "837", "N3*1 ROAD~", "", "x12_segment_missing", "", "px"),
    Mutation("HL without parent", "837", "HL*2*1*22", "HL*2*9*22", "x12_hl_parent", "HL02", "px"),
    Mutation("charge that is no number", "837", "UN*1***1:2", "UN*1O***1:2", "x12_type", "SV104", "px"),
    Mutation("unknown assignment code", "837", "*Y*A*Y*Y", "*Y*Q*Y*Y", "x12_code", "CLM07", "px"),
    Mutation("line number used twice", "837", "REF*6R*L2", "REF*6R*L1", "claim_line_number", "REF02", ""),
    Mutation(
        "impossible service date",
        "837",
        "DTP*472*D8*20261101~REF*6R*L1",
        "DTP*472*D8*20261131~REF*6R*L1",
        "x12_date",
        "DTP03",
        "px",
    ),
    Mutation("invalid group code", "835", "CAS*CO*253", "CAS*CR*253", "x12_code", "CAS01", "px"),
    Mutation("wrong payment amount", "835", "BPR*I*150", "BPR*I*150.01", "x12_balance", "BPR02", ""),
    Mutation(
        "line off by a cent", "835", "SVC*HC:99213*200*160", "SVC*HC:99213*200*159.99", "x12_balance", "SVC03", ""
    ),
    Mutation("claim off by a cent", "835", "CAS*CO*45*10", "CAS*CO*45*10.01", "x12_balance", "CLP04", "x"),
    Mutation("impossible date", "835", "DTM*472*20261101", "DTM*472*20261131", "x12_date", "DTM02", "p"),
    Mutation("trace number missing", "835", "TRN*1*EFT1*1512345678~", "", "x12_segment_missing", "", "px"),
)


@pytest.fixture
def sound(wrap: Wrap) -> dict[str, bytes]:
    return {
        "837": wrap(*CLAIM_FILE, set_id="837", version="005010X222A1", code="HC").replace(b"*0*T*", b"*0*P*"),
        "835": wrap(*REMITTANCE_FILE).replace(b"*0*T*", b"*0*P*"),
    }


def test_the_sound_files_are_clean_to_us_and_to_pyx12(
    sound: dict[str, bytes], judge: Callable[[bytes], list[str]]
) -> None:
    for data in sound.values():
        assert validate(data, strict=True) == []
        assert judge(data) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_mutation_is_found_at_its_place(
    sound: dict[str, bytes], judge: Callable[[bytes], list[str]], mutation: Mutation
) -> None:
    right, wrong = mutation.right.encode(), mutation.wrong.encode()
    data = sound[mutation.file]
    assert right in data
    mutated = data.replace(right, wrong, 1)
    findings = [f for f in validate(mutated) if f.code == mutation.code]
    assert [f.element for f in findings] == [mutation.element]
    (finding,) = findings
    assert finding.severity == "error" and finding.remedy and finding.owner
    if mutation.element:
        segment = mutated.split(b"~")[finding.segment_index - 1].decode()
        assert segment.startswith(finding.segment_id)
        assert mutated[finding.offset :].startswith(segment.encode())
    if mutation.wrong:
        assert finding.segment_index - 1 in range(mutated.count(b"~"))
    assert bool(judge(mutated)) == ("p" in mutation.others)
    assert is_refused_by_x12sdk(mutated) == ("x" in mutation.others)


def is_refused_by_x12sdk(data: bytes) -> bool:
    from pydantic import ValidationError
    from x12sdk.io import X12ModelReader

    try:
        with X12ModelReader(data.decode()) as reader:
            return not list(reader.models())
    except ValidationError:
        return True


def test_values_that_may_identify_a_patient_are_masked(sound: dict[str, bytes]) -> None:
    data = sound["837"].replace(b"DMG*D8*19700101", b"DMG*D8*1970010155555555555555555555555555555")
    findings = validate(data)
    assert {finding.element for finding in findings} == {"DMG02"} and "1970" not in repr(findings)


def test_severity_follows_the_usage_indicator(sound: dict[str, bytes]) -> None:
    bad = sound["837"].replace(b"SAM****XX*1234567893", b"SAM****XX*1234567890")
    assert [f.severity for f in validate(bad)] == ["error"]
    test_file = bad.replace(b"*0*P*", b"*0*T*")
    assert [f.severity for f in validate(test_file)] == ["warning"]
    assert [f.severity for f in validate(test_file, strict=True)] == ["error"]


def test_a_file_that_is_not_x12_is_one_finding() -> None:
    (finding,) = validate(b"hello")
    assert (finding.code, finding.severity) == ("x12_not_x12", "error")


def test_prior_payers_must_explain_the_charge(sound: dict[str, bytes]) -> None:
    other = b"SBR*P*18*******CI~CAS*CO*45*30~AMT*D*120~OI***Y***Y~NM1*IL*1*DOE*ANN****MI*M2~NM1*PR*2*FIRST*****PI*F1~"
    other += b"DTP*573*D8*20261110~"
    data = (
        sound["837"]
        .replace(b"LX*1~", other + b"LX*1~")
        .replace(b"SE*30", b"SE*37")
        .replace(b"SBR*P*18*******CI~N", b"SBR*S*18*******CI~N", 1)
    )
    assert [f.code for f in validate(data)] == []
    wrong = data.replace(b"AMT*D*120", b"AMT*D*119")
    assert [(f.code, f.loop) for f in validate(wrong)] == [("claim_cob_balance", "2320")]


def test_every_sample_is_judged_without_an_exception(samples: Samples) -> None:
    for path, data, _ in samples():
        for finding in validate(data):
            assert finding.code and finding.where and finding.what, path


def test_findings_are_bounded(sound: dict[str, bytes]) -> None:
    data = sound["837"].replace(b"LX*1~", b"ZZZ*1~" * 20_000 + b"LX*1~")
    assert len(validate(data)) == 10_000
