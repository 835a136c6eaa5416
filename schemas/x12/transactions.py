"""Every kind of transaction set that is read here: its guide's grammar, the rules beyond it, and its model.

A kind is one row; a test holds each to an example that its model reads and its rules judge.
"""

from collections.abc import Callable
from typing import NamedTuple

from schemas.x12.claim_rules import ClaimRules
from schemas.x12.claim_situations import SituationRules
from schemas.x12.documents import (
    Document,
    parse_277ca,
    parse_999,
    parse_eligibility,
    parse_institutional,
    parse_professional,
    parse_remittance,
    parse_status,
)
from schemas.x12.headers import TransactionSet
from schemas.x12.remittance_rules import RemittanceRules
from schemas.x12.rules import IdentifierRules, LevelRules, Report, Rules
from schemas.x12.x270_271_005010x279a1.grammar import GRAMMAR_270, GRAMMAR_271
from schemas.x12.x276_277_005010x212.grammar import GRAMMAR_276, GRAMMAR_277
from schemas.x12.x277ca_005010x214.grammar import GRAMMAR as GRAMMAR_277CA
from schemas.x12.x835_005010x221a1.grammar import GRAMMAR as GRAMMAR_835
from schemas.x12.x837i_005010x223a2.grammar import GRAMMAR as GRAMMAR_837I
from schemas.x12.x837p_005010x222a1.grammar import GRAMMAR as GRAMMAR_837P
from schemas.x12.x999_005010x231a1.grammar import GRAMMAR as GRAMMAR_999


class Transaction(NamedTuple):
    """One kind. `rules` are made for each set; `owner` is the team whose work its findings are."""

    grammar: str
    rules: tuple[Callable[[Report], Rules], ...]
    parse: Callable[[TransactionSet], Document]
    owner: str = "billing"


FLAT = (IdentifierRules,)
LEVELS = (*FLAT, LevelRules)
CLAIMS = (*LEVELS, ClaimRules, SituationRules)
TRANSACTIONS = {
    "835": Transaction(GRAMMAR_835, (*FLAT, RemittanceRules), parse_remittance, owner="payment_posting"),
    "837P": Transaction(GRAMMAR_837P, CLAIMS, parse_professional),
    "837I": Transaction(GRAMMAR_837I, CLAIMS, parse_institutional),
    "999": Transaction(GRAMMAR_999, FLAT, parse_999),
    "277CA": Transaction(GRAMMAR_277CA, LEVELS, parse_277ca),
    "270": Transaction(GRAMMAR_270, LEVELS, parse_eligibility),
    "271": Transaction(GRAMMAR_271, LEVELS, parse_eligibility),
    "276": Transaction(GRAMMAR_276, LEVELS, parse_status),
    "277": Transaction(GRAMMAR_277, LEVELS, parse_status),
}


def make_rules(kind: str, report: Report) -> tuple[Rules, ...]:
    """The rules of one set of this kind, each to be shown every segment of it."""
    return tuple(make(report) for make in TRANSACTIONS[kind].rules)
