"""X12: TA1, 999, 277CA, 835, 837P, 837I, 270/271 and 276/277 as segments, envelopes and typed transaction models."""
