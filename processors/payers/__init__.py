"""What every stage may look up about payers: terms, adjustment classes, whether an answer is meant for us."""
