"""Of every kind of document one that is good, and one that its sender should not have sent: all of it made up."""

import json

from connectors.demo import generate_encounters
from tests.connectors.fhir_shapes import bundle, encounter, item

ISA = b"ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*T*:~"
END = b"GE*1*1~IEA*1*000000001~"
STC = b"STC*A2:20:PR*20261120*WQ*100~"
HL7 = b"\r".join(
    [
        b"MSH|^~\\&|EHR|CLINIC|BILLING|OFFICE|20260401083000||DFT^P03|M77|P|2.5.1",
        b"PID|1||77^^^CLINIC^MR||Fallowdale^Brenna||19800229|F",
        b"PV1|1|O|||||||||||||||||V1",
        b"FT1|1|T1||20260331||CG|99213|||1||150.00|||||||I10^^I10||||||99213^visit^C4",
        b"",
    ]
)
FHIR = bundle(
    {"resourceType": "Patient", "id": "p", "name": [{"family": "Doe"}], "birthDate": "1980-01-01"},
    encounter(),
    {
        "resourceType": "Claim", "id": "c", "status": "active", "use": "claim", "patient": {"reference": "Patient/p"},
        "type": {"coding": [{"code": "professional"}]}, "item": [item()],
    },
)  # fmt: skip
BAI2 = (
    b"01,BANK,CLINIC,261118,0600,1,,,2/\n02,CLINIC,BANK,1,261117,,USD,2/\n03,123456789,USD/\n"
    b"16,142,125000,0,BR1,,LAKESHORE/\n49,125000,3/\n98,125000,1,5/\n99,125000,1,7/\n"
)
PAYMENTS = b"received_on,amount,reference,account_key\n2026-11-01,20.00,R1,ABCDEFGHIJ\n"


def _group(functional: bytes, guide: bytes, segments: bytes) -> bytes:
    """An interchange of one transaction set; `segments` are those between GS and GE."""
    return ISA + b"GS*" + functional + b"*PAYER*CLINIC*20261120*1405*1*X*" + guide + b"~" + segments + END


def _answer_claim(guide: bytes, functional: bytes = b"HN") -> bytes:
    levels = (
        b"HL*1**20*1~NM1*PR*2*PAYER*****PI*P1~HL*2*1*21*1~NM1*41*2*CLINIC*****46*C1~"
        b"HL*3*2*19*1~NM1*1P*2*CLINIC*****XX*1234567893~HL*4*3*PT~NM1*QC*1*DOE*JANE****MI*M1~TRN*2*PCN1~" + STC
    )
    head = b"ST*277*0001*" + guide + b"~BHT*0085*08*B1*20261120*1405*TH~"
    return _group(functional, guide, head + levels + b"SE*13*0001~")


EXAMPLES: dict[str, bytes] = {
    "835": _group(
        b"HP",
        b"005010X221A1",
        b"ST*835*0001~BPR*I*100*C*ACH************20261120~TRN*1*E1*1512345678~LX*1~"
        b"CLP*ABC*1*150*100*50*12*ICN1~CAS*PR*1*50~SE*7*0001~",
    ),
    "TA1": ISA + b"TA1*000000077*261119*0900*A*000~IEA*0*000000001~",
    "999": _group(b"FA", b"005010X231A1", b"ST*999*0001*005010X231A1~AK1*HC*77*005010X222A1~AK9*A*1*1*1~SE*4*0001~"),
    "277CA": _answer_claim(b"005010X214"),
    "277": _answer_claim(b"005010X212"),
    "hl7": HL7,
    "fhir": FHIR,
    "ndjson": b"".join(each.model_dump_json().encode() + b"\n" for each in generate_encounters(2, 1)),
    "BAI2": BAI2,
    "deposits": b"deposited_on,amount\n2026-11-01,5.00\n",
    "patient_payments": PAYMENTS,
}

HOSTILE: dict[str, bytes] = {
    "835": EXAMPLES["835"].replace(b"LX*1~", b"LX*1~N3*" + b"x" * 5000 + b"\0~"),
    "TA1": EXAMPLES["TA1"].replace(b"TA1*000000077", b"TA1*" + b"7" * 300),
    "999": EXAMPLES["999"].replace(b"AK1*HC*77", b"AK1*HC*" + b"7" * 300),
    "277CA": EXAMPLES["277CA"].replace(b"PCN1", b"\x1b[31m" * 20),
    "277": EXAMPLES["277"].replace(b"A2:20:PR", b"A2:" + b"\x07" * 300),
    "hl7": HL7.replace(b"MSH|^~\\&|", b"MSH|||||"),
    "fhir": FHIR.replace(b'"period"', b'"class": NaN, "period"'),
    "ndjson": b'{"a": {"b": ' + b"[" * 200 + b"]" * 200 + b"}}\n",
    "BAI2": BAI2.replace(b"16,142,125000", b"16,142,1e99"),
    "deposits": b"deposited_on,amount\n9999-12-31,5.00\n2026-11-01,NaN\n",
    "patient_payments": PAYMENTS.replace(b"20.00", b"50000000000000000.00"),
}

VISIT = json.loads(EXAMPLES["ndjson"].splitlines()[0])
