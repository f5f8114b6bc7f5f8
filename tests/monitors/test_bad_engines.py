"""SNMPv3 agents whose engine is another than it was, or than it should be, in the poll loop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import Engine, SnmpLimits
from monitors.collect import Memory, collect
from tests.hatang.drivers.snmpagent import USER, Agent
from tests.monitors.fakes import only_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.drivers.snmp import EngineReader

PATIENT = SnmpLimits(request_seconds=2.0, deadline_seconds=10.0, retries=1)
MODULE = {
    "name": "test",
    "source": "nowhere",
    "when": [{"any": True}],
    "scalars": [{"name": "descr", "oid": "1.3.6.1.2.1.1.1.0", "type": "text", "help": "h"}],
}


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    only_module(monkeypatch, MODULE)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run the agents' own loop in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


async def read(reader: EngineReader, memory: Memory) -> None:
    found = await collect(reader, "", "", memory)
    assert not found.gaps
    assert found.scalars["descr"]


@pytest.mark.slow
def test_an_engine_that_rebooted_or_was_replaced_is_read_within_the_poll(
    loop: asyncio.AbstractEventLoop,
) -> None:
    engine, memory = Engine(), Memory()
    with asyncio.Runner() as runner:
        with Agent(loop, boots=7) as first:
            reader = engine.reader(first.target, USER, PATIENT)
            runner.run(read(reader, memory))
        for boots, engine_id in ((9, None), (2, None), (2, "8000000001020399")):
            with Agent(loop, boots=boots, port=first.port, engine_id=engine_id):
                runner.run(read(reader, memory))
        engine.close()


@pytest.mark.slow
def test_devices_that_claim_one_engine_id_are_polled_side_by_side(
    loop: asyncio.AbstractEventLoop,
) -> None:
    async def polls(first: Agent, second: Agent) -> None:
        memories = (Memory(), Memory())
        async with Engine() as engine:
            readers = [engine.reader(agent.target, USER, PATIENT) for agent in (first, second)]
            for _ in range(3):
                await asyncio.gather(*map(read, readers, memories))
            assert engine.counts.sent == engine.counts.answered == 2 * (3 + 1)

    with Agent(loop, boots=3) as first, Agent(loop, boots=900) as second:
        asyncio.run(polls(first, second))
