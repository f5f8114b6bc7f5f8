"""The walk: ask an address, read who answers, go on to whom it knows.

A dead address costs its own time and nobody else's.
Nothing here knows the database: logins, transports and the memory of tries come in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from hatang.drivers.target import SnmpCommunity
from hatang.errors import DriverError, Reason
from hatang.operations import classify
from inventory.discovery import identity
from inventory.discovery.facts import Facts
from inventory.discovery.failures import Failure
from inventory.discovery.order import may_ask
from inventory.discovery.pacing import Pacer
from inventory.discovery.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from hatang.drivers.protocols import Pinger
    from hatang.drivers.target import SnmpLogin
    from inventory.discovery.logins import Groups
    from inventory.discovery.order import Order
    from inventory.discovery.reading import Agent

PINGS, PING_SECONDS = 2, 1.0
# Before a device is called gone: a busy machine may be late for two replies in a row.
EXPECTED_PINGS = 6


class Transports(Protocol):
    """How devices are reached; blocking calls are made in threads."""

    @property
    def pinger(self) -> Pinger:
        """Echo requests."""

    def reader(self, address: str, login: SnmpLogin) -> Agent:
        """Return a reader of the SNMP agent at `address`."""

    def host_keys(self, address: str) -> tuple[str, ...]:
        """Return the public key lines its SSH server shows, none when it has none; blocks."""


class Tries(Protocol):
    """The memory of what was tried where, kept over restarts; blocks."""

    def begin(self, address: str, credential: str) -> bool:
        """Count one more try and return True, or return False when there were enough."""

    def end(self, address: str, credential: str, *, accepted: bool | None) -> None:
        """Forget the tries when it was accepted; uncount this one when nobody answered (None)."""


@dataclass(slots=True)
class Found:
    """What a run found so far; `closed` are those that showed an SSH key and let nobody in."""

    devices: list[Facts] = field(default_factory=list)
    closed: list[Facts] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    asked: int = 0
    answered: int = 0
    is_cut: bool = False


@dataclass(slots=True)
class Sweep:
    """One run over its order; `logins` are SNMP logins by the credential's name.

    `offered` tells which of them an address is offered, in groups: the first ones first.
    `expected` are the addresses of known devices: their silence is believed late. `seen` are the
    addresses that were, or were to be, asked; `silent` those that gave no echo.
    """

    order: Order
    logins: Mapping[str, SnmpLogin]
    transports: Transports
    tries: Tries
    is_lab: bool = False
    stopped: Callable[[], bool] = lambda: False
    told: Callable[[Found], None] = lambda _found: None
    expected: Collection[str] = ()
    offered: Callable[[str], Groups] | None = None
    found: Found = field(default_factory=Found)
    seen: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    _covered: set[str] = field(default_factory=set)
    _known: identity.Known = field(default_factory=identity.Known)
    _worked: dict[str, str] = field(default_factory=dict)

    async def run(self) -> Found:
        """Walk until nobody new is known or a limit is reached, and return what was found."""
        pacer, gate = Pacer(self.order.limits), asyncio.Semaphore(self.order.limits.at_once)
        waiting = self._new(list(self.order.first()))
        for _depth in range(self.order.limits.depth + 1):
            if not waiting:
                break
            before = len(self.found.devices)
            tasks = [self._visit(address, pacer, gate) for address in waiting]
            await asyncio.gather(*tasks)
            fresh = self.found.devices[before:]
            waiting = self._new([one for facts in fresh for one in _known_to(facts)])
        self.found.is_cut |= bool(waiting)
        return self.found

    def _new(self, addresses: list[str]) -> list[str]:
        """Return those that may be asked and were not, up to the limit of addresses."""
        networks = self.order.networks()
        fresh = [
            address
            for address in dict.fromkeys(addresses)
            if address not in self.seen
            and (address in self.order.seeds or may_ask(address, networks, is_lab=self.is_lab))
        ]
        left = max(0, self.order.limits.addresses - len(self.seen))
        self.found.is_cut |= len(fresh) > left
        self.seen.update(fresh[:left])
        return fresh[:left]

    async def _visit(self, address: str, pacer: Pacer, gate: asyncio.Semaphore) -> None:
        async with gate:
            await pacer.wait(address)
            full = len(self.found.devices) >= self.order.limits.devices
            if address in self._covered or self.stopped() or full:
                self.found.is_cut |= full
                return
            try:
                facts = await self._ask(address)
            except DriverError as error:
                self.found.failures.append(Failure(address, error.reason, error.message))
            except Exception as error:  # noqa: BLE001 - one device's surprise spoils no other
                self.found.failures.append(Failure(address, classify(error), str(error)[:200]))
            else:
                if facts is not None:
                    self._keep(facts)
            self.told(self.found)

    def _keep(self, facts: Facts) -> None:
        self._covered |= facts.own_addresses
        marks = identity.marks(facts)
        if self._known.find(marks) is None:
            self._known.add(len(self.found.devices), marks)
            self.found.devices.append(facts)

    async def _ask(self, address: str) -> Facts | None:
        self.found.asked += 1
        alive = await self._echoes(address, PINGS)
        if not alive and address in self.expected:
            alive = await self._echoes(address, EXPECTED_PINGS)
        if not alive:
            self.silent.add(address)
        if not alive and address not in self.order.seeds:
            return None  # an address where nobody is: counted, and no failure
        self.found.answered += alive
        try:
            facts = await self._read(address)
        except DriverError:
            keys = await asyncio.to_thread(self.transports.host_keys, address)
            if keys:
                self.found.closed.append(Facts(address, host_keys=keys))
            raise
        keys = await asyncio.to_thread(self.transports.host_keys, address)
        return replace(facts, host_keys=keys)

    async def _echoes(self, address: str, count: int) -> bool:
        pinger = self.transports.pinger
        pings = await pinger.ping([address], count=count, timeout_seconds=PING_SECONDS)
        return pings[address].received > 0

    async def _read(self, address: str) -> Facts:
        refused: list[str] = []
        names, silence = self._names(address), None
        for name in names:
            if not await asyncio.to_thread(self.tries.begin, address, name):
                refused.append(name)
                continue
            login = self.logins[name]
            reader = self.transports.reader(address, login)
            try:
                facts = await read(reader, address)
            except DriverError as error:
                accepted = False if error.reason is Reason.AUTH_FAILED else None
                await asyncio.to_thread(self.tries.end, address, name, accepted=accepted)
                if accepted is None and not isinstance(login, SnmpCommunity):
                    raise
                silence = error if accepted is None else None
                continue
            finally:
                await reader.close()
            await asyncio.to_thread(self.tries.end, address, name, accepted=True)
            self._worked[name] = address
            return replace(facts, credential=name)
        # A wrong community is met with silence, so that it tells nothing of the others.
        raise silence or _nobody_let_in(address, refused, bool(names))

    def _names(self, address: str) -> list[str]:
        """Return the logins to try: group by group, what already worked in this run first."""
        groups = self.offered(address) if self.offered else (self.order.credentials, self.logins)
        names = [name for group in groups for name in sorted(group, key=self._is_new)]
        return list(dict.fromkeys(names))

    def _is_new(self, name: str) -> bool:
        return name not in self._worked


def _known_to(facts: Facts) -> list[str]:
    """Return the addresses a device knows of others: neighbours, who it talks to, routers."""
    near = [address for neighbour in facts.neighbours for address in neighbour.addresses]
    return [*near, *(address for address, _ in facts.arp), *facts.hosts]


def _nobody_let_in(address: str, refused: list[str], has_logins: bool) -> DriverError:  # noqa: FBT001
    if not has_logins:
        return DriverError(
            f"{address}: no SNMP credential is of its place, and the order names none",
            Reason.NOT_SUPPORTED,
        )
    if refused:
        names = ", ".join(refused)
        message = f"{address}: refused {names} as often as was allowed; not tried again"
        return DriverError(message, Reason.REJECTED)
    return DriverError(
        f"{address}: accepts none of the SNMP credentials of its place", Reason.AUTH_FAILED
    )
