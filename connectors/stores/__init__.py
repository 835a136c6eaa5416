"""Databases: SQLite for the embedded engine; both stores share one set of tables and projections."""
