"""One client of the benchmark in a process of its own: polls all devices twice, prints figures.

`python -m bench.snmp.client NAME PORT DEVICES FLYING [SPREAD]`; with SPREAD each device is polled
at its own moment of so many seconds, and how long healthy devices took is told.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

from hatang.drivers.snmp import Engine, Query, SnmpLimits
from hatang.drivers.target import SnmpCommunity, SnmpUser, Target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Poll = Callable[[], Awaitable[int]]

PORTS = int(os.environ.get("HATANG_BENCH_PORTS", "24"))
FIRST_ADDRESS = 0x7F0A0001
UP_TIME = "1.3.6.1.2.1.1.3.0"
TABLE = (
    *(f"1.3.6.1.2.1.2.2.1.{column}" for column in (7, 8, 13, 14, 19, 20)),
    *(f"1.3.6.1.2.1.31.1.1.1.{column}" for column in (1, 6, 7, 10, 11, 15)),
)
CELLS = 1 + PORTS * len(TABLE)


def address(number: int) -> str:
    """Return the address of a device."""
    return ".".join(str(FIRST_ADDRESS + number >> shift & 0xFF) for shift in (24, 16, 8, 0))


def expected(number: int, column: int, row: int) -> int:
    """Return the Counter64 the agent tells, less the 16 bits by which it moves."""
    seed = (FIRST_ADDRESS + number & 0xFFFFFF) * 1000003 + column * 1009 + row
    return seed * 65537 + (1 << 40)


def ours(port: int, devices: int, *, v3: bool) -> list[Poll]:
    """Return a poll for each device by our engine."""
    login = (
        SnmpUser("nms", "auth-password", "priv-password") if v3 else SnmpCommunity("public", "b")
    )
    engine, query = Engine(), Query((UP_TIME,), (TABLE,))
    limits = SnmpLimits(request_seconds=2.0, deadline_seconds=24.0, retries=1)

    def of(number: int) -> Poll:
        reader = engine.reader(Target(f"d{number}", address(number), port), login, limits)
        checked = False

        async def poll() -> int:
            nonlocal checked
            found = await reader.poll(query)
            if not checked:
                checked = True
                cells = found.columns[TABLE[7]].cells
                assert all(
                    int(cells[str(row)]) - expected(number, 7, row) in range(65536)
                    for row in range(1, PORTS + 1)
                )
                assert found.columns[TABLE[6]].cells[str(PORTS)] == b"Gi1/0/%d" % PORTS
            return len(found.scalars) + sum(len(found.columns[name].cells) for name in TABLE)

        return poll

    return [of(number) for number in range(devices)]


def gufo(port: int, devices: int, *, v3: bool) -> list[Poll]:
    """Return a poll for each device by gufo-snmp, in its cheapest way: GETs of known cells."""
    from gufo.snmp import SnmpVersion, User  # noqa: PLC0415 - each process has one client
    from gufo.snmp.aio import SnmpSession  # noqa: PLC0415 - likewise
    from gufo.snmp.user import Aes128Key, Sha1Key  # noqa: PLC0415 - likewise

    names = [UP_TIME, *(f"{name}.{row}" for name in TABLE for row in range(1, PORTS + 1))]
    chunks = [names[start : start + 58] for start in range(0, len(names), 58)]
    user = User("nms", auth_key=Sha1Key(b"auth-password"), priv_key=Aes128Key(b"priv-password"))

    def of(number: int) -> Poll:
        how = {"user": user} if v3 else {"community": "public", "version": SnmpVersion.v2c}
        session: Any = None

        async def poll() -> int:
            nonlocal session
            if session is None:
                session = SnmpSession(addr=address(number), port=port, timeout=2.0, **how)
                await session.refresh()
            return sum([len(await session.get_many(chunk)) for chunk in chunks])

        return poll

    return [of(number) for number in range(devices)]


def pysnmp(port: int, devices: int, *, v3: bool) -> list[Poll]:
    """Return a poll for each device by pysnmp."""
    from pysnmp.hlapi.v3arch import asyncio as api  # noqa: PLC0415 - each process has one client

    engine = api.SnmpEngine()
    who = (
        api.UsmUserData(
            "nms", "auth-password", "priv-password",
            authProtocol=api.USM_AUTH_HMAC96_SHA, privProtocol=api.USM_PRIV_CFB128_AES,
        )
        if v3
        else api.CommunityData("public", mpModel=1)
    )  # fmt: skip

    def of(number: int) -> Poll:
        transport: Any = None

        async def poll() -> int:
            nonlocal transport
            if transport is None:
                where = (address(number), port)
                transport = await api.UdpTransportTarget.create(where, timeout=20, retries=0)
            seen, after, single = set[str](), list(TABLE), [UP_TIME.removesuffix(".0")]
            while after:
                asked = [api.ObjectType(api.ObjectIdentity(name)) for name in single + after]
                error, _, _, found = await api.bulk_cmd(
                    engine,
                    who,
                    transport,
                    api.ContextData(),
                    len(single),
                    5,
                    *asked,
                    lookupMib=False,
                )
                assert error is None, error
                rows = found[len(single) :]
                rows = rows[: len(rows) // len(TABLE) * len(TABLE)]
                inside = [
                    name
                    for place, (oid, _) in enumerate(rows)
                    if (name := str(oid)).startswith(f"{TABLE[place % len(TABLE)]}.")
                ]
                seen.update(inside, [UP_TIME])
                single, after = [], inside[-len(TABLE) :] if len(inside) == len(rows) else []
            return len(seen)

        return poll

    return [of(number) for number in range(devices)]


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def sweep(polls: list[Poll], flying: int) -> int:
    """Poll every device, so many at once; returns how many came whole."""
    todo = iter(polls)

    async def work() -> int:
        return sum([await poll() == CELLS for poll in todo])

    return sum(await asyncio.gather(*(work() for _ in range(flying))))


async def spread(polls: list[Poll], seconds: float) -> dict[str, object]:
    """Poll every device at its moment; returns how long those that answer took."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    ended = began

    async def one(number: int, poll: Poll) -> float | None:
        nonlocal ended
        due = began + number * seconds / len(polls)
        await asyncio.sleep(max(0.0, due - loop.time()))
        try:
            whole = await poll() == CELLS
        except Exception:  # noqa: BLE001 - a dead device fails in each client's own way
            return None
        ended = loop.time()
        return ended - due if whole else None

    took = await asyncio.gather(*(one(number, poll) for number, poll in enumerate(polls)))
    healthy = sorted(each for each in took if each is not None)
    return {
        "good": len(healthy),
        "wall_s": loop.time() - began,
        "healthy_wall_s": ended - began,
        "p50_ms": healthy[len(healthy) // 2] * 1e3,
        "p99_ms": healthy[len(healthy) * 99 // 100] * 1e3,
        "max_ms": healthy[-1] * 1e3,
    }


async def measure(polls: list[Poll], flying: int, seconds: float) -> dict[str, object]:
    """Return the figures of a warm sweep, or of polls spread over `seconds`."""
    before = cpu()
    if seconds:
        figures = await spread(polls, seconds)
        return figures | {"cpu_s": cpu() - before}
    await sweep(polls, flying)
    cold = cpu() - before
    gc.collect()
    began, before = time.perf_counter(), cpu()
    good = await sweep(polls, flying)
    return {
        "good": good,
        "cold_s": cold,
        "cpu_s": cpu() - before,
        "wall_s": time.perf_counter() - began,
    }


CLIENTS = {"hatang": ours, "gufo": gufo, "pysnmp": pysnmp}


def main(words: list[str]) -> None:
    """Run the client named in `words` and print its figures as JSON."""
    name, port, devices, flying = words[0], int(words[1]), int(words[2]), int(words[3])
    seconds = float(words[4]) if len(words) > 4 else 0.0
    make = CLIENTS[name.split()[0]]
    polls = make(port, devices, v3="v3" in name)
    figures = asyncio.run(measure(polls, flying, seconds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({**figures, "devices": devices, "peak_mb": peak / 1024}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
