"""Whom an answer is for: what the installation names is judged, and nothing else."""

from dataclasses import replace

import pytest

from processors.payers.addressing import SentPayees, find_envelope_mismatches, find_payee_mismatches, refuse_answer
from schemas.reference import BillingProvider, Installation, Submitter
from schemas.x12.headers import Addressing
from schemas.x12.x835_005010x221a1 import RemittanceHeader, RemittanceReference

OURS = Addressing("CLEARINGHOUSE", "OURCLINIC", "OURCLINIC", "P")
PRODUCTION = Installation(is_test=False, submitter=Submitter(sender_id="OURCLINIC", usage_indicator="P"))
PARTNERS = PRODUCTION.model_copy(update={"partners": ("PAYER1",)})
SENT = SentPayees(npis=("1234567893",), tax_ids=("990000001",))
NAMED = Installation(billing_providers=(BillingProvider(npi="1234567893", tax_id="99-0000001"),))
BY_NPI = RemittanceHeader(payee_identifier_qualifier="XX", payee_identifier="1234567893")
BY_TAX_ID = RemittanceHeader(payee_identifier_qualifier="FI", payee_identifier="99-0000001")
BY_PLAN = RemittanceHeader(payee_identifier_qualifier="XV", payee_identifier="ANYTHING")


def strangers(known: RemittanceHeader) -> tuple[RemittanceHeader, ...]:
    other = RemittanceReference("TJ", "123456789")
    return (
        replace(known, payee_identifier_qualifier="XX", payee_identifier="1999999984"),
        replace(known, payee_identifier_qualifier="FI", payee_identifier="123456789"),
        replace(known, payee_identifier_qualifier="XX", payee_identifier="1234567893", payee_references=(other,)),
    )


@pytest.mark.parametrize(
    ("envelope", "installation", "where"),
    [
        (OURS, PRODUCTION, []),
        (OURS, PARTNERS, []),
        (replace(OURS, sender_id="PAYER1", group_receiver=""), PARTNERS, []),
        (replace(OURS, sender_id="STRANGER"), PRODUCTION, []),
        (replace(OURS, sender_id="STRANGER"), PARTNERS, ["ISA06"]),
        (replace(OURS, receiver_id="ELSEWHERE"), PRODUCTION, ["ISA08"]),
        (replace(OURS, group_receiver="ELSEWHERE"), PRODUCTION, ["GS03"]),
        (replace(OURS, receiver_id="OLDNAME"), PRODUCTION.model_copy(update={"known_as": ("OLDNAME",)}), []),
        (replace(OURS, usage_indicator="T"), PRODUCTION, ["ISA15"]),
        (Addressing("ANYBODY", "ANYBODY", "ANYBODY", "T"), Installation(), []),
        (Addressing("ANYBODY", "ANYBODY", "ANYBODY", "P"), Installation(is_test=False), []),
    ],
)
def test_an_envelope_is_held_against_what_the_installation_names(
    envelope: Addressing, installation: Installation, where: list[str]
) -> None:
    assert [x.where for x in find_envelope_mismatches(envelope, installation)] == where
    refusal = refuse_answer(envelope, installation)
    assert [refusal.where] == where if refusal else not where


def test_tests_are_taken_where_our_own_files_go_out_as_tests() -> None:
    installation = Installation(is_test=False)
    assert installation.submitter.usage_indicator == "T"
    envelope = replace(OURS, usage_indicator="T")
    assert list(find_envelope_mismatches(envelope, installation)) == []
    assert refuse_answer(envelope, installation) is None


@pytest.mark.parametrize("installation", [NAMED, Installation(is_test=False), PRODUCTION])
@pytest.mark.parametrize("payment", [BY_NPI, BY_TAX_ID, BY_PLAN])
def test_a_payee_whom_we_bill_for_is_ours_by_npi_or_tax_id(
    payment: RemittanceHeader, installation: Installation
) -> None:
    assert list(find_payee_mismatches(payment, installation, SENT)) == []
    for other in strangers(payment):
        assert len(list(find_payee_mismatches(other, installation, SENT))) == 1
        known = installation.model_copy(update={"known_as": ("1999999984", "123456789")})
        assert list(find_payee_mismatches(other, known, SENT)) == []


def test_without_a_name_or_a_claim_sent_no_payee_is_judged() -> None:
    for payment in strangers(BY_NPI):
        assert list(find_payee_mismatches(payment, Installation(), SENT)) == []
        assert list(find_payee_mismatches(payment, PRODUCTION, SentPayees())) == []
