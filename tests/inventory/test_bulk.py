"""Many rows at once: their ids are new."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from inventory import service
from inventory.choices import ElementKind
from inventory.models import Unit
from inventory.planning import Prune, Terms
from inventory.reorganisation.models import Belonged

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

K = ElementKind


@pytest.mark.usefixtures("province")
def test_what_is_kept_of_a_removed_element_is_never_anothers(
    database: Database, engineer: Actor
) -> None:
    with database.write() as session:
        room = service.get_element(session, engineer, K.ROOM, "room-xa-01")
        unit = session.scalar(select(Unit.id).where(Unit.code == "xa-01"))
        assert unit is not None
        kept = Belonged(kind="room", element_id=room.id, field="site", unit_id=unit)
        kept.until = date(2026, 1, 1)
        session.add(kept)
    text = "version: 1\nunits: [{code: tinh, name: T, kind: province}]"
    new = "version: 1\nrooms: [{code: other, name: Other, site: xa-02-site}]"
    with database.write() as session:
        terms = Terms(prune=Prune("xa-01", frozenset({K.ROOM})))
        for source, how in ((text, terms), (new, Terms())):
            plan = service.plan_import(session, engineer, source, terms=how)
            service.apply_import(session, engineer, plan, "test")
        other = service.get_element(session, engineer, K.ROOM, "other")
    assert other.id > room.id
