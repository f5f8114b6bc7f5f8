"""A province with any number more of everything that lists and pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import select

from alerts.models import IncidentEffect
from hatang import audit, clock
from inventory import service as inventory
from inventory.inbox.models import Deviation
from inventory.models import Device, Site
from monitors.models import ElementRow, TransitionRow
from tests.api import province

if TYPE_CHECKING:
    from hatang.db import WriteSession

Row = dict[str, Any]


def grow(session: WriteSession, count: int) -> None:
    """Add `count` of each kind, hung on the same unit, site, device, circuit and service."""
    text = yaml.safe_dump(_rows(count), allow_unicode=True)
    plan = inventory.plan_import(session, province.SYSTEM, text, "more.yaml")
    inventory.apply_import(session, province.SYSTEM, plan, "test")
    province.measure(session, broken=True)
    number = province.outage(session)
    scope_id = session.scalars(select(Site.scope_id).where(Site.slug == "dc")).one()
    for one in range(count):
        audit.record(session, province.SYSTEM, "test.grow", f"more/{one}")
        session.add(
            IncidentEffect(
                incident_id=number,
                element=f"device:more-{one}",
                kind="device",
                name=f"more-{one}",
                site="dc",
                scope_id=scope_id,
                people=0,
                impact="down",
            )
        )
        session.add(_deviation(scope_id, one))
    _measure_ports(session, count)
    province.meeting(session)
    province.hints(session, count)


def _rows(count: int) -> Row:
    every = range(count)
    carrier = {"provider": "more-carrier", "a": "dc", "z": "hub-1"}
    switches = [
        {"name": f"more-{one}", "site": "dc", "role": "switch", "platform": "frr"} for one in every
    ]
    return {
        "version": 1,
        "units": [
            {"code": f"more-{one}", "name": f"More {one}", "kind": "unit", "parent": "tinh"}
            for one in every
        ],
        "sites": [
            {"slug": f"more-{one}", "name": f"More {one}", "unit": "tinh", "kind": "commune"}
            for one in every
        ],
        "racks": [{"site": "dc", "name": f"more-{one}"} for one in every],
        "clusters": [{"name": f"more-{one}", "site": "dc"} for one in every],
        "contacts": [{"code": f"more-{one}", "name": f"More {one}"} for one in every],
        "devices": switches,
        "virtual_machines": [
            {"name": f"more-vm-{one}", "device": "srv-portal", "site": "dc"} for one in every
        ],
        "redundancy_groups": [
            {
                "code": f"more-{one}",
                "name": f"More {one}",
                "kind": "switch",
                "devices": [row["name"] for row in switches],
            }
            for one in every
        ],
        "prefixes": [{"prefix": f"10.77.{one}.0/24", "site": "dc"} for one in every],
        "providers": [{"name": "more-carrier"}],
        "circuits": [{"cid": f"more-{one}", **carrier} for one in range(count + 1)],
        "links": [
            {"a": f"hub-1:more{one}", "b": f"more-{one}:up", "circuit": "more-0"} for one in every
        ],
        "services": [
            {
                "code": f"more-{one}",
                "name": f"More {one}",
                "kind": "web",
                "unit": "tinh",
                "runs_on": ["srv-portal"],
                "virtual_machines": [f"more-vm-{one}"],
                "depends_on": ["portal"],
            }
            for one in every
        ],
        "service_endpoints": [
            {"service": "portal", "name": f"more-{one}", "url": f"https://more-{one}.test/"}
            for one in every
        ],
        "rooms": [{"code": f"more-{one}", "name": f"More {one}", "site": "dc"} for one in every],
    }


def _deviation(scope_id: int, one: int) -> Deviation:
    return Deviation(
        scope_id=scope_id,
        kind="new_device",
        key=f"new_device:more:{one}",
        element_kind="device",
        element=f"seen-{one}",
        observed={"name": f"seen-{one}"},
        source="test",
        first_seen_at=clock.now(),
        last_seen_at=clock.now(),
    )


def _measure_ports(session: WriteSession, count: int) -> None:
    device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
    moment = clock.now()
    for one in range(count):
        element = f"interface:{device.device_key}:more{one}"
        states = {"from_state": "good", "to_state": "bad", "cause": "oper_down"}
        session.add(
            ElementRow(
                element=element,
                kind="interface",
                owner=device.device_key,
                name=f"more{one}",
                monitor="monitor-0",
                scope_id=device.scope_id,
                state="bad",
                cause="oper_down",
                since=moment,
            )
        )
        session.add(
            TransitionRow(
                monitor="monitor-0",
                epoch="e",
                sequence=one,
                element=element,
                scope_id=device.scope_id,
                at=moment,
                evidence={},
                **states,
            )
        )
