"""How the devices and links of a way are: what was measured at both ends of each link."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from monitors import service
from monitors.choices import ElementKind, State, worst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.service import Leg, Way, Waypoint

_Known = dict[tuple[str, str], State]


@dataclass(frozen=True, slots=True)
class WayState:
    """The states of a way's waypoints and legs, in their order, and the worst of all.

    What lies beyond the asker's scope, and what nobody measures, is unknown.
    """

    waypoints: tuple[State, ...]
    legs: tuple[State, ...]
    state: State


def way_state(session: AnySession, actor: Actor, way: Way) -> WayState:
    """Return how a way is now; raises DeniedError when the actor may see no states."""
    keys = [point.device_key for point in way.waypoints if point.name is not None]
    known: _Known = {
        (status.element.owner, status.element.name): status.state
        for status in service.list_status(session, actor, owner=keys)
        if status.element.kind in {ElementKind.DEVICE, ElementKind.INTERFACE}
    }
    points = tuple(known.get((point.device_key, ""), State.UNKNOWN) for point in way.waypoints)
    joined = zip(way.legs, pairwise(way.waypoints), strict=True)
    legs = tuple(_leg(known, leg, near, far) for leg, (near, far) in joined)
    return WayState(points, legs, worst([*points, *legs]))


def described(way: Way, found: WayState) -> dict[str, Any]:
    """Return a way with its states as both doors tell it; keys of machines are left out."""
    points = zip(way.waypoints, found.waypoints, strict=True)
    legs = zip(way.legs, found.legs, strict=True)
    return {
        "state": found.state,
        "narrowest_forth_kbps": way.narrowest_forth_kbps,
        "narrowest_back_kbps": way.narrowest_back_kbps,
        "waypoints": [
            _without(asdict(one), "device_key") | {"state": state} for one, state in points
        ],
        "legs": [_without(asdict(one), "link") | {"state": state} for one, state in legs],
    }


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def _leg(known: _Known, leg: Leg, near: Waypoint, far: Waypoint) -> State:
    """Return how a link is: the worst of the ends that are measured.

    An end that nobody polls, as the carrier's or an unmanaged switch's, says nothing; the other one
    decides. A dead device at an end makes the link bad: nothing gets through there.
    """
    if leg.is_hidden or leg.is_assumed:
        return State.UNKNOWN
    ends = ((near.device_key, leg.out_interface), (far.device_key, leg.in_interface))
    return worst([state for end in ends for state in _end(known, *end)])


def _end(known: _Known, device: str, port: str) -> Iterator[State]:
    if known.get((device, "")) is State.BAD:
        yield State.BAD
    elif (device, port) in known:
        yield known[device, port]
