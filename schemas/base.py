"""What every model here shares: frozen, strict, closed; and the one mark for protected health information."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.bounds import NO_CONTROLS, NO_NUL, Day


class Frozen(BaseModel):
    """Immutable, strictly typed, and closed: a misspelt field is an error, not silence."""

    # Built when it is first used: a question uses a few of some two hundred.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    def replace(self, **changes: Any) -> Self:
        """The same with other values, judged as when it was made: `model_copy(update=...)` takes a misspelt field in
        silence. Raises pydantic.ValidationError, which names the field and never its value."""
        return self.model_validate({**self.__dict__, **changes})


# The mark that logs, console, exports and masking rules read: protected health information (45 CFR 160.103).
PHI: dict[str, Any] = {"phi": True}

PhiText = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL), Field(json_schema_extra=PHI)]
Plain = Annotated[str, StringConstraints(pattern=NO_CONTROLS)]
SentText = Annotated[str, StringConstraints(pattern=NO_NUL)]  # as sent: its length was judged where it was read
PhiString = Annotated[SentText, Field(json_schema_extra=PHI)]
PhiDate = Annotated[Day, Field(json_schema_extra=PHI)]
PhiAnyDate = Annotated[date, Field(json_schema_extra=PHI)]  # of coverage: 9999-12-31 says that it has no end
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
LongText = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Label = Annotated[Plain, Field(max_length=200)]
# What may name a file of ours: no folder, no blank, nothing hidden.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
Identifier = Annotated[Plain, Field(min_length=1, max_length=200)]


def phi_paths(model: type[BaseModel]) -> frozenset[str]:
    """Dotted paths of every field marked as PHI in a model, arrays as `[]`: what a mask must cover."""
    schema = model.model_json_schema(mode="serialization")
    definitions = schema.get("$defs", {})
    found: set[str] = set()

    def visit(node: dict[str, Any], path: str, open_refs: tuple[str, ...]) -> None:
        if node.get("phi"):
            found.add(path)
            return
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            if name not in open_refs:
                visit(definitions[name], path, (*open_refs, name))
        for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
            for branch in node.get(name, ()):
                visit(branch, path, open_refs)
        if isinstance(node.get("items"), dict):
            visit(node["items"], f"{path}[]", open_refs)
        for name, child in node.get("properties", {}).items():
            visit(child, f"{path}.{name}" if path else name, open_refs)

    visit(schema, "", ())
    return frozenset(found)
