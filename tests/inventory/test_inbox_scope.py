"""Differences belong to the unit that their element belongs to now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.auth import Actor, Role
from inventory import service
from inventory.choices import ElementKind
from inventory.discovery.models import KnownDevice
from inventory.inbox import recording
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.inbox.models import Deviation
from inventory.inbox.recording import Proposal
from inventory.models import Device, Unit
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

DAY = date(2026, 3, 4)


def of_unit(database: Database, code: str) -> Actor:
    with database.read() as session:
        unit = session.query(Unit).filter_by(code=code).one()
        return Actor(7, code, frozenset({Role.VIEWER}), frozenset({unit.scope_id}))


def seen(database: Database, code: str) -> list[tuple[str, str]]:
    actor = of_unit(database, code)
    with database.read() as session:
        rows = inbox.list_deviations(session, actor, today=DAY).items
        return sorted((row.kind, row.element) for row in rows)


@pytest.mark.usefixtures("province")
def test_differences_follow_their_device_to_another_unit(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    with database.write() as session:
        device = service.get_device(session, engineer, "rtr-02")
        observed = {"serial": "OTHER"}
        service.record_observation(session, ElementKind.DEVICE, device.id, observed, "snmp")
        vanished = Proposal(
            DeviationKind.VANISHED_DEVICE, device.device_key, device.scope_id, "device", "rtr-02",
            "discovery", device.id,
        )  # fmt: skip
        recording.note(session, [vanished])
    both = [("field", "rtr-02"), ("vanished_device", "rtr-02")]
    assert (seen(database, "xa-01"), seen(database, "xa-02")) == ([], both)
    load(PROVINCE.replace("unit: xa-02,", "unit: xa-01,"))
    assert (seen(database, "xa-01"), seen(database, "xa-02")) == (both, [])


@pytest.mark.usefixtures("province")
def test_a_removed_device_leaves_no_difference_to_the_next_one(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load("version: 1\ndevices: [{name: old, site: dc, role: server, platform: linux}]")
    with database.write() as session:
        device = service.get_device(session, engineer, "old")
        proposal = Proposal(
            DeviationKind.VANISHED_DEVICE, device.device_key, device.scope_id, "device", "old",
            "discovery", device.id,
        )  # fmt: skip
        recording.note(session, [proposal])
        newest = service.list_imports(session, engineer).items[-1].id
        service.undo_import(session, engineer, newest, "test")
        assert session.get(Device, device.id) is None
    with database.read() as session:
        assert not inbox.list_deviations(session, engineer, today=DAY).items


@pytest.mark.usefixtures("province")
def test_a_difference_seen_again_is_about_the_element_as_it_is_now(database: Database) -> None:
    with database.write() as session:
        for element_id in (5, 9):
            scope_id = session.query(Unit).filter_by(code="tinh").one().scope_id
            proposal = Proposal(
                DeviationKind.GONE_CABLE, "a -- b", scope_id, "link", "a -- b", "discovery",
                element_id,
            )  # fmt: skip
            recording.note(session, [proposal])
    with database.read() as session:
        assert session.query(Deviation).one().element_id == 9


@pytest.mark.usefixtures("province")
def test_a_removed_device_is_met_no_longer(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load("version: 1\ndevices: [{name: old, site: dc, role: server, platform: linux}]")
    with database.write() as session:
        device = service.get_device(session, engineer, "old")
        at = clock.now()
        session.add(
            KnownDevice(
                scope_id=device.scope_id, device_id=device.id, marks={}, name="old", address="",
                first_seen_at=at, last_seen_at=at,
            )
        )  # fmt: skip
        newest = service.list_imports(session, engineer).items[-1].id
        service.undo_import(session, engineer, newest, "test")
        assert session.query(KnownDevice).one().device_id is None
