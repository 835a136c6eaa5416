"""FHIR R4 bundles of an EHR, as encounters."""
