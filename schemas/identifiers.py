"""Identifiers: NPI, account key, patient control number, claim and encounter ids, event ids."""

import base64
import hashlib
import hmac
import re
import uuid
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# Event ids are uuid5 under this namespace; it never changes, or every identity in every topic would.
NAMESPACE = uuid.UUID("6f1b0d0e-6f0c-5d6b-9a53-2f7c1f3b8f10")
ACCOUNT_KEY = re.compile(r"[A-Z2-7]{10}")
# Account, encounter and split, version; then S, T, A ... (SBR01) for a payer after the first, and V for a void.
PATIENT_CONTROL_NUMBER = re.compile(r"[A-Z2-7]{16}[0-9]{2}[STA-H]?V?")


@lru_cache(maxsize=20_000)  # the same few providers stand on every encounter
def is_valid_npi(npi: str) -> bool:
    """Ten digits, first 1 or 2, Luhn over 80840 + NPI (45 CFR 162.406; CMS NPI check digit). 1234567893 is valid."""
    if len(npi) != 10 or not npi.isascii() or not npi.isdigit() or npi[0] not in "12":
        return False
    total = 24  # the Luhn sum of the prefix 80840
    for place, digit in enumerate(map(int, npi)):
        if place % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def _require_npi(npi: str) -> str:
    if not is_valid_npi(npi):
        raise ValueError("not an NPI: ten digits beginning with 1 or 2 whose check digit agrees")
    return npi


Npi = Annotated[str, AfterValidator(_require_npi)]
AccountKey = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{10}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _base32(key: bytes, text: str, length: int) -> str:
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:length]


def make_account_key(secret: bytes, source_system: str, patient_id: str) -> str:
    """The patient at this organisation, opaque: 10 base32 characters of HMAC(secret, source system + patient id)."""
    return _base32(secret, f"account\x1f{source_system}\x1f{patient_id}", 10)


def make_unknown_key(secret: bytes, patient_control_number: str) -> str:
    """The partition key of a CLP01 that is not one of our patient control numbers."""
    return _base32(secret, f"unknown\x1f{patient_control_number}", 10)


def account_key_of(patient_control_number: str) -> str | None:
    """The account key inside one of our own patient control numbers, or None for a foreign one."""
    if PATIENT_CONTROL_NUMBER.fullmatch(patient_control_number):
        return patient_control_number[:10]
    return None


def make_patient_control_number(account_key: str, encounter_id: str, claim_index: int, version: int) -> str:
    """CLM01, 18 of the 20 characters allowed (RFI 525): account key + 6 for encounter and split + 2-digit version."""
    return number_version(account_key + _base32(b"claim", f"{encounter_id}\x1f{claim_index}", 6), version)


def number_version(claim_id: str, version: int) -> str:
    """The patient control number of one version of a claim, whichever payer it goes to."""
    if not 1 <= version <= 99:
        raise ValueError("a claim has at most 99 versions")
    return f"{claim_id[:16]}{version:02d}{claim_id[16:]}"


def claim_id_of(patient_control_number: str) -> str:
    """One of our numbers without its version: the claim to one payer (16 characters for the first, 17 after it)."""
    return patient_control_number[:16] + patient_control_number[18:].rstrip("V")


def billed_id_of(number: str) -> str:
    """What all payers of the same lines share, whatever the version: the first payer's claim id, and the ledger's."""
    return number[:16]


def list_claim_ids(patient_control_number: str) -> tuple[str, ...]:
    """The claims that one of our numbers speaks of: the one to its payer, and the first payer's; none of a foreign
    number."""
    if not PATIENT_CONTROL_NUMBER.fullmatch(patient_control_number):
        return ()
    return tuple(dict.fromkeys((claim_id_of(patient_control_number), billed_id_of(patient_control_number))))


def make_encounter_id(source_system: str, source_id: str) -> str:
    """Our id of an encounter: the same for every version that the EHR sends."""
    return str(uuid.uuid5(NAMESPACE, f"encounter\x1f{source_system}\x1f{source_id}"))


def make_id(*parts: str | int) -> str:
    """A business identity as uuid5: the same parts give the same id, today and in any replay."""
    # As str(uuid.uuid5(NAMESPACE, ...)) gives it, in a quarter of the time: every event and entry has one.
    text = "\x1f".join(map(str, parts))
    digest = hashlib.sha1(NAMESPACE.bytes + text.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def sha256_hex(data: bytes) -> str:
    """The name of a document in the archive."""
    return hashlib.sha256(data).hexdigest()
