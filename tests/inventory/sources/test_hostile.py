"""Whatever a server that calls itself NetBox says, it ends in rows or in problems."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inventory import records
from inventory.sources.mapping import Mapping
from inventory.sources.netbox import translate
from inventory.sources.netbox.client import Found
from tests.inventory.sources.netbox import province

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
PLACES = sorted(
    (endpoint, index, name)
    for endpoint, things in province().items()
    for index, thing in enumerate(things)
    for name in thing
    if name != "id"
)
# Below the first level too: what a nested object says of itself.
KEYS = st.sampled_from(["slug", "name", "id", "value", "address", "object_id", "asn", "device"])


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), max_size=4), KEYS, ANYTHING)
def test_no_answer_breaks_the_translation(
    changes: list[tuple[tuple[str, int, str], Any]], key: str, value: Any
) -> None:
    things = province()
    for (endpoint, index, name), content in changes:
        held = things[endpoint][index]
        inner = held[name]
        held[name] = {**inner, key: value} if isinstance(inner, dict) else content
    document = translate(Found("nb.example", (4, 2), things), Mapping())
    found = records.collect(document.tree, document.name)
    assert all(str(problem) for problem in document.explained(found.problems))
