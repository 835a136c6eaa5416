"""HL7 v2 charge messages of an EHR, as encounters."""
