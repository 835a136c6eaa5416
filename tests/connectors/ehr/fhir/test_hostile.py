"""Bundles from outside may be anything: a mutated one is read or refused, and never crashes the reader."""

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.receiving import receive_fhir

NASTY: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "\u0000", "\ud800", "9" * 300, "Encounter/e1", "#", "Patient?identifier=a|b", "2026-13-45"]),
    st.lists(st.none(), max_size=2),
    st.just({}),
    st.just([{}]),
    st.just([[]]),
)


def list_paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        steps = list(node.items())
    elif isinstance(node, list):
        steps = list(enumerate(node))
    return [(*path, step) for step, _ in steps] + [
        deeper for step, child in steps for deeper in list_paths(child, (*path, step))
    ]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_or_two_wrong_values_are_survived(make_bundle: Callable[..., bytes], data: st.DataObject) -> None:
    bundle = json.loads(make_bundle())
    for _ in range(data.draw(st.integers(1, 2))):
        *parents, last = data.draw(st.sampled_from(list_paths(bundle)))
        target = bundle
        for step in parents:
            target = target[step]
        target[last] = copy.deepcopy(data.draw(NASTY))
    result = receive_fhir(json.dumps(bundle).encode())
    assert result.encounters or result.findings
    for encounter in result.encounters:
        encounter.model_dump_json()  # what was accepted can be published


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_bundle_cut_off_anywhere_is_refused(make_bundle: Callable[..., bytes], data: st.DataObject) -> None:
    whole = make_bundle()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert [finding.severity for finding in receive_fhir(cut).findings] == ["reject"]


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    result = receive_fhir(data)
    assert not result.encounters and result.findings
