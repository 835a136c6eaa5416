"""Which rules beyond the grammar hold for which kind of set."""

from schemas.x12.claim_rules import ClaimRules
from schemas.x12.claim_situations import SituationRules
from schemas.x12.remittance_rules import RemittanceRules
from schemas.x12.rules import IdentifierRules, LevelRules, Report, Rules

WITHOUT_LEVELS = ("835", "999")


def make_rules(kind: str, report: Report) -> tuple[Rules, ...]:
    """The rules of one set of this kind, each to be shown every segment of it."""
    rules: list[Rules] = [IdentifierRules(report)]
    if kind not in WITHOUT_LEVELS:
        rules.append(LevelRules(report))
    if kind in ("837P", "837I"):
        rules += [ClaimRules(report), SituationRules(report)]
    if kind == "835":
        rules.append(RemittanceRules(report))
    return tuple(rules)
