from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import fnv
from alerts.fingerprint import fingerprint, without_replicas
from scripts.compile_core import compile_core

if TYPE_CHECKING:
    from types import ModuleType

labels = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=6)


def test_no_labels_give_the_offset_basis_of_the_standard() -> None:
    assert fingerprint({}) == "cbf29ce484222325"


@pytest.mark.parametrize(
    ("given_labels", "expected"),
    # As Alertmanager 0.25 shows them; the slow suite asks a real one again.
    [
        ({"alertname": "a"}, "d258efc389808447"),
        (
            {"alertname": "DeviceUnreachable", "instance": "hub-1", "severity": "critical"},
            "07cbf10ae2da2ca6",
        ),
        ({"alertname": "Mất kết nối", "ten": "Xã Tân Lập", "Z": "1", "_": "x"}, "ebe57839c5caabbc"),
    ],
)
def test_known_vectors(given_labels: dict[str, str], expected: str) -> None:
    assert fingerprint(given_labels) == expected


@given(labels)
def test_the_order_of_labels_does_not_matter(found: dict[str, str]) -> None:
    assert fingerprint(found) == fingerprint(dict(reversed(found.items())))


@given(labels, st.text(max_size=8), st.text(max_size=8))
def test_another_value_is_another_alert(found: dict[str, str], name: str, value: str) -> None:
    changed = {**found, name: value}
    assert (fingerprint(changed) == fingerprint(found)) == (changed == found)


@given(labels)
def test_replicas_of_one_prometheus_send_one_alert(found: dict[str, str]) -> None:
    one, two = ({**found, "replica": each} for each in "ab")
    assert fingerprint(without_replicas(one)) == fingerprint(without_replicas(two))


@cache
def _compiled() -> ModuleType | None:
    try:
        path = compile_core(Path(tempfile.mkdtemp(prefix="hatang-fnv-")), fnv.__name__)
    except (RuntimeError, OSError):  # no Cython, no compiler, no headers
        return None
    loader = ExtensionFileLoader(fnv.__name__, str(path))
    spec = importlib.util.spec_from_file_location(fnv.__name__, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.slow
@given(st.binary(max_size=300))
def test_the_compiled_form_says_what_the_plain_one_says(data: bytes) -> None:
    other = _compiled()
    if other is None:
        pytest.skip("no Cython or no C compiler: the compiled form was not tested")
    assert other.fnv1a(data) == fnv.fnv1a(data)
