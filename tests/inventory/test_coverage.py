"""Coverage is counted from rows: each row taken away shows, and a scope sees its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.auth import Actor, Role
from inventory.models import Unit
from inventory.service.covering import TEXTS, coverage_figures, in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.coverage import Figure
    from inventory.planning import ImportPlan

DAY = date(2026, 1, 1)
MORE = """\
version: 1
sites:
  - {slug: khcn-site, name: "Trụ sở Sở", unit: so-khcn, kind: department}
  - {slug: net, name: "Internet", unit: so-khcn, kind: hub}
circuits:
  - {cid: V-2, provider: VNPT, a: dc, z: khcn-site, commit_rate_kbps: 1000}
  - cid: NET
    provider: VNPT
    a: dc
    z: net
    type: internet
    domestic_rate_kbps: 100000
    international_rate_kbps: 2000
services:
  - {code: desk-01, name: "Một cửa", kind: one-stop-desk, unit: xa-01}
  - {code: desk-02, name: "Một cửa", kind: one-stop-desk, unit: xa-02, status: planned}
rooms: [{code: room-xa-02, name: "Phòng", site: xa-02-site, contact_phone: "0234"}]
certificates:
  - {serial: A1, issuer: CA, holder: Sở, unit: so-khcn, not_after: 2026-01-31}
  - {serial: A2, issuer: CA, holder: Sở, unit: so-khcn, not_after: 2026-02-01}
  - {serial: A3, issuer: CA, holder: Xã, unit: xa-01, not_after: 2025-12-31}
"""


def covered(database: Database, actor: Actor, on: date = DAY) -> dict[str, Figure]:
    with database.read() as session:
        return {one.code: one for one in coverage_figures(session, actor, on)}


@pytest.fixture
def more(load: Callable[[str], ImportPlan], province: ImportPlan) -> ImportPlan:
    assert not province.is_empty
    return load(MORE)


@pytest.mark.usefixtures("more")
def test_what_is_there_and_what_is_missing_is_counted(database: Database, engineer: Actor) -> None:
    found = covered(database, engineer)
    assert in_words(found["departments_on_wan"]) == "1/1 departments on the WAN"
    assert found["communes_on_wan"].missing == ("xa-02",)
    assert not found["communes_on_wan"].is_complete
    assert found["wan_sites"].have == 2  # the line to the Internet joins no site to the WAN
    assert found["internet_domestic"].have == 100_000
    assert found["internet_international"].have == 2_000
    assert in_words(found["communes_with_desk"]) == "1/2 communes with a one-stop desk"
    assert found["desks"].have == 1  # a planned desk is none yet
    assert (found["points"].have, found["points_at_communes"].have) == (2, 2)
    assert found["points_with_phone"].missing == ("room-xa-01",)
    assert found.keys() <= TEXTS.keys()


@pytest.mark.usefixtures("more")
def test_certificates_are_counted_by_day(database: Database, engineer: Actor) -> None:
    found = covered(database, engineer)
    names = ("certificates", "certificates_expiring", "certificates_expired")
    assert [found[name].have for name in names] == [3, 1, 1]
    late = covered(database, engineer, date(2026, 2, 1))
    assert [late[name].have for name in names] == [3, 1, 2]


@pytest.mark.usefixtures("more")
def test_a_part_of_the_province_is_covered_by_itself(database: Database) -> None:
    with database.read() as session:
        scope_id = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-01")).one()
    local = Actor(5, "xa", frozenset({Role.VIEWER}), frozenset({scope_id}))
    found = covered(database, local)
    assert (found["communes_on_wan"].have, found["communes_on_wan"].total) == (1, 1)
    assert found["departments_on_wan"].is_complete is None  # of nothing there is no coverage
    assert found["certificates"].have == 1
