"""What an adjustment of a payer means, by the table that the organisation owns (domain rules, section 5)."""

from collections.abc import Mapping

from schemas.x12.x835_005010x221a1 import Adjustment

DENIAL_CLASSES = ("denial", "review")

Classes = Mapping[tuple[str, str], str]


def classify_adjustment(classes: Classes, adjustment: Adjustment) -> str:
    """The class of (group, CARC): the exact row, else any group, else any reason, else 'review', never contractual."""
    for key in ((adjustment.group, adjustment.reason), ("*", adjustment.reason), (adjustment.group, "*")):
        found = classes.get(key)
        if found:
            return found
    return "review"
