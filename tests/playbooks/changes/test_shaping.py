"""What is counted as hit by a change: its devices, and what boots with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.models import Device, RedundancyGroup, RedundancyGroupDevice
from playbooks.models import Change
from tests.playbooks.changes.planned import planned
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database


def grouped(database: Database, *names: str) -> None:
    with database.write() as session:
        found = session.query(Device).filter(Device.name.in_(names)).all()
        for one in found:
            one.status = "active"
        group = RedundancyGroup(
            scope_id=found[0].scope_id, code="fw", name="Firewalls", kind="firewall"
        )
        session.add(group)
        session.flush()
        for one in found:
            session.add(RedundancyGroupDevice(redundancy_group_id=group.id, device_id=one.id))


@pytest.mark.parametrize(
    ("platform", "beside", "reloads"),
    [
        ("fortinet", "fortinet", ["fw-1", "fw-2"]),
        ("fortinet", "frr", ["fw-1"]),
        ("frr", "fortinet", []),
    ],
)
def test_members_of_a_cluster_that_boot_too_count_as_hit(
    platform: str, beside: str, reloads: list[str], database: Database, engineer: Actor
) -> None:
    with database.write() as session:
        changed = device(session, "fw-1", platform)
        device(session, "fw-2", beside)
    grouped(database, "fw-1", "fw-2")
    number = planned(database, engineer, changed)
    with database.read() as session:
        impact = session.get_one(Change, number).impact or {}
    assert impact["reloads"] == reloads
    assert impact["devices"] == impact["waves"][0]["devices"] == max(len(reloads), 1)
