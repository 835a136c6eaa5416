"""Two encounters of one patient whose claims draw the same id: the second is a work item, never silently dropped."""

from processors.submission.correction import PendingClaim
from processors.submission.interchange_building import build_interchanges, keys_of_submission
from schemas.events import WorkItemOpened
from schemas.reference import Reference
from tests.processors.builders import built
from tests.processors.desk import Desk, pick


def test_the_second_encounter_of_one_claim_id_opens_a_work_item(shipped: Reference) -> None:
    desk = Desk(keys_of_submission, build_interchanges, shipped)
    first = built(1)
    desk.take(first)
    other = first.model_copy(update={"encounter_id": "another encounter", "revision": 2})
    outputs = desk.take(other)
    (item,) = pick(outputs, WorkItemOpened)
    assert item.reason == "claim_id_collision_decision"
    (state,) = (state for state in desk.states.values() if isinstance(state, PendingClaim))
    assert state.encounter_id == first.encounter_id
