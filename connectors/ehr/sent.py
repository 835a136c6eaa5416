"""What an EHR sent, as events: an encounter, or an act about one, keyed by the opaque account."""

from datetime import datetime

from schemas.encounter import Encounter
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterAct, EncounterReceived
from schemas.identifiers import make_account_key, make_encounter_id

Sent = Encounter | EncounterAct


def publish_sent(sent: Sent, secret: bytes, received_at: datetime) -> Event:
    """EncounterReceived of an encounter, or the act itself."""
    encounter_id = make_encounter_id(sent.source_system, sent.source_id)
    if isinstance(sent, EncounterAct):
        key = make_account_key(secret, sent.source_system, sent.patient_id)
        return publish_at_edge(sent, key, received_at, encounter_id)
    key = make_account_key(secret, sent.source_system, sent.patient.id)
    # Validated a moment ago as an Encounter, and EncounterReceived adds no field.
    body = EncounterReceived.model_construct(**{name: getattr(sent, name) for name in Encounter.model_fields})
    return publish_at_edge(body, key, received_at, encounter_id)
