"""The folder of payer rules that billers own: TOML files, read strictly, refused whole with the place of a mistake."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.errors import ConfigurationError
from schemas.payer_rules import PayerRule, RulePack

FILE_BYTES_MAX = 1_000_000
NO_RULES = RulePack(version="none")


class PayerRuleError(ConfigurationError):
    """A rule file that cannot be used: file, rule, field, why. The rules in use stay as they were."""


def stamp_payer_rules(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells that a folder of rules changed, without reading it: names, times and sizes of its files."""
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.toml")))


class WatchedRules:
    """A folder of rules, and how it stood at the last look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = stamp_payer_rules(folder)

    def read_change(self) -> RulePack | None:
        """The rules, when a file has changed since the last look; raises PayerRuleError, once for each change."""
        stamp = stamp_payer_rules(self.folder)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return load_payer_rules(self.folder)


def load_payer_rules(folder: Path) -> RulePack:
    """Every `[[rule]]` of every `*.toml` file in a folder, in the order of their ids; no folder means no rules.

    Raises PayerRuleError for a file that is no TOML, a field that is wrong or unknown, or an id that stands twice.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        return NO_RULES
    digest = hashlib.sha256()
    rules: dict[str, PayerRule] = {}
    for path in paths:
        data = path.read_bytes()
        if len(data) > FILE_BYTES_MAX:
            raise PayerRuleError(f"{path.name}: more than {FILE_BYTES_MAX:,} bytes; split it")
        digest.update(path.name.encode() + b"\0" + data + b"\0")
        for rule in _read_rules(path.name, data):
            if rule.id in rules:
                raise PayerRuleError(f"{path.name}, rule {rule.id}: the id stands twice; give each rule its own")
            rules[rule.id] = rule
    return RulePack(version=digest.hexdigest(), rules=tuple(rules[rule_id] for rule_id in sorted(rules)))


def _read_rules(name: str, data: bytes) -> list[PayerRule]:
    try:
        document = tomllib.loads(data.decode("utf-8"), parse_float=str)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayerRuleError(f"{name}: not TOML in UTF-8 ({error})") from error
    tables = document.get("rule")
    if set(document) != {"rule"} or not isinstance(tables, list):
        raise PayerRuleError(f"{name}: a rule file holds [[rule]] tables and nothing else")
    return [_read_rule(name, number, table) for number, table in enumerate(tables, 1)]


def _read_rule(name: str, number: int, table: Any) -> PayerRule:
    try:
        return PayerRule.model_validate(table, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "the rule"
        title = table.get("id", number) if isinstance(table, dict) else number
        raise PayerRuleError(f"{name}, rule {title}, {field}: {first['msg']}") from error
