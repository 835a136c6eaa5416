"""`python -m streams.catalogue` rewrites what is written from the code; exit status 1 when an example is wrong."""

import sys

from processors.coding.edits import catalogue as edits
from streams.catalogue import commands, events, masking, picture, reports, work_items

PAGES = (
    (events.TABLE, events.write_table),
    (commands.PAGE, commands.write_page),
    (reports.PAGE, reports.write_page),
    (events.ROOT / "docs" / "edits.md", edits.render_catalogue),
    (work_items.PAGE, work_items.write_page),
    (masking.FILE, masking.write_masking),
    (picture.FILE, lambda: picture.put_map(picture.FILE.read_text(encoding="utf-8"))),
)

if not all([events.write_catalogue(), reports.write_catalogue()]):
    sys.exit(1)
for path, write in PAGES:
    path.write_text(write(), encoding="utf-8")
