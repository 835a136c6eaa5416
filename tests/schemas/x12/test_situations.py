"""What the guides require in a situation (SNIP types 4 and 5): a sound claim or remittance, and what it then lacks."""

import datetime
from collections.abc import Callable

import pytest

from schemas.x12.acknowledge import acknowledge
from schemas.x12.validate import validate

Wrap = Callable[..., bytes]
ABOVE = (
    "BHT*0019*00*77*20261120*1405*CH", "NM1*41*2*CLINIC*****46*C1", "PER*IC*BO*TE*5555550100",
    "NM1*40*2*CLEARING*****46*R1", "HL*1**20*1", "NM1*85*2*CLINIC*****XX*1234567893", "N3*1 ROAD",
    "N4*TOWN*IL*627010001", "REF*EI*123456789", "HL*2*1*22*0",
)  # fmt: skip
PATIENT = ("NM1*IL*1*DOE*ANN****MI*M1", "N3*2 ROAD", "N4*TOWN*IL*62701", "DMG*D8*19700101*F")
PAYER = "NM1*PR*2*PLAN*****PI*60054"
PRIOR = (
    "SBR*P*18*******MB", "AMT*D*60", "OI***Y***Y", "NM1*IL*1*DOE*ANN****MI*M2", "NM1*PR*2*FIRST*****PI*F1",
)  # fmt: skip
DECIDED = ("SVD*F1*60*HC:99213**1", "CAS*CO*45*40", "DTP*573*D8*20261110")
LINE = ("LX*1", "SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20261101", "REF*6R*L1")
INPATIENT = (
    "CLM*ABC*100***11:A:1**A*Y*Y", "DTP*096*TM*1600", "DTP*434*RD8*20261101-20261104", "DTP*435*DT*202611010930",
    "CL1*1*1*01", "HI*ABK:I2109:::::::Y", "HI*ABJ:R079", "NM1*71*1*ROE*SAM****XX*1234567893", "LX*1",
    "SV2*0120**100*DA*1",
)  # fmt: skip


def professional(*claim: str, sbr: str = "SBR*P*18*******CI", subscriber: tuple[str, ...] = PATIENT) -> tuple[str, ...]:
    return (*ABOVE, sbr, *subscriber, PAYER, *claim)


def clm(place: str = "11", causes: str = "") -> tuple[str, ...]:
    return (f"CLM*ABC*100***{place}:B:1*Y*A*Y*Y{f'**{causes}' if causes else ''}",)


HI = ("HI*ABK:J069",)
SECONDARY = "SBR*S*18*******CI"
ACCIDENT, ADMITTED = ("DTP*439*D8*20261101",), ("DTP*435*D8*20261101",)
TRANSPORT = ("CR1*LB*150**A*DH*12",)
SOUND = {
    "office visit": professional(*clm(), *HI, *LINE),
    "car accident": professional(*clm(causes="AA:::IL"), *ACCIDENT, *HI, *LINE),
    "inpatient visit": professional(*clm("21"), *ADMITTED, *HI, *LINE),
    "ambulance": professional(*clm("41"), *TRANSPORT, *HI, *LINE),
    "secondary": professional(*clm(), *HI, *PRIOR, *LINE, *DECIDED, sbr=SECONDARY),
}
WITHOUT = [
    # What is left out or changed, from which claim; what is found, and where.
    ("office visit", "DMG*D8*19700101*F", "", "claim_patient_details", "2010BA", ""),
    ("office visit", "SBR*P*18", "SBR*P*", "claim_relationship", "2000B", "SBR02"),
    ("car accident", ACCIDENT[0], "", "claim_accident_date", "2300", "CLM11-1"),
    ("car accident", "AA:::IL", "AA", "claim_accident_state", "2300", "CLM11-4"),
    ("inpatient visit", ADMITTED[0], "", "claim_admission_date", "2300", "CLM05-1"),
    ("ambulance", TRANSPORT[0], "", "claim_ambulance", "2300", "CLM05-1"),
    ("secondary", DECIDED[2], "", "claim_adjudication_date", "2330B", ""),
    ("secondary", "SVD*F1*60", "SVD*F2*60", "claim_adjudication_payer", "2430", "SVD01"),
    ("secondary", "CAS*CO*45*40", "CAS*CO*45*39.99", "claim_line_cob_balance", "2400", "SV102"),
    ("office visit", "SBR*P*18", "SBR*S*18", "claim_other_payer", "2320", ""),
]


def wrap_claim(wrap: Wrap, segments: tuple[str, ...], version: str = "005010X222A1") -> bytes:
    return wrap(*segments, set_id="837", version=version, code="HC").replace(b"*0*T*", b"*0*P*")


