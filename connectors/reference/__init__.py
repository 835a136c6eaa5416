"""Reference tables that the user owns: what a local code is billed as, and what an adjustment means."""

from connectors.reference.csv_rows import TableError
from connectors.reference.tables import Tables, load_tables

__all__ = ["TableError", "Tables", "load_tables"]
