"""The map as the README shows it: one line for each step and effect, from what it reads to what it makes."""

from pathlib import Path

from schemas.event import Body
from streams.pipeline import EFFECTS, STEPS

FILE = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- the map, by `python -m streams.catalogue` -->\n```\n", "```\n<!-- the map ends -->"
WORK = "rcm.worklist.v1"  # every step may ask a person; to say so in each line would hide the rest


def draw_map() -> str:
    """A part's name, the topics that it reads, and those that it writes."""
    rows = [(part.name, _name(part.takes), _name(part.produces) or "work") for part in (*STEPS, *EFFECTS)]
    names, taken = (max(len(row[place]) for row in rows) for place in (0, 1))
    return "".join(f"{name:<{names}}  {read:<{taken}}  -> {made}\n" for name, read, made in rows)


def _name(types: tuple[type[Body], ...]) -> str:
    topics = dict.fromkeys(body.topic for body in types if body.topic != WORK)
    return ", ".join(topic.removeprefix("rcm.").removesuffix(".v1") for topic in topics)


def put_map(page: str) -> str:
    """The page with the map as it is now. Raises ValueError where its place is not marked."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return page[:begin] + draw_map() + page[end:]
