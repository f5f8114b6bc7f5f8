"""Whatever a file of the library holds: it is kept as it is, or refused with problems."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from inventory import devicetypes
from inventory.devicetypechecks import KNOWN

pytestmark = pytest.mark.slow

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "type", "power_port", "rear_port"]), inner)
    ),
    max_leaves=6,
)
FILES = st.dictionaries(st.sampled_from([*sorted(KNOWN), "unknown"]), VALUES, max_size=6)


def reread(text: str) -> devicetypes.Library:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_text(text, encoding="utf-8")
        return devicetypes.read(Path(folder))


@given(FILES)
def test_a_file_is_kept_or_refused(content: dict[str, Any]) -> None:
    try:
        library = reread(yaml.safe_dump({"manufacturer": "M", "model": "m"} | content))
    except InvalidInputError as error:
        told = error.problems
    else:
        (one,) = library.definitions
        _, text = devicetypes.export(one.kind, one.fields)
        (again,) = reread(text).definitions
        assert again.fields == one.fields | {"slug": again.fields["slug"]}
        return
    assert told


@given(st.binary(max_size=120))
def test_any_bytes_for_a_zip_are_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(content)
        try:
            devicetypes.read(path)
        except InvalidInputError as error:
            told = error.problems
        assert told
