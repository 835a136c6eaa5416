"""pyx12 as an outside judge, for every test that writes X12."""

import functools
import io
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture(scope="session")
def judge() -> Iterator[Callable[[bytes], list[str]]]:
    """pyx12's verdict on a file: its errors, [] when it finds none. Its maps are parsed once, not at each call."""
    import pyx12.map_if
    import pyx12.params
    import pyx12.x12n_document

    parameters = pyx12.params.params()
    load = pyx12.map_if.load_map_file
    cached = functools.cache(lambda name: load(name, parameters))

    def find_errors(data: bytes) -> list[str]:
        report = io.StringIO()
        source = io.StringIO(data.decode())
        valid = pyx12.x12n_document.x12n_document(parameters, source, None, None, None, report)
        return [] if valid else [report.getvalue()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyx12.map_if, "load_map_file", lambda name, *rest: cached(name))
        yield find_errors
