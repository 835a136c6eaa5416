"""Validation errors in words that never quote a value: what an EHR sends is a patient's."""

import re

from pydantic import ValidationError

MAX_ERRORS_SHOWN = 5
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def describe_errors(error: ValidationError) -> tuple[str, str]:
    """(field of the first error, all messages) of a validation error, without any input value."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    described = [(".".join(map(_name_step, each["loc"])), each["msg"]) for each in errors]
    first_field = described[0][0]
    shown = [f"{field}: {message}" for field, message in described[:MAX_ERRORS_SHOWN]]
    if len(described) > MAX_ERRORS_SHOWN:
        shown.append(f"and {len(described) - MAX_ERRORS_SHOWN} more")
    return first_field, "; ".join(shown)[:2000]


def _name_step(step: str | int) -> str:
    """A step of a field's path; an unknown key is not repeated, for it may be anything."""
    if isinstance(step, int):
        return str(step)
    return step if _FIELD_NAME.fullmatch(step) else "(a key that is no field)"
