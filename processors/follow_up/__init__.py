"""What the payer says before it pays: acceptance, rejection, status, silence."""
