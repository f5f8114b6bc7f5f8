"""An agent in the test's own loop (v1, v2c) whose every answer a test may bend."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.snmp.ber import arcs_of, oid_octets, tlv
from hatang.drivers.target import SnmpCommunity, Target
from tests.hatang.drivers.snmp.messages import (
    END_OF_VIEW,
    IF_DESCR,
    IF_OPER,
    IF_SPEED,
    NO_INSTANCE,
    UP_TIME,
    Variable,
    message,
    response,
    written,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from hatang.drivers.snmp import EngineReader

COMMUNITY = SnmpCommunity("public", "test")
COMMUNITY_V1 = SnmpCommunity("public", "test", "1")
QUICK = SnmpLimits(request_seconds=0.1, deadline_seconds=2.0, retries=1, rows=100)
GET, GET_NEXT, GET_BULK = 0xA0, 0xA1, 0xA5


@dataclass
class Asked:
    """A request as the agent reads it; `repeaters` are the columns of a GETBULK."""

    version: int
    kind: int
    request_id: int
    single: int
    repetitions: int
    names: list[bytes]

    def says(self, *, status: int, index: int = 0) -> list[bytes]:
        return [self.reply([], status=status, index=index)]

    def reply(self, variables: list[Variable], *, status: int = 0, index: int = 0) -> bytes:
        pdu = response(self.request_id, written(variables), status=status, index=index)
        return message(pdu, version=self.version)


def rows(count: int, *columns: str) -> dict[str, tuple[int, bytes]]:
    """Return a table of `count` rows: IF_DESCR texts, the others numbers."""
    return {
        f"{column}.{row}": (4, b"eth%d" % row) if column == IF_DESCR else (2, bytes((row,)))
        for column in columns or (IF_DESCR, IF_SPEED, IF_OPER)
        for row in range(1, count + 1)
    } | {UP_TIME: (0x43, b"\x01\x02")}


@dataclass
class Scripted(asyncio.DatagramProtocol):
    """Answers from `cells` as the standard says; `bend` may answer in its place, or be None."""

    cells: dict[str, tuple[int, bytes]] = field(default_factory=lambda: rows(24))
    bend: Callable[[Scripted, Asked], list[bytes] | None] | None = None
    asked: list[Asked] = field(default_factory=list)
    transport: Any = None
    peer: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        known = ((oid_octets(name), *cell) for name, cell in self.cells.items())
        self._known = sorted(known, key=lambda each: arcs_of(each[0]))

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.peer = address
        asked = understood(data)
        self.asked.append(asked)
        bent = None if self.bend is None else self.bend(self, asked)
        for datagram in [self.honest(asked)] if bent is None else bent:
            self.transport.sendto(datagram, address)

    def honest(self, asked: Asked) -> bytes:
        if asked.kind == GET:
            return asked.reply([self._exactly(name) for name in asked.names])
        found = [self._following(name) for name in asked.names[: asked.single]]
        cursors = asked.names[asked.single :]
        for _ in range(asked.repetitions):
            row = [self._following(name) for name in cursors]
            found += row
            cursors = [name for name, _, _ in row]
        return asked.reply(found)

    def _exactly(self, name: bytes) -> Variable:
        return next((cell for cell in self._known if cell[0] == name), (name, NO_INSTANCE, b""))

    def _following(self, name: bytes) -> Variable:
        arcs = arcs_of(name)
        later = (cell for cell in self._known if arcs_of(cell[0]) > arcs)
        return next(later, (name, END_OF_VIEW, b""))


def understood(data: bytes) -> Asked:
    """Read a request of ours, which has short tags and whole lengths."""
    at, _ = _inside(data, 0)
    version, at = _number(data, at)
    start, size = _inside(data, at)
    at = start + size
    kind = data[at]
    at, _ = _inside(data, at)
    request_id, at = _number(data, at)
    first, at = _number(data, at)
    second, at = _number(data, at)
    at, _ = _inside(data, at)
    names = []
    while at < len(data):
        inner, size = _inside(data, at)
        name_at, name_size = _inside(data, inner)
        names.append(data[name_at : name_at + name_size])
        at = inner + size
    if kind != GET_BULK:
        first, second = 0, 1
    return Asked(version, kind, request_id, first, second, names)


def _inside(data: bytes, at: int) -> tuple[int, int]:
    size = data[at + 1]
    if size < 0x80:
        return at + 2, size
    octets = size & 0x7F
    return at + 2 + octets, int.from_bytes(data[at + 2 : at + 2 + octets], "big")


def _number(data: bytes, at: int) -> tuple[int, int]:
    start, size = _inside(data, at)
    return int.from_bytes(data[start : start + size], "big", signed=True), start + size


@asynccontextmanager
async def listening(
    agent: asyncio.DatagramProtocol, host: str = "127.0.0.1"
) -> AsyncIterator[Target]:
    """Let `agent` answer on loopback, and yield where."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: agent, local_addr=(host, 0))
    try:
        yield Target("bad", host, transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


@asynccontextmanager
async def reading(
    agent: asyncio.DatagramProtocol,
    login: SnmpCommunity = COMMUNITY,
    limits: SnmpLimits = QUICK,
) -> AsyncIterator[tuple[Engine, EngineReader]]:
    """Yield an engine and a reader of `agent`."""
    async with listening(agent) as target, Engine() as engine:
        yield engine, engine.reader(target, login, limits)


__all__ = ["Asked", "Scripted", "listening", "reading", "rows", "tlv"]
