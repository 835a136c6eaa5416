"""Rule files: read strictly, refused with file, rule and field."""

import re
from pathlib import Path

import pytest

from connectors.payer_rules import NO_RULES, PayerRuleError, load_payer_rules
from processors.coding.payer_rules import check_rules
from schemas.payer_rules import RuleConditions

GOOD = """
[[rule]]
id = "acme-physio-units"
action = "warn"
message = "ACME pays at most 4 units of physiotherapy a day."
remedy = "Ask for an exception, or split the plan of care."
effective_from = 2026-01-01
when = { payers = ["ACME"], codes = ["97010-97799"], units_above = 4 }
matches = [{ payer = "ACME", code = "97110", units = 5 }]
misses = [{ payer = "ACME", code = "97110", units = 4 }, { payer = "OTHER", code = "97110", units = 5 }]
"""


def test_a_folder_of_rules_is_one_pack_with_a_version(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(GOOD.replace("acme-physio-units", "another"))
    (tmp_path / "a.toml").write_text(GOOD)

    pack = load_payer_rules(tmp_path)

    assert [rule.id for rule in pack.rules] == ["acme-physio-units", "another"]
    assert check_rules(pack) == ()
    (tmp_path / "a.toml").write_text(GOOD + "# one word more is a new version\n")
    assert load_payer_rules(tmp_path).version != pack.version


def test_no_folder_means_no_rules(tmp_path: Path) -> None:
    assert load_payer_rules(tmp_path / "rules") == NO_RULES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[rule]", "a.toml: not TOML"),
        ("[rule]\nid = 'x'", "holds .*rule.* tables and nothing else"),
        (GOOD + "[other]\n", "nothing else"),
        (GOOD + GOOD, "rule acme-physio-units: the id stands twice"),
        (GOOD.replace('"warn"', '"skip"'), "a.toml, rule acme-physio-units, action"),
        (GOOD.replace("units_above = 4", "unit_above = 4"), "rule acme-physio-units, when.unit_above: Extra inputs"),
        (GOOD.replace("2026-01-01", '"soon"'), "effective_from"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.toml").write_text(text)

    with pytest.raises(PayerRuleError, match=why):
        load_payer_rules(tmp_path)


def test_the_rules_of_the_page_are_read_and_agree_with_their_examples(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "payer-rules.md").read_text()
    (tmp_path / "page.toml").write_text(page.split("```toml\n", 1)[1].split("```", 1)[0])
    pack = load_payer_rules(tmp_path)

    assert len(pack.rules) == 2
    assert check_rules(pack) == ()
    named = set(re.findall(r"`([a-z_]+)`", page.split("| condition |", 1)[1].split("\n\n", 1)[0]))
    assert named == set(RuleConditions.model_fields)
