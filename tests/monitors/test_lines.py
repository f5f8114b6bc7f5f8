"""Both forms of the text's hot loop write the same, whatever stands in the cells."""

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

from monitors import lines as plain
from scripts.compile_core import compile_core

if TYPE_CHECKING:
    from types import ModuleType

ROWS = {str(row): f'ifIndex="{row}",ifName="Xã {row}"' for row in range(6)}
NUMBERS = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False) | st.booleans()
CELLS = st.dictionaries(
    st.sampled_from([str(row) for row in range(9)]), NUMBERS | st.binary() | st.text()
)


@cache
def _compiled() -> ModuleType | None:
    try:
        path = compile_core(Path(tempfile.mkdtemp(prefix="hatang-lines-")), plain.__name__)
    except (RuntimeError, OSError):  # no Cython, no compiler, no headers
        return None
    loader = ExtensionFileLoader(plain.__name__, str(path))
    spec = importlib.util.spec_from_file_location(plain.__name__, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.slow
@given(CELLS)
def test_the_compiled_form_writes_what_the_plain_one_writes(cells: dict[str, object]) -> None:
    other = _compiled()
    if other is None:
        pytest.skip("no Cython or no C compiler: the compiled form was not tested")
    assert other.lines("x", ROWS, cells) == plain.lines("x", ROWS, cells)  # type: ignore[arg-type]


def test_only_numbers_of_rows_with_labels_are_written() -> None:
    found = plain.lines("x{", {"1": 'a="b"'}, {"1": 7, "2": 8})
    assert found == 'x{a="b"} 7\n'
    assert not plain.lines("x", {"1": 'a="b"'}, {"1": b"text"})
