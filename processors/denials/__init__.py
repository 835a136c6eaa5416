"""What was not paid and should be: routed, appealed, resolved or written off."""
