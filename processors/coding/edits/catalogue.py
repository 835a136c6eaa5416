"""The catalogue of edits as a page: what `docs/edits.md` holds, held to the edits by a test."""

from processors.coding.edits import GROUPS, list_edits
from processors.coding.edits.case import Edit
from processors.coding.edits.severity import WARN_IN_TESTS
from processors.payers.kinds import ALL_PAYERS, PayerKind

INTRODUCTION = f"""# Coding edits

Every rule by which an encounter is judged before it becomes a claim. `hold` waits for its owner, `warn` goes on and
somebody should look. `hold (policy)` is a payer's policy: it is mended, or released by a role that may, with a reason
(`revcycle override`); what else holds cannot be written or lacks something, and is mended alone.

An edit whose code set is not loaded is not checked; `revcycle status` and `revcycle doctor` say so once for each set.
`judges` says whose claims are meant, by the claim filing indicator (SBR09) of the coverage that pays first;
`payer_edits.csv` says otherwise of one payer or indicator ([Tables](encounters.md#tables)).
In a test installation (ISA15 = T) these warn instead of holding:
{", ".join(f"`{code}`" for code in sorted(WARN_IN_TESTS))}.

This page is written from the code by `python -m streams.catalogue`, and a test holds it to it.
"""
_HEADING = "| edit | severity | owner | finding | remedy | source | judges | needs |\n" + "| --- " * 8 + "|"


def render_catalogue() -> str:
    """The page, one section a group of edits, one table row an edit."""
    needs = {edit.id: sets for edit, sets in list_edits()}
    parts = [INTRODUCTION]
    seen: set[str] = set()
    for group in GROUPS:
        title = (group.__doc__ or "").split("\n", 1)[0]
        rows = []
        for check in group.CHECKS:
            for edit in check.edits:
                if edit.id not in seen:
                    seen.add(edit.id)
                    sets = ", ".join(needs[edit.id]) or "-"
                    payers = _name_payers(edit.payers)
                    cells = (
                        f"`{edit.id}`",
                        _name_class(edit),
                        edit.owner,
                        edit.message,
                        edit.remedy,
                        edit.citation,
                        payers,
                        sets,
                    )
                    rows.append("| " + " | ".join(_to_cell(cell) for cell in cells) + " |")
        parts.append(f"## {title}\n\n{_HEADING}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _name_class(edit: Edit) -> str:
    return f"{edit.severity} (policy)" if edit.is_policy else edit.severity


def _name_payers(payers: frozenset[PayerKind]) -> str:
    """Whose claims an edit judges; the shorter of the list and what is left out of it."""
    others = ALL_PAYERS - payers
    if not others:
        return "all"
    named = payers if len(payers) <= len(others) else others
    return ("" if named is payers else "all but ") + ", ".join(sorted(named)).replace("_", " ")


class _Placeholders(dict[str, str]):
    """Stands for the facts of a breach: each one shows as its name."""

    def __missing__(self, name: str) -> str:
        return f"`{name}`"


def _to_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").format_map(_Placeholders())
