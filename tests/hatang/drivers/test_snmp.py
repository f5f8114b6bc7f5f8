"""SNMP reads: a good agent, and agents that break the protocol."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.target import SnmpCommunity, SnmpUser, Target
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.snmpagent import (
    COLUMN,
    COMMUNITY,
    USER,
    USER_SHA256,
    Agent,
    Request,
    start_bad,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.drivers.snmp import EngineReader
    from hatang.drivers.target import SnmpLogin

SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME = (f"1.3.6.1.2.1.1.{column}.0" for column in (1, 2, 3))
SYSTEM = "1.3.6.1.2.1.1"
FAST = SnmpLimits(request_seconds=0.2, deadline_seconds=1.0, retries=1, rows=50)


def reader_of(target: Target, login: SnmpLogin, limits: SnmpLimits | None = None) -> EngineReader:
    return Engine().reader(target, login, limits)


@pytest.fixture(scope="module")
def agent(loop: asyncio.AbstractEventLoop) -> Iterator[Agent]:
    with Agent(loop) as agent:
        yield agent


@pytest.mark.parametrize(
    "login", [USER, USER_SHA256, COMMUNITY], ids=["v3 SHA", "v3 SHA-256", "v2c"]
)
def test_values_come_typed_and_absent_ones_stay_absent(
    agent: Agent, login: SnmpUser | SnmpCommunity
) -> None:
    async def read() -> None:
        reader = reader_of(agent.target, login)
        values = await reader.get([SYS_DESCR, f".{SYS_OBJECT_ID}", SYS_UPTIME, "1.3.6.1.2.1.99.0"])
        assert list(values) == [SYS_DESCR, f".{SYS_OBJECT_ID}", SYS_UPTIME]
        assert isinstance(values[SYS_DESCR], bytes)
        assert str(values[f".{SYS_OBJECT_ID}"]).startswith("1.3.6.1.4.1.")
        assert isinstance(values[SYS_UPTIME], int)
        await reader.close()

    asyncio.run(read())


def test_a_column_is_read_whole_by_index(agent: Agent) -> None:
    async def read() -> None:
        reader = reader_of(agent.target, USER)
        found = await reader.columns([SYSTEM, "1.3.6.1.2.1.99"], max_repetitions=2)
        assert list(found[SYSTEM])[:3] == ["1.0", "2.0", "3.0"]
        assert found["1.3.6.1.2.1.99"] == {}

    asyncio.run(read())


def test_calls_at_the_same_time_wait_for_each_other(agent: Agent) -> None:
    async def read() -> None:
        reader = reader_of(agent.target, USER)
        await reader.get([SYS_DESCR])
        replies = await asyncio.gather(*(reader.get([SYS_DESCR]) for _ in range(5)))
        assert all(SYS_DESCR in reply for reply in replies)

    asyncio.run(read())


def test_clear_text_needs_a_named_waiver() -> None:
    with pytest.raises(ValueError, match="waiver"):
        SnmpCommunity("public", "")


def test_no_secret_shows_in_a_login() -> None:
    shown = repr(USER) + repr(SnmpCommunity("s3cret", "waiver 7"))
    assert not any(secret in shown for secret in ("authpass123", "privpass123", "s3cret"))


def test_an_agent_that_is_not_there_times_out() -> None:
    reader = reader_of(Target("r9", "127.0.0.1", 9), COMMUNITY, FAST)
    assert _failure(reader).reason in {Reason.TIMEOUT, Reason.REFUSED}


def _loops(request: Request) -> list[bytes]:
    return [request.reply([(f"{COLUMN}.{row}", "eth") for row in (1, 2, 3, 1)])]


def _repeats(request: Request) -> list[bytes]:
    return [request.reply([(f"{COLUMN}.5", "eth")])]


def _decreases(request: Request) -> list[bytes]:
    return [request.reply([(f"{COLUMN}.10", "eth"), (f"{COLUMN}.9", "eth")])]


def _never_ends(request: Request) -> list[bytes]:
    suffix = request.oids[0][len(COLUMN) + 1 :] or "0"
    return [request.reply([(f"{COLUMN}.{int(suffix) + row}", "eth") for row in range(1, 11)])]


def _is_cut(request: Request) -> list[bytes]:
    return [request.reply([(f"{COLUMN}.1", "eth")])[:-4]]


def _has_another_id(request: Request) -> list[bytes]:
    return [request.reply([(f"{COLUMN}.1", "eth")], request_id=request.request_id ^ 1)]


def _is_noise(_request: Request) -> list[bytes]:
    return [b"\x30\x84\xff\xff\xff\xff", b"\x00" * 40]


def _is_silent(_request: Request) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    ("misbehave", "reason", "words"),
    [
        (_loops, Reason.PROTOCOL_ERROR, "do not increase"),
        (_repeats, Reason.PROTOCOL_ERROR, "do not increase"),
        (_decreases, Reason.PROTOCOL_ERROR, "do not increase"),
        (_never_ends, Reason.PROTOCOL_ERROR, "more than 50 rows"),
        (_is_cut, Reason.PROTOCOL_ERROR, "bad "),
        (_is_noise, Reason.PROTOCOL_ERROR, "bad "),
        (_has_another_id, Reason.TIMEOUT, "bad "),
        (_is_silent, Reason.TIMEOUT, "bad "),
    ],
)
def test_a_walk_over_a_broken_agent_ends_in_time_with_a_reason(
    misbehave: Callable[[Request], list[bytes]], reason: Reason, words: str
) -> None:
    async def walk() -> DriverError:
        target, transport = await start_bad(misbehave)
        with pytest.raises(DriverError, match=words) as caught:
            await reader_of(target, COMMUNITY, FAST).columns([COLUMN])
        transport.close()
        return caught.value

    started = clock.monotonic()
    assert asyncio.run(walk()).reason is reason
    assert clock.monotonic() - started < 2


def test_a_walk_without_end_stops_at_the_deadline_though_every_reply_is_quick() -> None:
    async def walk() -> DriverError:
        target, transport = await start_bad(_never_ends)
        limits = dataclasses.replace(FAST, deadline_seconds=0.3, rows=1_000_000)
        with pytest.raises(DriverError) as caught:
            await reader_of(target, COMMUNITY, limits).columns([COLUMN])
        transport.close()
        return caught.value

    started = clock.monotonic()
    assert asyncio.run(walk()).reason is Reason.TIMEOUT
    assert clock.monotonic() - started < 1


def test_a_cancelled_read_lets_the_next_one_through(agent: Agent) -> None:
    async def read() -> None:
        reader = reader_of(agent.target, USER)
        task = asyncio.create_task(reader.columns(["1.3.6.1"]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert SYS_DESCR in await reader.get([SYS_DESCR])

    asyncio.run(read())


def test_datagrams_for_somebody_else_do_not_hold_up_the_deadline() -> None:
    async def flooded() -> DriverError:
        tasks: list[asyncio.Task[None]] = []

        async def flood(request: Request) -> None:
            while True:
                transport.sendto(_has_another_id(request)[0], transport.get_protocol().peer)
                await asyncio.sleep(0.02)

        def start(request: Request) -> list[bytes]:
            tasks.append(asyncio.create_task(flood(request)))
            return []

        target, transport = await start_bad(start)
        with pytest.raises(DriverError) as caught:
            await reader_of(target, COMMUNITY, FAST).get([SYS_DESCR])
        for task in tasks:
            task.cancel()
        transport.close()
        return caught.value

    started = clock.monotonic()
    assert asyncio.run(flooded()).reason is Reason.TIMEOUT
    assert clock.monotonic() - started < 2


def _failure(reader: EngineReader) -> DriverError:
    with pytest.raises(DriverError) as caught:
        asyncio.run(reader.get([SYS_DESCR]))
    return caught.value
