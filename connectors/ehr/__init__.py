"""Encounters in: FHIR R4 bundles, encounter NDJSON and HL7 v2 messages become `schemas.encounter.Encounter`."""
