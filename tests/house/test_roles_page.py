"""docs/roles.md is the table of act x role that the program has."""

import re
from pathlib import Path

from schemas.roles import Roles

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
ROW = re.compile(r"^\| `(\w+)` \| .+ \| ([a-z_, ]+) \|$", re.MULTILINE)


def test_the_page_names_every_act_and_who_may() -> None:
    told = {act: tuple(roles.split(", ")) for act, roles in ROW.findall(PAGE.read_text())}

    assert told == dict(Roles())


def test_a_role_that_the_page_leaves_out_is_found() -> None:
    assert ROW.findall("| `work` | it | biller |") == [("work", "biller")] != [("work", ", ".join(Roles().work))]
