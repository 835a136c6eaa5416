"""The folder of payer rules that billers own: TOML files, read strictly, refused whole with the place of a mistake."""

import hashlib
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.config_files import TOML_BYTES_MAX, list_config, parse_toml, read_config
from connectors.files import show_name
from schemas.errors import ConfigurationError
from schemas.payer_rules import PayerRule, RulePack

SUFFIX = ".toml"
NO_RULES = RulePack(version="none")


class PayerRuleError(ConfigurationError):
    """A rule file that cannot be used: file, rule, field, why. The rules in use stay as they were."""


def stamp_payer_rules(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells that a folder of rules changed, without reading it: names, times and sizes of its files.

    What cannot be looked at has a stamp too: reading it says why.
    """
    try:
        return tuple(_stamp_file(path) for path in list_config(folder, SUFFIX))
    except ConfigurationError as error:
        return ((str(error), 0, 0),)


def _stamp_file(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError as error:
        return (path.name, 0, error.errno or 0)
    return (path.name, state.st_mtime_ns, state.st_size)


class WatchedRules:
    """A folder of rules, and how it stood at the last look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = stamp_payer_rules(folder)

    def read_change(self) -> RulePack | None:
        """The rules, when a file has changed since the last look; raises ConfigurationError, once for each change."""
        stamp = stamp_payer_rules(self.folder)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return load_payer_rules(self.folder)


def load_payer_rules(folder: Path) -> RulePack:
    """Every `[[rule]]` of every `*.toml` file in a folder, in the order of their ids; no folder means no rules.

    Raises PayerRuleError for a file that is no TOML, a field that is wrong or unknown, or an id that stands twice, and
    ConfigurationError for what cannot be read. Hidden names are left alone.
    """
    paths = list_config(folder, SUFFIX)
    if not paths:
        return NO_RULES
    digest = hashlib.sha256()
    rules: dict[str, PayerRule] = {}
    for path in paths:
        data = read_config(path, TOML_BYTES_MAX)
        if data is None:
            continue  # removed since the folder was listed
        name = show_name(Path(path.name))
        digest.update(os.fsencode(path.name) + b"\0" + data + b"\0")
        for rule in _read_rules(name, data):
            if rule.id in rules:
                raise PayerRuleError(f"{name}, rule {rule.id}: the id stands twice; give each rule its own")
            rules[rule.id] = rule
    return RulePack(version=digest.hexdigest(), rules=tuple(rules[rule_id] for rule_id in sorted(rules)))


def _read_rules(name: str, data: bytes) -> list[PayerRule]:
    try:
        document = parse_toml(data, parse_float=str)
    except ValueError as error:
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
