"""What copied an element's scope follows it when units are reorganised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from baselines.models import AuditRun
from baselines.rescoping import AuditScopes
from cli.wiring import FOLLOWERS
from conference.models import Meeting
from conference.rescoping import MeetingScopes
from hatang import clock, gates, scope
from hatang.auth import Actor, Role
from inventory import service
from inventory.models import Bridge, Device, Service
from monitors.models import ElementRow, TransitionRow
from monitors.rescoping import ElementScopes
from playbooks.models import ConfigVersion
from playbooks.vault.rescoping import ConfigurationScopes
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession
    from tests.cli.conftest import Hatang

ENGINEER = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)


def state(key: str, name: str, scope_id: int) -> tuple[ElementRow, TransitionRow]:
    at = clock.now()
    row: dict[str, Any] = {"element": name, "monitor": "m", "scope_id": scope_id, "cause": "x"}
    held = ElementRow(**row, kind="device", owner=key, name=name, state="good", since=at)
    moved = TransitionRow(
        **row, epoch=name, sequence=1, from_state="bad", to_state="good", at=at,
        evidence={},
    )  # fmt: skip
    return held, moved


def copies(session: WriteSession, old: int) -> None:
    """Add rows of every package that hold the scope `old` of a device, service or bridge."""
    at = clock.now()
    device = session.scalars(select(Device).where(Device.name == "rtr-01")).one()
    version = ConfigVersion(
        scope_id=old, device_id=device.id, kind="running", digest="d", identity="i", raw="r",
        redacted="r", line_count=1, source="s", transport="t", command="c", collected_at=at,
        last_seen_at=at,
    )  # fmt: skip
    bridge = session.scalars(select(Bridge)).one()
    meeting = Meeting(
        scope_id=old, uid="u", title="t", starts_at=at, ends_at=at, bridge_id=bridge.id,
        call_kbps=1, state="planned",
    )  # fmt: skip
    rows = [version, meeting, *state(device.device_key, "device:rtr-01", old)]
    session.add_all([*rows, *state("dns", "service:dns", old), *state("gone", "device:gone", old)])
    session.flush()
    run = AuditRun(
        scope_id=old, device_id=device.id, version_id=version.id, pack="p", pack_sha256="x",
        engine="e", finished_at=at,
    )  # fmt: skip
    session.add(run)


def test_every_copy_gets_the_scope_of_its_element(database: Database) -> None:
    with database.write() as session:
        plan = service.plan_import(session, ENGINEER, PROVINCE, "province.yaml")
        service.apply_import(session, ENGINEER, plan, "test")
        old = scope.add(session)
        copies(session, old)
    with database.write() as session:
        for follower in (ElementScopes(), ConfigurationScopes(), AuditScopes(), MeetingScopes()):
            follower.follow(session)
    with database.read() as session:
        device = session.scalars(select(Device.scope_id).where(Device.name == "rtr-01")).one()
        for model in (ConfigVersion, AuditRun):
            assert list(session.scalars(select(model.scope_id))) == [device]
        bridge = session.scalars(select(Bridge.scope_id)).one()
        assert list(session.scalars(select(Meeting.scope_id))) == [bridge]
        dns = session.scalars(select(Service.scope_id).where(Service.code == "dns")).one()
        wanted = {"device:rtr-01": device, "service:dns": dns, "device:gone": old}
        for rows in (ElementRow, TransitionRow):
            assert dict(session.execute(select(rows.element, rows.scope_id)).all()) == wanted


def test_every_process_asks_all_of_them(hatang: Hatang) -> None:
    assert hatang("unit", "list", "--as", "lan").status == 0
    assert len(gates.all_of(gates.SCOPE)) == len(FOLLOWERS)
