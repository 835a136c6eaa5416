"""Whether an answer is meant for us: to our names, from a partner of ours, no test, and as money for our providers.

An 835 of a stranger, for another payee, or of a payer that tries its files out, is held before a cent of it moves; a
TA1, 999, 277CA or 277 is refused before it says anything about a claim. What the installation does not name is not
judged: a test installation takes the practice payer's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.base import Frozen
from schemas.events import InterchangeBuilt
from schemas.findings import Finding
from schemas.reference import Installation, Submitter
from schemas.x12.headers import Addressing
from schemas.x12.x835_005010x221a1 import RemittanceHeader

NOT_FOR_US = "answer_not_for_us"
TEST = "T"


class SentPayees(Frozen):
    """The billing providers of the claims that were sent: their money is ours."""

    npis: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mismatch:
    """The identifier that is not ours: its element, and what it says."""

    where: str
    what: str


def note_payees(known: SentPayees, built: InterchangeBuilt) -> SentPayees:
    """With the billing providers of one more interchange."""
    providers = [item.claim.billing_provider for item in built.claims]
    npis = {provider.npi for provider in providers if provider.npi}
    tax_ids = {_plain(provider.tax_id) for provider in providers if provider.tax_id}
    return SentPayees(npis=tuple(sorted(npis.union(known.npis))), tax_ids=tuple(sorted(tax_ids.union(known.tax_ids))))


def find_envelope_mismatches(envelope: Addressing, installation: Installation) -> Iterator[Mismatch]:
    """What of ISA and GS says that a file is not for us. A test is answered as a test (X12 RFI 34): where our own files
    go out as tests, tests are taken."""
    submitter = installation.submitter
    takes_tests = installation.is_test or submitter.usage_indicator == TEST
    if envelope.usage_indicator == TEST and not takes_tests:
        yield Mismatch("ISA15", "it is marked as a test (ISA15 = T), and our own files are not")
    if installation.partners and envelope.sender_id not in (*installation.partners, submitter.receiver_id):
        yield Mismatch("ISA06", f"its sender {envelope.sender_id[:20]} is none of our partners")
    if submitter.sender_id == Submitter().sender_id:
        return
    ours = {submitter.sender_id, *_list_names(installation)}
    for element, receiver in (("ISA08", envelope.receiver_id), ("GS03", envelope.group_receiver)):
        if receiver and receiver not in ours:
            yield Mismatch(element, f"its receiver {receiver[:20]} is not us")


def find_payee_mismatches(
    payment: RemittanceHeader, installation: Installation, sent: SentPayees
) -> Iterator[Mismatch]:
    """What of N1*PE says that an 835 is another's money. Providers that the settings name are ours, and in production
    those of claims that were sent."""
    named = installation.billing_providers
    if installation.is_test and not named:
        return
    others = set(installation.known_as)
    npis = {provider.npi for provider in named if provider.npi}.union(sent.npis)
    tax_ids = {_plain(provider.tax_id) for provider in named if provider.tax_id}.union(sent.tax_ids)
    if npis and payment.payee_npi and payment.payee_npi not in npis | others:
        yield Mismatch("N1*PE", f"its payee's NPI {payment.payee_npi[:20]} is none of our billing providers'")
    if tax_ids and payment.payee_tax_id and _plain(payment.payee_tax_id) not in tax_ids | others:
        element = "N1*PE" if payment.payee_identifier_qualifier == "FI" else "REF*TJ"
        yield Mismatch(element, "its payee's tax id is none of our billing providers'")


def refuse_answer(envelope: Addressing, installation: Installation) -> Finding | None:
    """Why a TA1, 999, 277CA or 277 says nothing of our claims; None where it is for us."""
    mismatch = next(find_envelope_mismatches(envelope, installation), None)
    if mismatch is None:
        return None
    return Finding(
        code=NOT_FOR_US,
        severity="reject",
        owner="operations",
        where=mismatch.where,
        what=f"this answer is not for us: {mismatch.what}. Nothing of it was taken",
        remedy="find out who sent it and for whom; if it is ours after all, put its names into `partners` or "
        "`known_as` of revcycle.toml and give the file again",
    )


def _list_names(installation: Installation) -> Iterator[str]:
    yield from installation.known_as
    for provider in installation.billing_providers:
        yield from (provider.npi, _plain(provider.tax_id))


def _plain(tax_id: str) -> str:
    return tax_id.replace("-", "")
