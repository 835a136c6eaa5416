"""Who may correct, ask, answer and override: the roles of the installation, and its people where it names them."""

from schemas.events.coding import Act, EncounterAct
from schemas.person import find_name_fault
from schemas.reference import Installation


def find_refusal(act: EncounterAct, installation: Installation) -> str | None:
    """Why this person may not do this, or None."""
    if fault := find_name_fault(act.who):
        return fault
    if installation.people:
        role = installation.role_of(act.who)
        if role is None:
            return "the person is not among [people] of revcycle.toml"
        if role != act.role:
            return f"[people] of revcycle.toml gives the person the role {role}, not {act.role}"
    allowed = roles_for(act.act, installation)
    if act.role not in allowed:
        return f"the role {act.role} may not {act.act}; {', '.join(allowed)} may"
    return None


def roles_for(act: Act, installation: Installation) -> tuple[str, ...]:
    """The roles that may do an act."""
    roles: tuple[str, ...] = getattr(installation.roles, act)
    return roles
