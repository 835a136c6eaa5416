"""What the business decides: pure functions from state, event and reference data to state and events."""
