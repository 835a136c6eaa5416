"""Cutting a submission: the edge says which claims go into a file now, and what time it is."""

from datetime import datetime

from connectors.stores.common import SqlStore
from schemas.event import publish_at_edge
from schemas.events import SubmissionCut
from streams.engine.kill_points import reach
from streams.engine.publish import Publish

CLAIMS_PER_INTERCHANGE_MAX = 250


def cut_submissions(store: SqlStore, publish: Publish, now: datetime) -> int:
    """Orders every waiting claim into an interchange; returns how many claims that were.

    Safe to repeat and to kill anywhere: a claim named twice goes into the first file only.
    """
    waiting = store.list_pending_claims()
    for partner, claim_ids in waiting.items():
        for start in range(0, len(claim_ids), CLAIMS_PER_INTERCHANGE_MAX):
            chunk = tuple(claim_ids[start : start + CLAIMS_PER_INTERCHANGE_MAX])
            cut = SubmissionCut(trading_partner=partner, cut_at=now, claim_ids=chunk)
            event = publish_at_edge(cut, partner, now, partner)
            reach("cut.before_publish")
            publish([event], "submission_cut")
            reach("cut.after_publish")
    return sum(map(len, waiting.values()))
