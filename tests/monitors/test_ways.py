"""How a way is: each link as it was measured at its ends, and never better than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from inventory import service as inventory
from inventory.models import Device
from monitors.models import ElementRow, HeartbeatRow
from monitors.ways import described, way_state

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

NEAR, FAR = ("rtr-01", "eth0"), ("core-1", "eth2")
Said = dict[tuple[str, str], str]
UP: Said = {("rtr-01", ""): "good", ("core-1", ""): "good"}


def stated(database: Database, actor: Actor, said: Said, age: int = 0) -> tuple[str, str]:
    """Return the state of the only leg, and of the whole way, after the monitor said so much."""
    with database.write() as session:
        at = clock.now()
        session.add(HeartbeatRow(monitor="m", epoch="e", at=at - timedelta(seconds=age)))
        devices = {row.name: row for row in session.query(Device)}
        for (name, port), state in said.items():
            device = devices[name]
            kind = "interface" if port else "device"
            key = f"{kind}:{device.device_key}" + (f":{port}" if port else "")
            session.add(
                ElementRow(
                    element=key,
                    kind=kind,
                    owner=device.device_key,
                    name=port,
                    monitor="m",
                    scope_id=device.scope_id,
                    state=state,
                    cause="answered",
                    since=at,
                )
            )
    with database.read() as session:
        topology = inventory.load_topology(session)
        way = inventory.way_between(session, actor, topology, "rtr-01")
        assert way is not None
        found = way_state(session, actor, way)
        (leg,) = described(way, found)["legs"]
    return leg["state"], found.state


@pytest.mark.parametrize(
    ("said", "leg", "whole"),
    [
        (UP | {NEAR: "good", FAR: "good"}, "good", "good"),
        (UP | {NEAR: "good", FAR: "bad"}, "bad", "bad"),
        (UP | {NEAR: "degraded", FAR: "good"}, "degraded", "degraded"),
        (UP | {NEAR: "good"}, "good", "good"),  # the far end is polled by nobody
        (UP, "unknown", "unknown"),
        (UP | {NEAR: "good", FAR: "unknown"}, "unknown", "unknown"),
        (UP | {NEAR: "good", ("core-1", ""): "bad"}, "bad", "bad"),
        ({}, "unknown", "unknown"),
    ],
)
def test_a_leg_is_the_worst_of_its_measured_ends(
    province: Database, engineer: Actor, *, said: Said, leg: str, whole: str
) -> None:
    assert stated(province, engineer, said) == (leg, whole)


def test_a_silent_monitor_leaves_a_way_unknown(province: Database, engineer: Actor) -> None:
    said = UP | {NEAR: "good", FAR: "good"}
    assert stated(province, engineer, said, age=600) == ("unknown", "unknown")


def test_a_leg_beyond_the_askers_scope_is_unknown(province: Database, engineer: Actor) -> None:
    nobody = replace(engineer, scope_ids=frozenset())
    with province.read() as session:
        topology = inventory.load_topology(session)
        way = inventory.way_between(session, engineer, topology, "rtr-01")
        assert way is not None
        hidden = replace(way, legs=tuple(replace(leg, is_hidden=True) for leg in way.legs))
        assert way_state(session, nobody, hidden).legs == ("unknown",)
