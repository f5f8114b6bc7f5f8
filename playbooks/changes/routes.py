"""The health gate that asks the devices of a wave themselves whether they know the way home.

A device that answers over one way may have lost the route by which everything else leaves it. The
data centre is where the monitors stand: the devices that the topology begins at. One login a look;
a device whose driver cannot tell is unknown, never good.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang.auth import Actor
from hatang.errors import HatangError
from hatang.gates import Finding, Verdict
from inventory import service as inventory
from inventory.choices import DeviceRole
from inventory.models import Device
from playbooks.access import Access, open_driver, prepare
from playbooks.pace import USUAL, Pace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.db import AnySession, Database
    from hatang.drivers.protocols import HostKeys

KIND: Final = "route:"
SOURCE: Final = "routes"
NO_GOAL: Final = "no device of the data centre has an address"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A device and where its route must lead; `refused` says why it cannot be asked."""

    element: str
    access: Access | None
    refused: str = ""


class RouteHealth:
    """Fills the gate HEALTH for elements `route:DEVICE-KEY`."""

    def __init__(self, db: Database, host_keys: HostKeys, pace: Pace = USUAL) -> None:
        self._db = db
        self._host_keys = host_keys
        self._pace = pace

    def covers(self, session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        """Return the routes asked for; the data centre's own devices need none."""
        wanted = [each for each in elements if each.startswith(KIND)]
        home = {f"{KIND}{key}" for key, _ in _home(session)} if wanted else set[str]()
        return [each for each in wanted if each not in home]

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        """Ask each device, a few at a time, for its route to any device of the data centre."""
        with self._db.read() as session:
            goals = [address for _, address in _home(session) if address is not None]
            if not goals:
                return [Finding(each, Verdict.UNKNOWN, NO_GOAL, SOURCE) for each in elements]
            asked = [_asked(session, each) for each in elements]
        with ThreadPoolExecutor(max_workers=self._pace.at_once, thread_name_prefix="route") as pool:
            return list(pool.map(lambda one: self._ask(one, goals), asked))

    def _ask(self, asked: _Asked, goals: Sequence[str]) -> Finding:
        if asked.access is None:
            return Finding(asked.element, Verdict.UNKNOWN, asked.refused, SOURCE)
        try:
            with (
                self._pace.turn(self._db, asked.access.aaa_server),
                open_driver(asked.access, self._host_keys) as driver,
            ):
                for goal in goals:
                    found = driver.call("get_route_to", destination=goal)
                    if leading := [prefix for prefix, hops in found.items() if _lead(hops)]:
                        how = f"{goal} by {min(leading)}"
                        return Finding(asked.element, Verdict.PASS, how, SOURCE)
        except HatangError as error:
            return Finding(asked.element, Verdict.UNKNOWN, error.message, SOURCE)
        reason = f"no route to {', '.join(goals)}"
        return Finding(asked.element, Verdict.FAIL, reason, SOURCE)


_OWN_TABLES: Final = frozenset({None, "", "default", "inet.0", "inet6.0"})
"""The table that a device sends by itself: a route of a customer's or a management table is no
way home of what is measured."""


def _lead(hops: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a device sends by these next hops, as NAPALM's `get_route_to` tells them."""
    return any(hop.get("routing_table") in _OWN_TABLES for hop in hops)


def _home(session: AnySession) -> list[tuple[str, str | None]]:
    """Return key and address of the devices that the topology begins at, as `load_topology`."""
    statement = select(Device.device_key, Device.primary_ip4).where(Device.role == DeviceRole.CORE)
    return [(key, address) for key, address in session.execute(statement.order_by(Device.id))]


def _asked(session: AnySession, element: str) -> _Asked:
    key = element.removeprefix(KIND)
    number = session.scalar(select(Device.id).where(Device.device_key == key))
    if number is None:
        return _Asked(element, None, "is not in the inventory")
    try:
        device = inventory.get_device(session, Actor.system("gate"), number)
        return _Asked(element, prepare(session, device))
    except HatangError as error:
        return _Asked(element, None, error.message)
