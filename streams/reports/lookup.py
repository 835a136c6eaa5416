"""What a person means by an id: one answer in every command.

A claim, encounter, account, work item, remittance or deposit is named by any of its ids (a claim also by a patient
control number of any version, an encounter by the EHR's id or a claim's), or by the beginning of one that nothing else
of its kind has. Ids are compared letter by letter: `%` and `_` are no wildcards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.stores.connection import Connection
from schemas.errors import RefusedError
from schemas.identifiers import PATIENT_CONTROL_NUMBER, billed_id_of, claim_id_of
from streams.installation import Asked

Kind = Literal["claim", "encounter", "account", "work item", "remittance", "deposit"]
PREFIX_MIN = 4  # characters: fewer name something by chance
ACCOUNTS = """(SELECT account_key FROM encounter UNION SELECT account_key FROM claim UNION
    SELECT substr(key, 9) FROM state WHERE step = 'patient_billing' AND key LIKE 'account:%' AND value IS NOT NULL)
    AS account"""
# Of each kind: where its ids stand, as (table, id, the column that is compared), and the command that shows them.
PLACES: dict[Kind, tuple[tuple[str, str, str], ...]] = {
    "claim": (("claim", "claim_id", "claim_id"), ("claim", "claim_id", "patient_control_number")),
    "encounter": (("encounter", "encounter_id", "encounter_id"), ("encounter", "encounter_id", "source_id")),
    "account": ((ACCOUNTS, "account_key", "account_key"),),
    "work item": (("work_item", "item_id", "item_id"),),
    "remittance": (("remittance", "remittance_id", "remittance_id"),),
    "deposit": (("deposit", "deposit_id", "deposit_id"),),
}
SHOWN_BY: dict[Kind, str] = {
    "claim": "`revcycle worklist` shows those that wait for somebody, `revcycle export --topic rcm.claim.v1` all",
    "encounter": "`revcycle worklist` shows encounters, and the EHR's own ids will do",
    "account": "`revcycle statements --dry-run` shows accounts",
    "work item": "`revcycle worklist` shows open ones, and `revcycle worklist --closed` the others",
    "remittance": "`revcycle deposits` shows those without money, `revcycle export --topic rcm.remittance.v1` all",
    "deposit": "`revcycle deposits` shows them",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What an id names."""

    kind: Kind
    id: str


def find(installation: Asked, wanted: str, *kinds: Kind) -> Found:
    """The one thing of these kinds that is meant. Raises RefusedError where there is none, or several."""
    connection = installation.store.connection
    wanted = wanted if wanted.isprintable() else ""  # no id holds another character, and Postgres takes no NUL
    for kind in kinds if wanted else ():
        if whole := _find_whole(connection, kind, wanted):
            return Found(kind, whole)
    begun = [Found(kind, found) for kind in kinds for found in _find_begun(connection, kind, wanted)]
    if len(begun) == 1:
        return begun[0]
    what = " or ".join(kinds)
    shown = "; ".join(SHOWN_BY[kind] for kind in kinds)
    typed = f"{what} {'begins with' if begun else 'has'} this id{_quote(wanted, kinds)}"
    raise RefusedError(f"more than one {typed}: give more of it" if begun else f"no {typed}: {shown}")


def find_claim(installation: Asked, wanted: str) -> str:
    """The id of one claim; an encounter stands for its only one. Raises RefusedError."""
    found = find(installation, wanted, "claim", "encounter")
    if found.kind == "claim":
        return found.id
    claims = list_claims(installation, found.id)
    if len(claims) != 1:
        which = f": name one of {', '.join(claims)}" if claims else ""
        raise RefusedError(f"the encounter has {len(claims) or 'no'} claims{which}")
    return claims[0]


def find_encounter_id(installation: Asked, wanted: str) -> str:
    """The id of one encounter; a claim stands for its own. Raises RefusedError."""
    found = find(installation, wanted, "encounter", "claim")
    if found.kind == "encounter":
        return found.id
    query = "SELECT encounter_id FROM claim WHERE claim_id = ?"
    (encounter_id,) = installation.store.connection.execute(query, (found.id,)).fetchone()
    if not encounter_id:
        raise RefusedError(f"claim {found.id} is of no encounter that was received: it was sent before this began")
    return str(encounter_id)


def list_claims(installation: Asked, encounter_id: str) -> list[str]:
    """The claims that an encounter was split into, each payer's its own."""
    query = "SELECT claim_id FROM claim WHERE encounter_id = ? ORDER BY claim_id"
    return [row[0] for row in installation.store.connection.execute(query, (encounter_id,))]


def _find_whole(connection: Connection, kind: Kind, wanted: str) -> str | None:
    named = [wanted]
    if kind == "claim" and PATIENT_CONTROL_NUMBER.fullmatch(wanted):
        named.append(claim_id_of(wanted))  # of a version that is not the newest
    for table, column, compared in PLACES[kind]:
        for name in named:
            query = f"SELECT {column} FROM {table} WHERE {compared} = ? LIMIT 2"
            rows = connection.execute(query, (name,)).fetchall()
            if len({row[0] for row in rows}) == 1:
                return str(rows[0][0])
    return None


def _find_begun(connection: Connection, kind: Kind, wanted: str) -> Sequence[str]:
    if len(wanted) < PREFIX_MIN:
        return ()
    found = sorted(set(_list_begun(connection, kind, wanted)))
    if kind == "claim" and len({billed_id_of(claim) for claim in found}) == 1:
        return found[:1]  # its claims to later payers begin alike
    return found


def _list_begun(connection: Connection, kind: Kind, wanted: str) -> Iterator[str]:
    for table, column, compared in PLACES[kind]:
        query = f"SELECT DISTINCT {column} FROM {table} WHERE substr({compared}, 1, ?) = ? LIMIT 20"
        yield from (row[0] for row in connection.execute(query, (len(wanted), wanted)))


def _quote(wanted: str, kinds: Sequence[Kind]) -> str:
    """What was typed; not where it may be an id of the EHR's."""
    return "" if "encounter" in kinds else f" ({wanted[:40]})"