def change(segments: tuple[str, ...], right: str, wrong: str) -> tuple[str, ...]:
    assert sum(right in segment for segment in segments) == 1
    return tuple(new for new in (segment.replace(right, wrong) for segment in segments) if new)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_claim_is_clean(wrap: Wrap, judge: Callable[[bytes], list[str]], name: str) -> None:
    data = wrap_claim(wrap, SOUND[name])
    assert validate(data, strict=True) == []
    assert judge(data) == []


@pytest.mark.parametrize(("name", "right", "wrong", "code", "loop", "element"), WITHOUT)
def test_what_a_situation_asks_for_is_missed(
    wrap: Wrap, name: str, right: str, wrong: str, code: str, loop: str, element: str
) -> None:
    data = wrap_claim(wrap, change(SOUND[name], right, wrong))
    found = [(f.code, f.loop, f.element, f.severity) for f in validate(data)]
    assert (code, loop, element, "error") in found, found


def test_such_a_claim_is_sent_back_by_the_277ca_and_the_other_stands(wrap: Wrap) -> None:
    second = tuple(segment.replace("*ABC*", "*DEF*") for segment in (*clm(), *HI, *LINE))
    data = wrap_claim(wrap, (*change(SOUND["car accident"], ACCIDENT[0], ""), *second))
    (batch,) = acknowledge(data, datetime.date(2026, 11, 20)).batches
    claims = batch.providers[0].claims
    assert [(claim.patient_control_number, claim.rejected) for claim in claims] == [("ABC", True), ("DEF", False)]


@pytest.mark.parametrize(
    ("right", "wrong", "code", "severity"),
    [
        ("DTP*435*DT*202611010930", "", "claim_admission_date", "error"),
        ("HI*ABJ:R079", "", "claim_admitting_diagnosis", "error"),
        ("NM1*71*1*ROE*SAM****XX*1234567893", "", "claim_attending_provider", "error"),
        ("DTP*096*TM*1600", "", "claim_discharge_hour", "warning"),
    ],
)
def test_an_inpatient_bill(wrap: Wrap, right: str, wrong: str, code: str, severity: str) -> None:
    segments = professional(*INPATIENT, sbr="SBR*P*18*******MA")
    assert validate(wrap_claim(wrap, segments, "005010X223A2"), strict=True) == []
    data = wrap_claim(wrap, change(segments, right, wrong), "005010X223A2")
    assert [(f.code, f.severity) for f in validate(data)] == [(code, severity)]


REMITTANCE = (
    "BPR*I*150*C*ACH*CCP*01*111000025*DA*33*1512345678**01*111000025*DA*44*20261120", "TRN*1*EFT1*1512345678",
    "DTM*405*20261119", "N1*PR*PLAN", "N3*1 ROAD", "N4*TOWN*IL*62701", "PER*BL*HELP*TE*5555550100",
    "N1*PE*CLINIC*XX*1234567893", "REF*TJ*987654321", "LX*1", "CLP*ABC*1*200*150*20*12*ICN1*11*1", "CAS*CO*45*30",
    "CAS*PR*2*20", "NM1*QC*1*DOE*ANN",
)  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "code", "severity", "element"),
    [
        ("*150*20*12", "*150*25*12", "remittance_patient_share", "warning", "CLP05"),
        ("*C*ACH*CCP", "*C*NON*", "remittance_payment_method", "error", "BPR04"),
        ("01*111000025*DA*33", "***", "remittance_bank_details", "warning", "BPR04"),
        ("XX*1234567893", "XX*1234567890", "npi", "error", "N104"),
    ],
)
def test_a_remittance(wrap: Wrap, right: str, wrong: str, code: str, severity: str, element: str) -> None:
    sound = wrap(*REMITTANCE).replace(b"*0*T*", b"*0*P*")
    assert validate(sound, strict=True) == []
    found = [(f.code, f.severity, f.element) for f in validate(sound.replace(right.encode(), wrong.encode(), 1))]
    assert (code, severity, element) in found, found


def test_a_reversal_owes_no_patient_share(wrap: Wrap) -> None:
    reversed_ = tuple(
        segment.replace("CLP*ABC*1*200*150*20", "CLP*ABC*22*-200*-150*")
        .replace("BPR*I*150", "BPR*I*-150")
        .replace("CAS*CO*45*30", "CAS*CO*45*-30")
        .replace("CAS*PR*2*20", "CAS*PR*2*-20")
        for segment in REMITTANCE
    )
    assert [f.code for f in validate(wrap(*reversed_))] == []
