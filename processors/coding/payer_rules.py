"""The user's payer rules on an encounter: hold, warn, or set a field; and the rules on their own examples.

A rule that cannot be decided or applied holds the claim: it is never skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from processors.coding.rule_conditions import Facts, judge_conditions
from schemas.encounter import CodedEncounter, CodedLine, Coverage
from schemas.findings import Finding, Severity
from schemas.payer_rules import PayerRule, RuleExample, RulePack, SetField

MODIFIERS_MAX = 4  # SV101-3 to SV101-6


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """The encounter with what the rules set, their findings, and the ids of the rules that applied."""

    encounter: CodedEncounter
    findings: tuple[Finding, ...]
    applied: tuple[str, ...]


def apply_payer_rules(encounter: CodedEncounter, pack: RulePack) -> RuleOutcome:
    """Every rule in force on each line's date, for the coverage that pays first. Order of rules: by id."""
    if not pack.rules or not encounter.coverages:
        return RuleOutcome(encounter, (), ())
    coverage = min(encounter.coverages, key=lambda cover: cover.priority)
    rules = sorted(pack.rules, key=lambda rule: rule.id)
    findings: list[Finding] = []
    applied: set[str] = set()
    lines = []
    for line in encounter.lines:
        facts = _facts_of(line, encounter, coverage)
        where = f"line {line.number} {line.code}"
        setting: list[PayerRule] = []
        for rule in rules:
            verdict = match_rule(rule, facts)
            if verdict is None:
                findings.append(_failed(rule, where, "the patient's age is not known"))
            elif verdict:
                applied.add(rule.id)
                if rule.action == "set":
                    setting.append(rule)
                else:
                    findings.append(_finding(rule, where, rule.action, rule.message))
        changed, failures = _set_fields(line, setting, where)
        findings.extend(failures)
        lines.append(changed)
    if tuple(lines) != encounter.lines:
        encounter = encounter.replace(lines=tuple(lines))
    return RuleOutcome(encounter, tuple(findings), tuple(sorted(applied)))


def match_rule(rule: PayerRule, facts: Facts) -> bool | None:
    """Whether a rule is in force and all its conditions hold; None when only an unknown age stands in the way."""
    if facts.on < rule.effective_from or (rule.effective_to is not None and facts.on > rule.effective_to):
        return False
    return judge_conditions(rule.when, facts)


def _set_fields(line: CodedLine, rules: list[PayerRule], where: str) -> tuple[CodedLine, list[Finding]]:
    """The line with every field that the rules set. Where two disagree, or there is no room, a hold instead."""
    failures: list[Finding] = []
    changes: dict[SetField, str] = {}
    disputed: set[SetField] = set()
    for rule in rules:
        for name, value in rule.set.items():
            if name == "modifier":
                if value in line.modifiers:
                    continue
                if len(line.modifiers) < MODIFIERS_MAX:
                    line = line.replace(modifiers=(*line.modifiers, value))
                else:
                    failures.append(_failed(rule, where, f"there is no room for modifier {value}"))
            elif changes.setdefault(name, value) != value:
                disputed.add(name)
                failures.append(_failed(rule, where, f"another rule sets {name} to {changes[name]}"))
    settled: dict[str, str] = {name: value for name, value in changes.items() if name not in disputed}
    return (line.replace(**settled) if settled else line), failures


def check_rules(pack: RulePack) -> tuple[Finding, ...]:
    """Each rule on its own examples, and rules that set one field to two values for the same line."""
    return tuple(_check_examples(pack)) + tuple(_find_conflicts(pack))


def _check_examples(pack: RulePack) -> Iterator[Finding]:
    for rule in pack.rules:
        for wanted, examples in ((True, rule.matches), (False, rule.misses)):
            for number, example in enumerate(examples, 1):
                if match_rule(rule, _facts_of_example(example, rule)) is not wanted:
                    kind = "matches" if wanted else "misses"
                    what = f"example {kind} {number} does {'not match' if wanted else 'match'} the rule"
                    yield _problem(
                        "payer_rule_example", f"{rule.id} {kind}[{number}]", what, "Correct rule or example."
                    )


def _find_conflicts(pack: RulePack) -> Iterator[Finding]:
    setting = [rule for rule in pack.rules if rule.action == "set"]
    for rule in setting:
        for number, example in enumerate(rule.matches, 1):
            facts = _facts_of_example(example, rule)
            for other in setting:
                disputed = [
                    name
                    for name in rule.set
                    if name != "modifier" and other.set.get(name) not in (None, rule.set[name])
                ]
                if other is not rule and disputed and match_rule(other, facts):
                    what = f"example matches {number} is also matched by {other.id}, which sets {disputed[0]} otherwise"
                    yield _problem("payer_rule_conflict", rule.id, what, "Narrow one of the two rules.")


def _facts_of(line: CodedLine, encounter: CodedEncounter, coverage: Coverage) -> Facts:
    renderer = line.rendering_provider or encounter.rendering_provider
    born = encounter.patient.birth_date
    on = line.service_date_from
    values = {
        "prior_authorization_number": encounter.prior_authorization_number,
        "clia_number": encounter.clia_number,
        "ndc": line.ndc,
        "referring_provider": encounter.referring_provider,
        "note": line.note,
    }
    pointed = (encounter.diagnoses[p - 1].code for p in line.diagnosis_pointers if 0 < p <= len(encounter.diagnoses))
    return Facts(
        on=on,
        payer=coverage.payer_id,
        plan=coverage.plan_name,
        filing_indicator=coverage.filing_indicator,
        code=line.code,
        modifiers=frozenset(line.modifiers),
        place=line.place_of_service or encounter.place_of_service,
        specialty=renderer.taxonomy if renderer else "",
        diagnoses=tuple(pointed),
        age=on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None,
        units=line.units,
        present=frozenset(name for name, value in values.items() if value),
    )


def _facts_of_example(example: RuleExample, rule: PayerRule) -> Facts:
    return Facts(
        on=example.on or rule.effective_from,
        payer=example.payer,
        plan=example.plan,
        filing_indicator=example.filing_indicator,
        code=example.code,
        modifiers=frozenset(example.modifiers),
        place=example.place,
        specialty=example.specialty,
        diagnoses=example.diagnoses,
        age=example.age,
        units=example.units,
        present=frozenset(example.present),
    )


def _finding(rule: PayerRule, where: str, severity: Severity, what: str) -> Finding:
    return Finding(
        code=f"payer_rule:{rule.id}", severity=severity, owner=rule.owner, where=where, what=what, remedy=rule.remedy,
        citation="payer rule of this installation",
    )  # fmt: skip


def _failed(rule: PayerRule, where: str, why: str) -> Finding:
    return Finding(
        code="payer_rule_failed", severity="hold", owner="biller", where=where,
        what=f"The payer rule {rule.id} could not be applied: {why}.",
        remedy="Complete the encounter, or correct the rule.", citation="payer rule of this installation",
    )  # fmt: skip


def _problem(code: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(code=code, severity="reject", owner="biller", where=where, what=what, remedy=remedy)
