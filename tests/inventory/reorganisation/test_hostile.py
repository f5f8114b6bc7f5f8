"""Whatever stands in a file: it is read, or refused with problems; nothing else happens."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from inventory.choices import ElementKind
from inventory.reorganisation.document import read
from inventory.reorganisation.planning import plan
from tests.inventory.reorganisation.test_planning import SECTIONS, province

if TYPE_CHECKING:
    from inventory.reorganisation.plan import ReorganisationPlan
    from inventory.reorganisation.state import Province

CODES = st.sampled_from(["tinh", "huyen", "a", "b", "c", "old", "new", "ghost", "stay", ""])
ODD = st.one_of(CODES, st.none(), st.integers(), st.lists(CODES, max_size=3), st.text(max_size=5))
SHARES = st.fixed_dictionaries(
    {"unit": CODES},
    optional={
        "takes": st.dictionaries(
            st.sampled_from(["sites", "services", "units", "x"]), st.lists(ODD, max_size=3)
        ),
        "rest": st.booleans(),
    },
)
ENTRIES = st.one_of(
    st.fixed_dictionaries(
        {"merge": st.lists(CODES, max_size=4), "into": ODD}, optional={"people": ODD}
    ),
    st.fixed_dictionaries(
        {"split": ODD, "into": st.lists(SHARES, max_size=3)}, optional={"people": ODD}
    ),
    st.fixed_dictionaries({"move": ODD, "to": ODD}),
    st.fixed_dictionaries({"rename": ODD}, optional={"code": ODD, "name": ODD, "kind": ODD}),
    st.dictionaries(st.text(max_size=6), ODD, max_size=3),
)
UNITS = st.fixed_dictionaries(
    {"code": CODES, "name": st.text(max_size=9), "kind": st.sampled_from(["ward", "x"])},
    optional={"parent": ODD},
)


@given(
    units=st.lists(UNITS, max_size=3),
    entries=st.lists(ENTRIES, max_size=5),
    day=st.one_of(st.dates(), st.just(date.min), ODD),
)
def test_a_file_is_planned_or_refused_with_problems(
    units: list[Any], entries: list[Any], day: object
) -> None:
    content = {"version": 1, "title": "t", "effective_on": day, "units": units}
    text = yaml.safe_dump(content | {"reorganise": entries}, allow_unicode=True)
    base = province()
    try:
        found = plan(read(text, "x.yaml"), base, SECTIONS)
    except InvalidInputError as error:
        told = error.problems
    else:
        check_whole(base, found)
        return
    assert told


def check_whole(base: Province, found: ReorganisationPlan) -> None:
    on = found.effective_on
    sites = {one for one in found.after.owners if one.kind is ElementKind.SITE}
    assert sites == {one for one in base.owners if one.kind is ElementKind.SITE}
    valid = {code for code, unit in found.after.units.items() if unit.is_valid(on)}
    assert {found.after.owners[one] for one in sites} <= valid


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        read(text, "x.yaml")
