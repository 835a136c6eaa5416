"""What people ask, as data: each answer is a document that a screen or a page lays out."""
