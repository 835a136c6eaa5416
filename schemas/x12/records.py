"""Building many frozen records quickly, for the readers' inner loops.

A frozen dataclass sets each field through `object.__setattr__`: 2.2 microseconds for the 19 fields of a service line,
which is most of what reading that line costs. A twin class with the same slots but without the freeze takes 0.4, and
its instance becomes one of the frozen class by changing its class, which Python allows where the slots are the same.
"""

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any, TypeVar

Record = TypeVar("Record")


def make_builder(cls: type[Record]) -> Callable[..., Record]:
    """A function that takes what the constructor of a frozen slotted dataclass takes."""
    names: list[Any] = [
        (f.name, object) if f.default is MISSING else (f.name, object, field(default=f.default))
        for f in fields(cls)  # type: ignore[arg-type]
    ]
    twin: Any = make_dataclass(cls.__name__, names, slots=True, eq=False, repr=False)

    def build(*values: object, **named: object) -> Record:
        record: Any = twin(*values, **named)
        record.__class__ = cls
        return record  # type: ignore[no-any-return]

    return build


def make_optional_builder(cls: type[Record]) -> Callable[..., Record | None]:
    """The same for a class of defaults: None where every value is its field's default."""
    names = [f.name for f in fields(cls)]  # type: ignore[arg-type]
    plain = tuple(getattr(cls(), name) for name in names)
    build = make_builder(cls)

    def build_unless_plain(*values: object) -> Record | None:
        return None if values == plain else build(*values)

    return build_unless_plain
