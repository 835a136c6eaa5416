"""The code sets and tables that other tests of the whole use too."""

from tests.streams.conftest import reference

__all__ = ["reference"]
