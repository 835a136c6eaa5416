"""How steps run: one transaction a batch, what is set aside, what is measured; the same for both engines."""
