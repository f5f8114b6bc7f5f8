"""What of an element leaves: every field but how to log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.rest.schemas.elements import SCHEMAS
from hatang.errors import NotFoundError
from inventory import service, showing
from inventory.kinds.registry import KINDS
from inventory.rows import EVERYTHING
from tests.inventory.whole import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan


def test_every_kind_leaves_with_every_field_in_its_type(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(WHOLE)
    with database.read() as session:
        for word, kind in KINDS.items():
            rows = service.list_elements(session, engineer, word, EVERYTHING).items
            for row in rows:
                left = SCHEMAS[kind.section].model_validate(showing.plain(row)).model_dump()
                assert left["key"] == row.key
                kept = row.fields.keys() - showing.UNTOLD
                assert kept <= left.keys(), word
                for name in kept:
                    said = row.fields[name]
                    assert left[name] == (list(said) if name in kind.many else said), name


def test_a_section_that_is_none_names_the_one_that_looks_like_it() -> None:
    with pytest.raises(NotFoundError) as caught:
        showing.kind_of("contact")
    assert "contacts" in caught.value.fix
