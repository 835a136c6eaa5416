"""Identifiers: NPI check digits, control numbers that give the account back, ids that never change."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.identifiers import (
    ACCOUNT_KEY,
    NAMESPACE,
    PATIENT_CONTROL_NUMBER,
    Npi,
    account_key_of,
    billed_id_of,
    claim_id_of,
    is_valid_npi,
    make_account_key,
    make_encounter_id,
    make_id,
    make_patient_control_number,
    make_unknown_key,
    number_version,
    sha256_hex,
)

SECRET = b"a secret of this test"
ACCOUNT = make_account_key(SECRET, "ehr", "patient-1")
texts = st.text(max_size=40)


@pytest.mark.parametrize("npi", ["1234567893", "1003000126", "2123456784"])
def test_an_npi_whose_check_digit_agrees_is_valid(npi: str) -> None:
    assert is_valid_npi(npi)


@pytest.mark.parametrize("last_digit", "012456789")
def test_every_other_check_digit_is_refused(last_digit: str) -> None:
    assert not is_valid_npi(f"123456789{last_digit}")


@pytest.mark.parametrize(
    "text",
    ["", "123456789", "12345678930", "3234567893", "1234S67893", "\uff11234567893", "1234567893 "],
)
def test_what_has_not_the_shape_of_an_npi_is_refused(text: str) -> None:
    assert not is_valid_npi(text)
    with pytest.raises(ValidationError, match="check digit"):
        TypeAdapter(Npi).validate_python(text)


@given(texts, texts, st.integers(1, 999), st.integers(1, 99))
def test_a_control_number_fits_clm01_and_gives_the_account_back(
    patient: str, encounter: str, claim_index: int, version: int
) -> None:
    account = make_account_key(SECRET, "ehr", patient)
    number = make_patient_control_number(account, encounter, claim_index, version)

    assert ACCOUNT_KEY.fullmatch(account)
    assert PATIENT_CONTROL_NUMBER.fullmatch(number) and len(number) == 18
    assert account_key_of(number) == account


def test_versions_of_a_claim_share_all_but_the_last_two_digits() -> None:
    first, second, split = (
        make_patient_control_number(ACCOUNT, "encounter", index, version) for index, version in [(1, 1), (1, 2), (2, 1)]
    )

    assert (first[:16], first[16:], second[16:]) == (second[:16], "01", "02")
    assert split[:16] != first[:16]


@pytest.mark.parametrize("version", [0, 100])
def test_a_claim_has_at_most_99_versions(version: int) -> None:
    with pytest.raises(ValueError, match="at most 99"):
        make_patient_control_number(ACCOUNT, "encounter", 1, version)


@pytest.mark.parametrize(
    "foreign", ["", "12345", "ABC", f"{ACCOUNT}ABCDEF", f"{ACCOUNT}ABCDEF011", f"{ACCOUNT}ABCDE101"]
)
def test_a_foreign_control_number_gives_no_account(foreign: str) -> None:
    assert account_key_of(foreign) is None
    assert ACCOUNT_KEY.fullmatch(make_unknown_key(SECRET, foreign))


def test_an_account_key_depends_on_secret_system_and_patient() -> None:
    keys = {
        ACCOUNT,
        make_account_key(b"the secret of another installation", "ehr", "patient-1"),
        make_account_key(SECRET, "other ehr", "patient-1"),
        make_account_key(SECRET, "ehr", "patient-2"),
        make_account_key(SECRET, "ehrpatient", "-1"),
        make_unknown_key(SECRET, "patient-1"),
    }

    assert len(keys) == 6
    assert not any("patient" in key.lower() for key in keys)


def test_ids_are_the_same_today_and_in_any_replay() -> None:
    """Frozen: were one of these to change, every id in every topic would be another."""
    assert make_id("rcm.encounter", "ehr", "1", "1") == "b4cad8db-2c96-56b8-8ee6-fe5c005b0876"
    assert make_encounter_id("ehr", "1") == "2eef17b2-8d68-5e60-a7ed-bfa392fbf69e"
    assert make_account_key(b"k", "ehr", "1") == "73IKLOUDOT"
    assert make_patient_control_number("A" * 10, "encounter", 1, 1) == "AAAAAAAAAAMZXSUA01"
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(texts | st.integers(), max_size=4))
def test_an_id_is_a_uuid_by_name(parts: list[str | int]) -> None:
    """RFC 9562, version 5."""
    assert make_id(*parts) == str(uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def test_parts_of_an_id_do_not_run_into_each_other() -> None:
    assert make_id("a", "bc") != make_id("ab", "c")


def test_a_later_payers_claim_and_a_void_keep_the_way_back() -> None:
    first = make_patient_control_number("A" * 10, "encounter", 1, 1)
    second = number_version(claim_id_of(first) + "S", 2)
    void = second + "V"

    assert len(void) == 20, "as long as a CLM01 may be (RFI 525)"
    for number in (first, second, void):
        assert account_key_of(number) == "A" * 10
        assert billed_id_of(number) == first[:16]
    assert (claim_id_of(second), claim_id_of(void)) == (first[:16] + "S", first[:16] + "S")
